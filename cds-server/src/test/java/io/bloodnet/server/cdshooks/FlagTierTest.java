package io.bloodnet.server.cdshooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.server.cdshooks.card.CardTopic;
import io.bloodnet.server.cdshooks.card.Indicator;
import io.bloodnet.server.cdshooks.card.PatientFinding;
import io.bloodnet.server.cdshooks.memory.Acknowledgement;
import io.bloodnet.server.cdshooks.request.Feedback;
import io.bloodnet.server.cdshooks.request.HookRequest;
import io.bloodnet.server.cdshooks.request.HookService;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How loud a flag is. */
class FlagTierTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private final FlagTier tier = new FlagTier(
            CdsHooksConfig.Clinical.defaults(),
            new FlagWatch(
                    begin -> new FlagReads.Reads(0, 0),
                    CdsHooksConfig.Clinical.defaults(),
                    new CdsMetrics(),
                    InstantSource.system()));

    @Test
    void is_critical_while_recent_unread_and_unacknowledged() {
        assertThat(of(Findings.positive("j", hoursAgo(1)))).contains(Indicator.CRITICAL);
        assertThat(of(Findings.positive("j", hoursAgo(24)))).contains(Indicator.CRITICAL);
    }

    @Test
    void gets_quieter_with_age_and_ends() {
        assertThat(of(Findings.positive("j", hoursAgo(25)))).contains(Indicator.WARNING);
        assertThat(of(Findings.positive("j", hoursAgo(72)))).contains(Indicator.WARNING);
        assertThat(of(Findings.positive("j", hoursAgo(73)))).contains(Indicator.INFO);
        assertThat(of(Findings.positive("j", hoursAgo(168)))).contains(Indicator.INFO);
        assertThat(of(Findings.positive("j", hoursAgo(169)))).isEmpty();
    }

    @Test
    void shows_nothing_for_a_negative_finding() {
        assertThat(of(Findings.negative("j", hoursAgo(1)))).isEmpty();
    }

    @Test
    void informs_when_the_study_could_not_be_analyzed() {
        assertThat(of(Findings.notAnalyzed("j", hoursAgo(1)))).contains(Indicator.INFO);
        assertThat(of(Findings.notAnalyzed("j", hoursAgo(73)))).isEmpty();
    }

    @Test
    void shows_nothing_once_a_person_has_reported_finally() {
        PatientFinding finding = Findings.positive("j", hoursAgo(1));
        assertThat(of(Findings.read(finding, hoursAgo(0), true))).isEmpty();
        assertThat(of(Findings.read(finding, hoursAgo(0), false))).isEmpty();
        assertThat(of(Findings.read(finding, hoursAgo(0), null))).isEmpty();
    }

    @Test
    void a_flag_whose_report_was_taken_back_is_as_loud_as_a_new_one_whatever_was_said_of_it_before() {
        PatientFinding old = Findings.positive("j", hoursAgo(200));
        assertThat(of(old)).isEmpty();
        PatientFinding open = Findings.openAgain(old, hoursAgo(2));
        assertThat(of(open)).contains(Indicator.CRITICAL);
        assertThat(of(open, ack("j", Requests.USER, "enc-1", hoursAgo(3)))).contains(Indicator.CRITICAL);
        assertThat(of(open, ack("j", Requests.USER, "enc-1", hoursAgo(1)))).isEmpty();
        assertThat(of(Findings.openAgain(old, hoursAgo(25)))).contains(Indicator.WARNING);
    }

    @Test
    void shows_nothing_of_a_test_order() {
        PatientFinding finding = Findings.positive("j", hoursAgo(1));
        assertThat(of(Findings.of("j", finding.result(), hoursAgo(1), null, false)))
                .isEmpty();
    }

    @Test
    void is_silent_to_who_gave_feedback_and_quieter_afterwards() {
        PatientFinding finding = Findings.positive("j", hoursAgo(1));
        Acknowledgement mine = ack("j", Requests.USER, "enc-9", hoursAgo(1));
        assertThat(of(finding, mine)).isEmpty();
        PatientFinding older = Findings.positive("j", hoursAgo(26));
        assertThat(of(older, ack("j", Requests.USER, "enc-9", hoursAgo(25)))).contains(Indicator.INFO);
    }

    @Test
    void is_a_warning_to_others_in_an_encounter_where_it_was_acknowledged() {
        PatientFinding finding = Findings.positive("j", hoursAgo(1));
        assertThat(of(finding, ack("j", "Practitioner/2", "enc-1", hoursAgo(1))))
                .contains(Indicator.WARNING);
        assertThat(of(finding, ack("j", "Practitioner/2", "enc-2", hoursAgo(1))))
                .contains(Indicator.CRITICAL);
    }

    @Test
    void is_not_quieted_by_feedback_on_another_study_or_an_order() {
        PatientFinding finding = Findings.positive("j", hoursAgo(1));
        Acknowledgement order = new Acknowledgement(
                new CardTopic(CardTopic.Kind.ORDER_SIGN, "j", "warfarin"),
                Requests.USER,
                "enc-1",
                Feedback.Outcome.OVERRIDDEN,
                hoursAgo(1));
        assertThat(of(finding, ack("other", Requests.USER, "enc-1", hoursAgo(1)), order))
                .contains(Indicator.CRITICAL);
    }

    private Optional<Indicator> of(PatientFinding finding, Acknowledgement... acks) {
        HookRequest request =
                HookRequest.parse(HookService.PATIENT_VIEW, Requests.bytes(Requests.call(HookService.PATIENT_VIEW)));
        return tier.of(finding, new FlagTier.Viewer(request, List.of(acks), NOW));
    }

    private static Acknowledgement ack(String jobId, String user, String encounter, Instant at) {
        CardTopic topic = new CardTopic(CardTopic.Kind.FLAG, jobId, null);
        return new Acknowledgement(topic, user, encounter, Feedback.Outcome.ACCEPTED, at);
    }

    private static Instant hoursAgo(long hours) {
        return NOW.minus(Duration.ofHours(hours));
    }
}
