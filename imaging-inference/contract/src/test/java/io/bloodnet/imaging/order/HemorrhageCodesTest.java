package io.bloodnet.imaging.order;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HemorrhageCodesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1386000",
                "I61",
                "I61.9",
                "i619",
                "I62.00",
                "I60.7",
                "S06.4",
                "S065",
                "S06.5X0A",
                "S06.6XAD",
                "S06.6X"
            })
    void a_code_of_hemorrhage_is_known(String code) {
        assertThat(HemorrhageCodes.names(code)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "I63.9", "I69.1", "I6", "S06.0X0A", "S06.5X0S", "13860001", "I61.9 excluded", "XI61"})
    void another_is_not(String code) {
        assertThat(HemorrhageCodes.names(code)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"Y,true", "n,false", "52101004,true", "2667000,false", "POS,true", "NEG,false", "260415000,false", "U,"
    })
    void an_answer_is_yes_no_or_nothing(String code, Boolean answer) {
        assertThat(HemorrhageCodes.answer(code)).isEqualTo(answer);
    }
}
