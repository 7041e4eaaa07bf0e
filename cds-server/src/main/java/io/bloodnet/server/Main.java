package io.bloodnet.server;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.Outcome;
import io.bloodnet.audit.atna.SyslogFeed;
import io.bloodnet.audit.store.AuditSearch;
import io.bloodnet.audit.store.Ledger;
import io.bloodnet.audit.store.LedgerStatus;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.resultout.AiSystem;
import io.bloodnet.fhir.resultout.EhrDestination;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.mllp.MllpListener;
import io.bloodnet.hl7.orderin.OrderReceiver;
import io.bloodnet.hl7.resultout.OruDestination;
import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ModelBundle;
import io.bloodnet.imaging.bloodnet.OnnxEngine;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicomweb.DicomWebClient;
import io.bloodnet.imaging.dicomweb.StudySlices;
import io.bloodnet.imaging.finding.Destination;
import io.bloodnet.imaging.study.BloodNetAnalyzer;
import io.bloodnet.server.cdshooks.CdsHooksService;
import io.bloodnet.server.compliance.AuditRoutes;
import io.bloodnet.server.config.Closing;
import io.bloodnet.server.config.ConfigException;
import io.bloodnet.server.config.HttpKeys;
import io.bloodnet.server.config.ServerConfig;
import io.bloodnet.server.fhir.FhirEdge;
import io.bloodnet.server.fhir.FhirRoutes;
import io.bloodnet.server.fhir.MadeResourceStore;
import io.bloodnet.server.fhir.OrderTasks;
import io.bloodnet.server.http.Check;
import io.bloodnet.server.http.HealthRoutes;
import io.bloodnet.server.http.Metrics;
import io.bloodnet.server.http.ModelCard;
import io.bloodnet.server.http.Pages;
import io.bloodnet.server.http.Probes;
import io.bloodnet.server.intake.OrderEvents;
import io.bloodnet.server.intake.OrderIntake;
import io.bloodnet.server.job.FaultPoint;
import io.bloodnet.server.job.JobCounts;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.job.OrdersUnderWay;
import io.bloodnet.server.job.PipelineLimits;
import io.bloodnet.server.pipeline.CountedAnalyses;
import io.bloodnet.server.pipeline.DeliveryRun;
import io.bloodnet.server.pipeline.ImageWatch;
import io.bloodnet.server.pipeline.ImagingPipeline;
import io.bloodnet.server.pipeline.JobControl;
import io.bloodnet.server.pipeline.Lanes;
import io.bloodnet.server.pipeline.LateImages;
import io.bloodnet.server.pipeline.Worker;
import io.bloodnet.server.result.Results;
import io.bloodnet.server.retention.Retention;
import io.bloodnet.server.signin.Door;
import io.bloodnet.server.signin.SignIn;
import io.bloodnet.server.signin.SignInRoutes;
import io.bloodnet.server.signin.SignInSettings;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.store.DatabaseClock;
import io.bloodnet.server.study.StudyRoutes;
import io.bloodnet.server.trace.OrderTimes;
import io.bloodnet.server.worklist.LiveRoutes;
import io.bloodnet.server.worklist.WorklistQuery;
import io.bloodnet.server.worklist.WorklistRoutes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The composition root: builds everything by plain constructors, in the order store, model, edges, pipeline, listeners; starts it; and
 * closes it in reverse.
 */
public final class Main {

    /** This software's version, as audit entries and the FHIR Device name it. */
    public static final String VERSION = "0.1.0";

    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    /** Orders that are asked after, fetched or analyzed at the same time; they mostly wait for the archive. */
    private static final int JOB_THREADS = 64;

    private Main() {}

    /**
     * Starts the server.
     *
     * @param bundle the model's folder when the configuration names none
     * @throws ConfigException and others whose message tells a person what to change; nothing keeps running then
     */
    public static RunningServer start(ServerConfig config, Path bundle) {
        return start(config, bundle, Map.of(), Map.of());
    }

    /**
     * As above with more to serve, for the demo.
     *
     * @param morePages URL path to resource name below {@code /web/}
     * @param documents URL path to a JSON document
     */
    public static RunningServer start(
            ServerConfig config, Path bundle, Map<String, String> morePages, Map<String, String> documents) {
        Closing closing = new Closing();
        try {
            return new Assembly(config, bundle, closing).start(morePages, documents);
        } catch (RuntimeException | Error e) {
            closing.close();
            throw e;
        }
    }

    /** What is built, field by field in the order in which it is needed. */
    private static final class Assembly {

