package io.bloodnet.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class AuditEventTest {

    private static final Instant AT = Instant.parse("2026-11-23T10:15:30.123456789Z");

    @Test
    void refuses_text_over_the_limit_naming_field_and_size_but_not_content() {
        String peer = "secret".repeat(100);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AuditEvent.LinkOpened(AT, About.nothing(), Outcome.SUCCESS, "mllp", peer))
                .withMessage("peer must have 1 to 256 characters, has 600");
    }

    @Test
    void refuses_control_characters_and_lone_surrogates() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> About.job("a\u0000b"))
                .withMessageContaining("jobId");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> About.job("a\ud800b"))
                .withMessageContaining("jobId");
        assertThat(About.job("a\ud83e\udde0b").jobId()).hasSize(4);
    }

    @Test
    void fits_text_from_outside_visibly() {
        assertThat(AuditText.fit("short\r\n", 256)).isEqualTo("short??");
        String fitted = AuditText.fit("\ud83e\udde0".repeat(300), 256);
        assertThat(fitted).hasSizeLessThanOrEqualTo(256).endsWith("...(600 characters)");
        assertThat(About.user(fitted).user()).isEqualTo(fitted);
    }

    @Test
    void keeps_microseconds() {
        var event = new AuditEvent.LinkOpened(AT, About.nothing(), Outcome.SUCCESS, "mllp", "127.0.0.1");
        assertThat(event.at()).isEqualTo(Instant.parse("2026-11-23T10:15:30.123456Z"));
        assertThat(event.type()).isEqualTo("LinkOpened");
    }
}
