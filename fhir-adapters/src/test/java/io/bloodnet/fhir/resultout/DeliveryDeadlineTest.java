package io.bloodnet.fhir.resultout;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.testing.FaultProxy;
import io.bloodnet.audit.testing.FaultProxy.Weather;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.Samples;
import io.bloodnet.imaging.finding.Destination.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A delivery asks the EHR some ten times: that each answer comes in time is not enough, the whole delivery must end in time. */
class DeliveryDeadlineTest extends FilingFixture {

    private static final FhirConfig.Limits LIMITS =
            new FhirConfig.Limits(Duration.ofSeconds(1), Duration.ofMillis(800), 1 << 20);
    private static final Duration GRACE = Duration.ofMillis(1_500);

    @Test
    void a_delivery_with_an_ehr_that_is_slow_each_time_ends_in_time_and_files_once_later() {
        try (FaultProxy proxy = new FaultProxy(fhir.base().getPort())) {
            EhrDestination slow = by(proxy.port(), LIMITS);
            proxy.set(new Weather.Slow(Duration.ofMillis(300)));

            long began = System.nanoTime();
            Outcome outcome = slow.deliver(Samples.positive());

            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isLessThan(LIMITS.whole().plus(GRACE));
            assertThat(outcome).isEqualTo(new Outcome.Retry("timeout", null));
            assertThat(((Outcome.Retry) outcome).peerIsAway()).isTrue();

            use(FhirConfig.Naming.DEFAULT, FhirConfig.Results.DEFAULT); // a server that is quick again
            assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
            assertThat(census()).isEqualTo(ONE_POSITIVE);
        }
    }
}
