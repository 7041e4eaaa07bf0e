package io.bloodnet.fhir.ehr;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.About;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.MiniHttp;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.hl7.fhir.r4.model.Patient;
import org.junit.jupiter.api.Test;

/** Searches of several threads at a server that knows only one of the two ways to search. */
class EhrSearchTest {

    private final CyclicBarrier bothPosted = new CyclicBarrier(2);
    private final CountDownLatch oneFound = new CountDownLatch(1);
    private final AtomicInteger posts = new AtomicInteger();

    /** Refuses both POSTs, the second one only when the first search has learned of it. */
    private final class GetOnly extends MiniHttp {

        GetOnly() {
            start();
        }

        @Override
        protected Reply reply(Request request) {
            if (!request.path().endsWith("_search")) {
                return Reply.json(200, "{\"resourceType\":\"Bundle\",\"type\":\"searchset\"}");
            }
            try {
                bothPosted.await(10, TimeUnit.SECONDS);
                if (posts.incrementAndGet() == 2) {
                    assertThat(oneFound.await(10, TimeUnit.SECONDS)).isTrue();
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            return Reply.json(405, "{\"resourceType\":\"OperationOutcome\"}");
        }
    }

    @Test
    void two_that_learn_at_once_that_only_get_is_known_both_find() throws Exception {
        try (GetOnly server = new GetOnly();
                EhrClient client = new EhrClient(
                        FhirConfig.of(server.root().resolve("/fhir")),
                        new RecordingAuditLog(),
                        InstantSource.system());
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            EhrClient.Purpose purpose = new EhrClient.Purpose(About.nothing(), "a test");
            Callable<List<Patient>> search = () -> {
                List<Patient> found = client.search(Patient.class, Map.of("identifier", "s|1"), purpose);
                oneFound.countDown();
                return found;
            };
            for (Future<List<Patient>> each : threads.invokeAll(List.of(search, search))) {
                assertThat(each.get()).isEmpty();
            }
        }
        assertThat(posts).hasValue(2);
    }
}
