package io.bloodnet.server;

import io.bloodnet.audit.store.AuditSearch;
import io.bloodnet.audit.store.Ledger;
import io.bloodnet.fhir.FhirAnswer;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.auditout.BalpMapper;
import io.bloodnet.fhir.eventin.FhirEventReceiver;
import io.bloodnet.fhir.face.FhirFace;
import io.bloodnet.imaging.finding.ModelId;
import io.bloodnet.server.cdshooks.CdsHooksConfig;
import io.bloodnet.server.cdshooks.CdsHooksService;
import io.bloodnet.server.cdshooks.CdsMetrics;
import io.bloodnet.server.cdshooks.FlagWatch;
import io.bloodnet.server.cdshooks.memory.JdbiCardStore;
import io.bloodnet.server.compliance.LedgerTrail;
import io.bloodnet.server.config.Closing;
import io.bloodnet.server.config.ServerConfig;
import io.bloodnet.server.fhir.FhirEdge;
import io.bloodnet.server.fhir.FhirRoutes;
import io.bloodnet.server.fhir.MadeResourceStore;
import io.bloodnet.server.http.BodyBudget;
import io.bloodnet.server.http.Check;
import io.bloodnet.server.http.Metrics;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.jspecify.annotations.Nullable;

/** Builds what EHRs call: the CDS Hooks services and our FHIR endpoint. Both share one budget for bodies. */
final class EhrServices {

    private final ServerConfig config;
    private final Ledger ledger;
    private final Chores chores;
    private final Metrics metrics;
    private final Closing closing;
    private final InstantSource clock;
    private final BodyBudget bodies = BodyBudget.ofHeap();

    EhrServices(
            ServerConfig config, Ledger ledger, Chores chores, Metrics metrics, Closing closing, InstantSource clock) {
        this.config = config;
        this.ledger = ledger;
        this.chores = chores;
        this.metrics = metrics;
        this.closing = closing;
        this.clock = clock;
    }

    /** Events in, and what we made; answers 404 where no FHIR server is configured. @param pages connections of readers */
    FhirRoutes fhir(@Nullable FhirEdge edge, @Nullable FhirConfig fhir, MadeResourceStore made, Database pages) {
        if (edge == null || fhir == null) {
            FhirRoutes.Handler nothing = (method, path, query, headers, body) ->
                    FhirAnswer.refused(404, OperationOutcome.IssueType.NOTFOUND, "no FHIR server is configured");
            return new FhirRoutes(FhirEventReceiver.BODY_BYTES_MAX, bodies, nothing, nothing);
        }
        metrics.help("bloodnet_ehr_subscriptions", "our Subscriptions at the EHR as they stood at the last look");
        metrics.help(
                "bloodnet_ehr_subscription_repairs_total", "Subscriptions that were made anew or switched on again");
        metrics.samples(edge::samples);
        FhirFace face = new FhirFace(
                made,
                new LedgerTrail(new AuditSearch(pages.dataSource()), ledger, clock),
                new BalpMapper(fhir.naming()),
                Main.VERSION,
                clock.instant());
        return new FhirRoutes(
                FhirEventReceiver.BODY_BYTES_MAX,
                bodies,
                edge.events(),
                (method, path, query, headers, body) -> face.answer(method, path, query));
    }

    /** Cards. @param checks what readiness needs; the card store's check is added */
    CdsHooksService cards(Database database, JobStore jobs, ModelId model, Map<String, Check> checks) {
        CdsHooksConfig hooksConfig = config.cdsHooksEdge();
        CdsMetrics cdsMetrics = new CdsMetrics();
        FindingsByPatient findings =
                new FindingsByPatient(database, jobs, model, config.ehr().patientSystems(), config.fhirServers());
        FlagWatch watch = new FlagWatch(findings, hooksConfig.clinical(), cdsMetrics, clock);
        chores.soon("compare flags with final reports", watch::refresh);
        chores.every("compare flags with final reports", Duration.ofMinutes(5), watch::refresh);
        CdsMetrics.NAMES.forEach(metrics::help);
        metrics.samples(() -> cdsMetrics.samples().stream()
                .map(sample -> new Metrics.Sample(sample.name(), sample.labels(), sample.value()))
                .toList());
        JdbiCardStore cards = closing.add("card store", new JdbiCardStore(database, ledger, clock));
        checks.put(
                "cards",
                Check.that(cards::isAlive, "the card store's thread ended")
                        .and(Check.progress("a card", cards::oldest)));
        CdsHooksService hooks = closing.add(
                "CDS Hooks",
                new CdsHooksService(hooksConfig, findings, watch, cards, ledger, cdsMetrics, bodies, clock));
        chores.every("refresh the keys of CDS clients", Duration.ofMinutes(1), hooks::refreshKeys);
        return hooks;
    }
}