        private final ServerConfig config;
        private final Closing closing;
        private final DatabaseClock clock;
        private final FaultPoint faults = FaultPoint.fromProperty();
        private final String serverName;
        /** For what comes in, the audit log and cards. */
        private final Database database;
        /** The same by other connections, for orders and deliveries. */
        private final Database work;
        /** ... and for people: pages, sign-in, searches and metrics. */
        private final Database pages;

        private final Ledger ledger;
        private final @Nullable SyslogFeed syslog;
        private final ModelBundle bundle;
        private final BloodNet net;
        private final DicomWebClient pacs;
        private final Hl7Config hl7;
        private final @Nullable FhirConfig fhir;
        private final @Nullable EhrClient ehr;
        private @Nullable OrderTasks ehrTasks;
        private final MadeResourceStore made;
        private final ModelCard modelCard;
        private final Lanes lanes;
        private final OrderTimes times;
        private final JobStore jobs = new JobStore();
        private final Bell wakeJobs = new Bell();
        private final Bell wakeDeliveries = new Bell();
        /** What readiness needs. */
        private final Map<String, Check> checks = new LinkedHashMap<>();

        Assembly(ServerConfig config, Path defaultBundle, Closing closing) {
            this.config = config;
            this.closing = closing;
            this.hl7 = config.hl7Edge();
            this.fhir = config.fhirEdge();
            this.serverName = config.http().serverName();
            Thread.ofVirtual().name("fhir-warm-up").start(FhirJson::warm);
            this.database = closing.add("database", config.database().open());
            this.work = closing.add("connections of workers", database.beside("work", Database.WORKERS_MAX));
            this.pages = closing.add("connections of pages", database.beside("pages", Database.READERS_MAX));
            this.clock = DatabaseClock.of(pages, InstantSource.system());
            this.ledger = closing.add(
                    "audit log",
                    Ledger.open(database.dataSource(), config.audit().ledger(serverName, closing), clock));
            checks.put("database", database::trouble);
            checks.put("auditLog", this::auditTrouble);
            Path folder = config.model().folder(defaultBundle);
            SyslogFeed.Receiver repository = config.audit().repository();
            this.syslog = repository == null
                    ? null
                    : closing.add("audit syslog", new SyslogFeed(work.dataSource(), repository, serverName).start());
            ModelBundle chosen = config.model().load(folder);
            this.net = closing.add(
                    "network",
                    BloodNet.open(
                            chosen, BloodNet.Settings.defaults(config.model().computesOn())));
            this.bundle = net.bundle();
            this.pacs = closing.add(
                    "DICOMweb client",
                    new DicomWebClient(config.pacs().edge(ledger, clock, closing), DicomLimits.DEFAULT));
            this.ehr = fhir == null ? null : closing.add("FHIR client", new EhrClient(fhir, ledger, clock));
            this.made = new MadeResourceStore(work);
            this.lanes = new Lanes(clock);
            this.times = new OrderTimes(clock);
            this.modelCard = modelCard(folder);
        }

