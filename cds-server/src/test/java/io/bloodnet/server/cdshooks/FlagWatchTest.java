package io.bloodnet.server.cdshooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.server.cdshooks.request.HookService;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Flags get quieter while people's reports confirm too few of them. */
class FlagWatchTest {

    private static final HookService VIEW = HookService.PATIENT_VIEW;

    private HooksServer server;

    @BeforeEach
    void start_with_a_floor_of_one_half() {
        CdsHooksConfig.Clinical d = CdsHooksConfig.Clinical.defaults();
        server = new HooksServer(HooksServer.config()
                .withClinical(new CdsHooksConfig.Clinical(
                        d.criticalFor(), d.warningFor(), d.infoFor(), d.silentAfterFeedback(), null, List.of(), 0.5)));
        server.given(Requests.MRN, Findings.positive("job-1", HooksServer.NOW.minus(Duration.ofHours(1))));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void is_critical_at_the_floor_and_a_warning_below_it_and_critical_again() {
        assertThat(indicatorAfter(15, 15)).isEqualTo("critical");
        assertThat(indicatorAfter(14, 16)).isEqualTo("warning");
        assertThat(server.metrics.value("bloodnet_cds_flag_quieter")).isEqualTo(1);
        assertThat(server.metrics.value("bloodnet_cds_flag_reads", "says", "hemorrhage"))
                .isEqualTo(14);
        assertThat(server.metrics.value("bloodnet_cds_flag_reads", "says", "none"))
                .isEqualTo(16);
        assertThat(indicatorAfter(20, 16)).isEqualTo("critical");
        assertThat(server.metrics.value("bloodnet_cds_flag_quieter")).isZero();
    }

    @Test
    void concludes_nothing_from_few_reports() {
        assertThat(indicatorAfter(0, FlagWatch.READS_MIN - 1)).isEqualTo("critical");
        assertThat(indicatorAfter(0, FlagWatch.READS_MIN)).isEqualTo("warning");
    }

    @Test
    void stays_loud_where_the_site_names_no_floor() {
        server.close();
        server = new HooksServer(HooksServer.config());
        server.given(Requests.MRN, Findings.positive("job-1", HooksServer.NOW.minus(Duration.ofHours(1))));
        assertThat(indicatorAfter(0, 1000)).isEqualTo("critical");
    }

    private String indicatorAfter(long confirmed, long denied) {
        server.reads = new FlagReads.Reads(confirmed, denied);
        server.watch.refresh();
        return server.cards(VIEW, Requests.call(VIEW)).get(0).path("indicator").asText();
    }
}
