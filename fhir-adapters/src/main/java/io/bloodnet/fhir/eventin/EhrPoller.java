package io.bloodnet.fhir.eventin;

import io.bloodnet.audit.About;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
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
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.ServiceRequest;

/**
 * The safety net under all events: asks the EHR what changed since the watermark. Runs in the caller's thread; a second caller waits.
 * The caller keeps the watermark in its database.
 */
public final class EhrPoller {

    /** Events remembered as handed over, so that the overlap does not record them again each time. */
    private static final int REMEMBERED_MAX = 10_000;

    private final FhirConfig.Intake intake;
    private final EhrClient ehr;
    private final OrderInbox inbox;
    private final InstantSource clock;
    private final ResourceMapper mapper;
    private final Map<String, Boolean> handedOver = new LinkedHashMap<>(256, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };

    /** All ports first, then the clock. */
    public EhrPoller(FhirConfig config, EhrClient ehr, OrderInbox inbox, InstantSource clock) {
        this.intake = config.intake();
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
        Instant latest = watermark;
        Instant readUntil = Instant.MAX;
        for (Class<? extends Resource> type :
                List.of(ImagingStudy.class, ServiceRequest.class, DiagnosticReport.class)) {
            List<? extends Resource> changed = changed(type, since);
            for (Resource resource : changed) {
                handOver(resource);
                latest = later(latest, lastUpdated(resource));
            }
            if (changed.size() >= EhrClient.PAGES_MAX * EhrClient.PAGE_SIZE) {
                Instant end = lastUpdated(changed.getLast()); // there is more: the next poll goes on from here
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

    /** What a server that knows the parameter would have given: resources that say when they changed, and changed since then. */
    private List<? extends Resource> changed(Class<? extends Resource> type, Instant since) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("_lastUpdated", "ge" + since);
        parameters.put("_sort", "_lastUpdated");
        parameters.put("_count", Integer.toString(EhrClient.PAGE_SIZE));
        return ehr.list(type, parameters, new Purpose(About.nothing(), "polling")).stream()
                .filter(r -> r.getMeta().hasLastUpdated()
                        && !r.getMeta().getLastUpdated().toInstant().isBefore(since))
                .toList();
    }

    private void handOver(Resource resource) {
        byte[] body = FhirJson.write(resource);
        String id = MessageIds.of(resource, body);
        if (handedOver.containsKey(id)) {
            return;
        }
        Origin origin = new Origin(Origin.Channel.POLL, ehr.base().origin(), id);
        List<OrderEvent> events = switch (mapper.map(resource, origin)) {
            case Mapped.Events(var mapped) -> mapped;
            case Mapped.Unusable(var sentence) -> List.of(new OrderEvent.NotForUs(sentence));
        };
        inbox.receive(new IncomingMessage(origin, resource.fhirType(), body, clock.instant()), events, _ -> "");
        handedOver.put(id, Boolean.TRUE);
    }
}