        RunningServer start(Map<String, String> morePages, Map<String, String> documents) {
            List<Destination> destinations = destinations();
            Results results = new Results(
                    pacs,
                    bundle.model(),
                    bundle.siteThreshold(),
                    destinations.stream().map(Destination::name).toList(),
                    wakeDeliveries,
                    clock);
            PipelineLimits limits = config.orders().limits();
            BloodNetAnalyzer analyzer = closing.add(
                    "images of growing studies",
                    new BloodNetAnalyzer(pacs.images(), net, config.model().limits(), ZoneId.systemDefault()));
            ImagingPipeline pipeline = new ImagingPipeline(
                    work,
                    jobs,
                    lanes.guarded(pacs),
                    new CountedAnalyses(work, analyzer, clock),
                    results,
                    ledger,
                    new ImagingPipeline.Model(bundle.model(), net.threshold()),
                    limits,
                    times,
                    faults,
                    clock);
            DeliveryRun deliveries = new DeliveryRun(
                    work, jobs, results, pacs, destinations, ledger, lanes, limits, times, faults, clock);
            OrderIntake inbox = new OrderIntake(
                    database, ledger, new OrderEvents(jobs, results, ledger, clock), wakeJobs, faults, clock);
            JobControl control = new JobControl(work, jobs, results, ledger, this::wakeAll, clock);
            Worker jobWorker = Worker.ofJobs(work, JOB_THREADS, serverName, pipeline, lanes, clock);
            List<Worker> deliveryWorkers = Worker.ofDeliveries(work, serverName, deliveries, lanes, clock);
            wakeJobs.connect(jobWorker::wake);
            wakeDeliveries.connect(() -> deliveryWorkers.forEach(Worker::wake));
            started();
            control.sweep();
            closing.add("job queue", jobWorker).start();
            deliveryWorkers.forEach(
                    worker -> closing.add("delivery queue", worker).start());
            Chores chores = closing.add("chores", new Chores());
            chores.every("ask for the database's time", Duration.ofMinutes(1), clock::look);
            chores.every("sweep", Duration.ofSeconds(30), control::sweep);
            chores.every("raise what waits for long", Duration.ofSeconds(30), () -> lanes.age(work));
            chores.every("fold the counts of jobs", Duration.ofSeconds(5), () -> JobCounts.fold(work));
            chores.every("count the jobs", Duration.ofDays(1), Duration.ofMinutes(1), () -> JobCounts.correct(work));
            ImageWatch watch = new ImageWatch(work, lanes.guarded(pacs), wakeJobs, clock);
            chores.every("look for first images", ImageWatch.EVERY, watch::look);
            LateImages late = new LateImages(work, jobs, pacs, analyzer, ledger, wakeJobs, clock);
            chores.every("look for late images", Duration.ofMinutes(1), late::look);
            Retention retention =
                    new Retention(database, ledger, config.retention().limits(), clock);
            chores.every("erase what is old", Duration.ofHours(1), Duration.ofMinutes(2), retention::sweep);
            if (ehrTasks != null) {
                OrdersUnderWay underWay = new OrdersUnderWay(work, jobs, ehrTasks, clock);
                chores.every("tell the EHR of orders under way", Duration.ofSeconds(5), underWay::tell);
            }
            MllpListener listener =
                    new MllpListener(hl7.listen(), new OrderReceiver(inbox, hl7.site(), clock), ledger, clock);
            int httpPort = startWeb(inbox, control, listener, chores, Pages.withOwn(morePages, documents));
            listener.start();
            closing.add("MLLP listener", listener);
            if (config.ordersAreOpen()) {
                LOG.warn(
                        "hl7.allow-open: anybody who reaches {}:{} may send orders and reports",
                        config.hl7().listen().host(),
                        listener.port());
            }
            return new RunningServer(
                    httpPort,
                    listener.port(),
                    config.http().host(),
                    config.http().tls() != null,
                    times,
                    closing);
        }

        private int startWeb(OrderIntake inbox, JobControl control, MllpListener listener, Chores chores, Pages site) {
            Metrics metrics = new Metrics();
            new WorkCounts(pages, clock).show(metrics);
            FhirEdge edge = fhir == null || ehr == null
                    ? null
                    : new FhirEdge(fhir, ehr, inbox, database, ledger, chores::soon, clock);
            checks.put("intake", Check.progress("a message", inbox::oldest));
            StateOfWork.show(metrics, inbox, ledger, Map.of("intake", database, "work", work, "pages", pages));
            StateOfWork.show(metrics, lanes);
            times.show(metrics);
            checks.put("hl7Listener", Check.that(listener::isListening, "the HL7 listener does not listen"));
            EhrServices services = new EhrServices(config, ledger, chores, metrics, closing, clock);
            FhirRoutes fhirRoutes = services.fhir(edge, fhir, made, pages);
            CdsHooksService hooks = services.cards(database, jobs, bundle.model(), checks);
            HealthRoutes health = new HealthRoutes(checks, peers(edge), clock);
            WorklistRoutes worklist =
                    closing.add("worklist", new WorklistRoutes(new WorklistQuery(pages), control, ledger, clock));
            AuditRoutes audit = new AuditRoutes(ledger, pages.dataSource(), syslog, clock);
            SignIn signIn = signIn();
            LiveRoutes live = closing.add(
                    "live worklist",
                    new LiveRoutes(
                            new WorklistQuery(pages),
                            pages,
                            config.worklist(),
                            visitor -> signIn == null || signIn.goesOn(visitor),
                            ledger,
                            clock));
            StudyRoutes studies =
                    new StudyRoutes(pages, jobs, new StudySlices(pacs, DicomLimits.DEFAULT), ledger, clock);
            Door door = new Door(config.http().apiToken(), signIn, ledger, clock);
            int port = WebListener.start(
                    config.http(),
                    door,
                    metrics,
                    chores,
                    closing,
                    routing -> routing.register("/cds-services", hooks)
                            .register("/fhir", fhirRoutes)
                            .register("/health", health)
                            .get("/metrics", metrics::scrape)
                            .get("/model-card", modelCard::get)
                            .register("/api/audit", audit)
                            .register("/api/studies", studies)
                            .register(live)
                            .register("/api", worklist)
                            .register(new SignInRoutes(signIn))
                            .register("/", site));
            HttpKeys.Probes probes = config.http().probes();
            if (probes != null) {
                closing.add("probes", new Probes(probes.host(), probes.port(), health, metrics));
            }
            if (edge != null) {
                startEhrChores(edge, chores);
            }
            if (config.eventsAreOpen()) {
                LOG.warn(
                        "ehr.allow-open: anybody who reaches {}:{} may send events of the EHR without a secret",
                        config.http().host(),
                        port);
            }
            return port;
        }

