package io.bloodnet.sandbox;

import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.ct.CtStudyFiles;
import io.bloodnet.sandbox.ehr.SampleResources;
import io.bloodnet.sandbox.ehr.SandboxEhr;
import io.bloodnet.sandbox.hl7.OrderMessages;
import io.bloodnet.sandbox.hl7.OrderSender;
import io.bloodnet.sandbox.hl7.ReceivedMessage;
import io.bloodnet.sandbox.hl7.SandboxHl7;
import io.bloodnet.sandbox.pacs.SandboxPacs;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * A pretend hospital in this process: PACS, EHR and HL7 receiver on loopback, with invented patients. For the demo, tests and benchmarks;
 * it never holds real data. Construction starts the servers; {@link #load} makes the images; {@link #sendOrder} tells the server under
 * test. Safe for many threads.
 */
public final class SandboxHospital implements AutoCloseable {

    private static final Duration ORDER_LIMIT = Duration.ofSeconds(60);

    private final InstantSource clock;
    private final List<SampleCase> cases;
    private final SandboxPacs pacs;
    private final SandboxEhr ehr;
    private final SandboxHl7 hl7;

    /**
     * Where the server under test listens.
     *
     * @param mllp its MLLP listener
     * @param fhirEvents its {@code /fhir/events} URL, without a slash at its end
     */
    public record ServerAddress(InetSocketAddress mllp, URI fhirEvents) {}

    /** What the server said to an order. */
    public sealed interface Answer {
        /** MSA-1 of the acknowledgement, e.g. {@code AA}. */
        record Hl7(String code) implements Answer {}

        /** HTTP status of the event. */
        record Http(int status) implements Answer {}

        /** Whether it took the order. */
        default boolean accepted() {
            return switch (this) {
                case Hl7(String code) -> code.equals("AA") || code.equals("CA");
                case Http(int status) -> status / 100 == 2;
            };
        }
    }

    /**
     * Starts all three.
     *
     * @param cases what {@link #load} will make; see {@code SampleCases}
     */
    public SandboxHospital(SandboxPorts ports, List<SampleCase> cases, InstantSource clock) {
        this(ports, cases, SandboxPacs.BYTES_MAX_DEFAULT, clock);
    }

    /** As above. @param pacsBytesMax most bytes of files that the PACS keeps */
    public SandboxHospital(SandboxPorts ports, List<SampleCase> cases, long pacsBytesMax, InstantSource clock) {
        this.clock = clock;
        this.cases = List.copyOf(cases);
        pacs = new SandboxPacs(ports.pacs(), pacsBytesMax);
        try {
            ehr = new SandboxEhr(ports.ehr(), clock);
        } catch (RuntimeException e) {
            pacs.close();
            throw e;
        }
        try {
            hl7 = new SandboxHl7(ports.hl7(), clock);
        } catch (RuntimeException e) {
            ehr.close();
            pacs.close();
            throw e;
        }
    }

    /** The invented patients. */
    public List<SampleCase> cases() {
        return cases;
    }

    /** The PACS. */
    public SandboxPacs pacs() {
        return pacs;
    }

    /** The EHR. */
    public SandboxEhr ehr() {
        return ehr;
    }

    /** The receiver of results. */
    public SandboxHl7 hl7() {
        return hl7;
    }

    /** Makes the images of all cases and puts them into the PACS, and patients and orders into the EHR. About a second a case. */
    public void loadAll() {
        cases.forEach(this::load);
    }

    /** As {@link #loadAll} for one case. */
    public void load(SampleCase sample) {
        Instant now = clock.instant();
        ehr.seed(SampleResources.of(sample, now));
        pacs.store(CtStudyFiles.make(sample, now));
    }

    /**
     * Sends the order of a case by its route, and waits for the answer.
     *
     * @throws IOException when there is no answer in time
     */
    public Answer sendOrder(SampleCase sample, ServerAddress server) throws IOException, InterruptedException {
        Instant now = clock.instant();
        return switch (sample.route()) {
            case HL7_ORM -> send(OrderMessages.orm(sample, "NW", now), server);
            case HL7_OMI -> send(OrderMessages.omi(sample, "NW", now), server);
            case FHIR_IMAGING_STUDY ->
                new Answer.Http(ehr.sendImagingStudy(server.fhirEvents(), sample.fhirImagingStudyId()));
        };
    }

    private static Answer send(String message, ServerAddress server) throws IOException {
        ReceivedMessage ack = OrderSender.send(server.mllp(), message, ORDER_LIMIT);
        return new Answer.Hl7(ack.ackCode());
    }

    /** Stops all three. */
    @Override
    public void close() {
        hl7.close();
        ehr.close();
        pacs.close();
    }
}
