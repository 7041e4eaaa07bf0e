package io.bloodnet.fhir.eventin;

import io.bloodnet.audit.About;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.ehr.EhrBase.ResourceId;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import io.bloodnet.fhir.ehr.EhrException;
import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox;
import io.bloodnet.imaging.order.Origin;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The safety net under all events: asks the EHR what changed since the watermark. Runs in the caller's thread; a second caller waits.
 * The caller keeps the watermark in its database.
 */
public final class EhrPoller {

    /** Events remembered as handed over, so that the overlap does not record them again each time. */
    private static final int REMEMBERED_MAX = 10_000;
    /** Patients named in one question; of more the server is not asked by patient, and the answers are looked through. */
    private static final int PATIENTS_ASKED_MAX = 100;

    /** Radiology and CT of HL7 table 0074, and LOINC's radiology (US Core). */
    private static final String REPORT_CATEGORIES = "RAD,CT,LP29684-5";

    private static final Logger LOG = LoggerFactory.getLogger(EhrPoller.class);

    private final FhirConfig.Intake intake;
    private final PatientsUnderWay underWay;
    private final EhrClient ehr;
    private final OrderInbox inbox;
    private final InstantSource clock;
    private final ResourceMapper mapper;
    /** As they were when the poll began; guarded by this. */
    private Optional<Set<String>> patients = Optional.empty();

    private final Map<String, Boolean> handedOver = new LinkedHashMap<>(256, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };

    /** All ports first, then the clock. */
    public EhrPoller(
            FhirConfig config, EhrClient ehr, OrderInbox inbox, PatientsUnderWay underWay, InstantSource clock) {
        this.intake = config.intake();
        this.underWay = underWay;
        this.ehr = ehr;
        this.inbox = inbox;
        this.clock = clock;
        this.mapper = new ResourceMapper(ehr, config, clock);
    }

    /**
     * Hands over everything that changed since the watermark, less the overlap.
     *
     * @return the new watermark: the EHR's own time of the last change seen, never before the one given
     * @throws io.bloodnet.fhir.ehr.EhrException when the EHR cannot be asked now; keep the old watermark
     * @throws io.bloodnet.imaging.order.OrderInbox.InboxUnavailableException as well
     */
    public synchronized Instant pollOnce(Instant watermark) {
        Instant since = watermark.minus(intake.pollOverlap()).truncatedTo(ChronoUnit.SECONDS);
        patients = underWay.patients();
        Instant latest = watermark;
        Instant readUntil = Instant.MAX;
        for (Class<? extends Resource> type :
                List.of(ImagingStudy.class, ServiceRequest.class, DiagnosticReport.class)) {
            EhrClient.Found<? extends Resource> changed = changed(type, since);
            Instant end = since;
            for (Resource resource : changed.resources()) {
                handOver(resource);
                end = later(end, lastUpdated(resource));
            }
            latest = later(latest, end);
            if (!changed.complete()) { // there is more: the next poll goes on from here
                readUntil = end.isBefore(readUntil) ? end : readUntil;
            }
        }
        return latest.isAfter(readUntil) ? later(readUntil, watermark) : latest;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    private static Instant lastUpdated(Resource resource) {
        return resource.getMeta().getLastUpdated().toInstant();
    }

    /** What a server that knows the parameters would have given: resources that say when they changed, and changed since then. */
    private EhrClient.Found<? extends Resource> changed(Class<? extends Resource> type, Instant since) {
        Optional<Map<String, String>> narrow = narrow(type);
        if (narrow.isEmpty()) {
            return new EhrClient.Found<>(List.of(), true);
        }
        Map<String, String> parameters = new LinkedHashMap<>(narrow.get());
        parameters.put("_lastUpdated", "ge" + since);
        parameters.put("_sort", "_lastUpdated");
        parameters.put("_count", Integer.toString(EhrClient.PAGE_SIZE));
        EhrClient.Found<? extends Resource> found =
                ehr.listed(type, parameters, new Purpose(About.nothing(), "polling"));
        long undated = found.resources().stream()
                .filter(r -> !r.getMeta().hasLastUpdated())
                .count();
        if (undated > 0) {
            LOG.warn(
                    "{} of {} {} from the EHR have no meta.lastUpdated and are passed over: polling cannot tell whether they changed",
                    undated,
                    found.resources().size(),
                    type.getSimpleName());
        }
        List<? extends Resource> dated = found.resources().stream()
                .filter(r -> r.getMeta().hasLastUpdated()
                        && !r.getMeta().getLastUpdated().toInstant().isBefore(since))
                .filter(this::mayBeOurs)
                .toList();
        return new EhrClient.Found<>(dated, found.complete());
    }

    /** No more is asked for than what can be ours: orders by their codes, reports of radiology, on patients with orders under way. */
    private Optional<Map<String, String>> narrow(Class<? extends Resource> type) {
        if (type.equals(ServiceRequest.class)) {
            return Optional.of(Map.of(
                    "code",
                    intake.headCtCodes().stream()
                            .sorted()
                            .map(EhrClient::escape)
                            .collect(Collectors.joining(","))));
        }
        if (!type.equals(DiagnosticReport.class)) {
            return Optional.of(Map.of());
        }
        if (patients.isPresent() && patients.get().isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("category", REPORT_CATEGORIES);
        patients.filter(known -> known.size() <= PATIENTS_ASKED_MAX)
                .ifPresent(known -> parameters.put("patient", String.join(",", new TreeSet<>(known))));
        return Optional.of(parameters);
    }

    /** Servers pass over parameters that they do not know; a report of a patient without an order is none of our business. */
    private boolean mayBeOurs(Resource resource) {
        if (!(resource instanceof DiagnosticReport report)) {
            return true;
        }
        Optional<String> subject = Optional.ofNullable(report.getSubject().getReference())
                .flatMap(ehr.base()::resourceOf)
                .map(ResourceId::reference);
        return patients.isEmpty() || subject.isEmpty() || patients.get().contains(subject.get());
    }

    private void handOver(Resource resource) {
        byte[] body = FhirJson.write(resource);
        String id = MessageIds.of(resource, body);
        if (handedOver.containsKey(id)) {
            return;
        }
        Origin origin = new Origin(Origin.Channel.POLL, ehr.base().origin(), id);
        List<OrderEvent> events = events(resource, origin);
        if (events.stream()
                .anyMatch(event ->
                        !(event instanceof OrderEvent.NotForUs))) { // nobody waits for an answer: the rest is not kept
            inbox.receive(new IncomingMessage(origin, resource.fhirType(), body, clock.instant()), events, _ -> "");
        }
        handedOver.put(id, Boolean.TRUE);
    }

    /** What the resource means. One whose surroundings cannot be read for good must not stop the others. */
    private List<OrderEvent> events(Resource resource, Origin origin) {
        try {
            return switch (mapper.map(resource, origin)) {
                case Mapped.Events(var mapped) -> mapped;
                case Mapped.Unusable(var sentence) -> {
                    LOG.warn("{} cannot be used: {}", name(resource), sentence);
                    yield List.of(new OrderEvent.NotForUs(sentence));
                }
            };
        } catch (EhrException e) {
            if (e.code().retryable() && e.code() != EhrException.Code.BAD_ANSWER) {
                throw e;
            }
            LOG.warn("{} is passed over, what it refers to cannot be read: {}", name(resource), e.getMessage());
            return List.of(new OrderEvent.NotForUs("what it refers to cannot be read"));
        }
    }

    private static String name(Resource resource) {
        return resource.fhirType() + "/" + resource.getIdElement().getIdPart();
    }
}
