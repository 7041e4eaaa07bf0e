package io.bloodnet.sandbox.ct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bloodnet.sandbox.cases.HeadContent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SyntheticHeadCtTest {

    private static final int MIDDLE = SyntheticHeadCt.SIZE / 2;

    @ParameterizedTest
    @EnumSource(HeadContent.class)
    void there_is_blood_exactly_where_it_is_asked_for(HeadContent content) {
        SyntheticHeadCt head = SyntheticHeadCt.draw(content, 7, 30);

        if (content.bleed()) {
            assertThat(head.bloodMl()).isBetween(2.0, 120.0);
        } else {
            assertThat(head.bloodMl()).isZero();
        }
    }

    @Test
    void middle_slice_is_air_then_bone_then_brain() {
        short[] slice = SyntheticHeadCt.draw(HeadContent.CLEAN, 3, 30).slices().get(13);

        assertThat(slice[0]).isBetween((short) -1024, (short) -980);
        int bone = 0;
        int first = 0;
        for (int column = 0; column < MIDDLE; column++) {
            if (slice[MIDDLE * SyntheticHeadCt.SIZE + column] > 500) {
                bone++;
                first = first == 0 ? column : first;
            }
        }
        assertThat(bone * SyntheticHeadCt.PIXEL_MM).isBetween(4.0, 11.0);
        double sum = 0;
        for (int column = MIDDLE - 60; column < MIDDLE - 40; column++) {
            sum += slice[(MIDDLE - 60) * SyntheticHeadCt.SIZE + column];
        }
        assertThat(sum / 20).isBetween(20.0, 42.0);
        assertThat(first).isPositive();
    }

    @Test
    void another_seed_is_another_head() {
        assertThat(SyntheticHeadCt.draw(HeadContent.CLEAN, 1, 2).slices().getFirst())
                .isNotEqualTo(
                        SyntheticHeadCt.draw(HeadContent.CLEAN, 2, 2).slices().getFirst());
    }

    @Test
    void refuses_a_number_of_slices_out_of_range() {
        assertThatIllegalArgumentException().isThrownBy(() -> SyntheticHeadCt.draw(HeadContent.CLEAN, 1, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyntheticHeadCt.draw(HeadContent.CLEAN, 1, SyntheticHeadCt.SLICES_MAX + 1));
    }
}