        private @Nullable SignIn signIn() {
            return config.signIn() == null
                    ? null
                    : closing.add("sign-in", new SignIn(SignInSettings.of(config.signIn()), pages, ledger, clock));
        }

        /** Closed, or entries that are not under a signature in time. */
        private Optional<String> auditTrouble() {
            LedgerStatus status = ledger.status();
            AuditFault fault = status.fault();
            return fault != null
                    ? Optional.of("the audit log is closed: " + fault)
                    : Check.progress("an audit entry", status::unsigned).trouble();
        }

        private Map<String, BooleanSupplier> peers(@Nullable FhirEdge edge) {
            Map<String, BooleanSupplier> peers = new LinkedHashMap<>();
            peers.put("pacs", pacs::reachable);
            if (ehr != null) {
                peers.put("ehr", ehr::reachable);
            }
            if (hl7.results()
                    != null) { // asking a receiver of messages means to send one: what became of the last one is told
                peers.put("hl7Results", () -> lanes.answers("hl7"));
            }
            if (edge != null && config.ehr().subscriptions().callbackUrl() != null) {
                peers.put("ehrSubscriptions", edge::subscriptionsWork);
            }
            return peers;
        }

        /** Once the web server listens: the EHR may knock at our endpoint as soon as it is asked for a Subscription. */
        private void startEhrChores(FhirEdge edge, Chores chores) {
            if (config.ehr().pollSeconds() > 0) {
                chores.every("poll of the EHR", Duration.ofSeconds(config.ehr().pollSeconds()), edge::poll);
            }
            Duration look = Duration.ofSeconds(config.ehr().subscriptions().checkSeconds());
            chores.soon("look after subscriptions", edge::keepSubscriptions);
            chores.every("look after subscriptions", look, edge::keepSubscriptions);
        }

        private void started() {
            ledger.record(new AuditEvent.ServerStarted(
                    clock.instant(),
                    About.nothing(),
                    Outcome.SUCCESS,
                    VERSION,
                    bundle.model().id(),
                    bundle.model().version(),
                    bundle.model().sha256(),
                    net.threshold()));
            new ConfigurationTrail(new AuditSearch(pages.dataSource()), ledger, clock).started(config, serverName);
            closing.add("stop entry", () -> {
                try {
                    ledger.record(new AuditEvent.ServerStopped(
                            clock.instant(), About.nothing(), Outcome.SUCCESS, VERSION, "stopped in order"));
                } catch (AuditUnavailableException e) {
                    System.err.println("the stop could not be written to the audit log");
                }
            });
        }

        private List<Destination> destinations() {
            List<Destination> all = new ArrayList<>();
            if (ehr != null && fhir != null) {
                AiSystem system = aiSystem();
                EhrDestination records = new EhrDestination(ehr, fhir, system, made, ledger, clock);
                ehrTasks = new OrderTasks(records.tasks(), bundle.model());
                all.add(records);
            }
            if (hl7.results() != null) {
                all.add(closing.add("HL7 results", new OruDestination(hl7.site(), hl7.results())));
            }
            return all;
        }

        private AiSystem aiSystem() {
            Map<String, Double> points = new LinkedHashMap<>();
            bundle.offered().forEach(point -> points.put(point.name(), point.threshold()));
            return new AiSystem(
                    VERSION,
                    OnnxEngine.name(),
                    modelCard.text(),
                    points,
                    config.pacs().url());
        }

        private void wakeAll() {
            wakeJobs.run();
            wakeDeliveries.run();
        }

        private static ModelCard modelCard(Path folder) {
            try {
                return ModelCard.read(folder, AiSystem.MODEL_CARD_CHARS_MAX);
            } catch (IOException e) {
                throw new ConfigException("the model card cannot be read in " + folder);
            }
        }
    }
}
