package io.bloodnet.server.pipeline;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox.InboxUnavailableException;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Origin;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.server.intake.OrderEvents;
import io.bloodnet.server.intake.OrderIntake;
import io.bloodnet.server.job.FaultPoint;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.job.PipelineLimits;
import io.bloodnet.server.result.Outbox;
import io.bloodnet.server.result.Results;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.trace.OrderTimes;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A hospital on virtual time (the method of FoundationDB and TigerBeetle): the real intake, pipeline, outbox and store, with an archive, an
 * EHR and an HL7 receiver that fail, freeze, reorder and repeat as a seed has it. What is random follows from the seed alone, so that a
 * failure can be told again. A call of a peer is where other things happen meanwhile: messages, other servers, crashes, time.
 */
final class Simulation {

    /** A kill: unwinds whatever runs; what was committed stays. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed() {
            super("killed", null, false, false);
        }
    }

    /** An invariant does not hold. */
    static final class Violation extends Error {
        private static final long serialVersionUID = 1L;
        final String invariant;

        Violation(String invariant, String what) {
            super(invariant + ": " + what, null, false, false);
            this.invariant = invariant;
        }
    }

    private static final List<String> PEERS = List.of("archive", "ehr", "hl7");
    private static final int MEANWHILE_DEPTH_MAX = 2;
    private static final int SETTLE_STEPS_MAX = 600;

    final Random random;
    final SettableClock clock = new SettableClock();
    final SimulatedArchive archive = new SimulatedArchive(this);
    final SimulatedReceiver ehr = new SimulatedReceiver("ehr", this);
    final SimulatedReceiver hl7 = new SimulatedReceiver("hl7", this);
    final Database database;
    final JobStore jobs = new JobStore();
    final PipelineLimits limits = PipelineLimits.defaults();
    private final long seed;
    private final @Nullable String planted;
    private final List<String> story = new ArrayList<>();
    private final Map<String, Boolean> badWeather = new HashMap<>();
    private final Invariants invariants = new Invariants(this);
    final Map<String, Placed> placed = new LinkedHashMap<>();
    private final List<Message> sent = new ArrayList<>();
    private Server server;
    private boolean settling;
    private int depth;
    private int ids;

    /** What the outside knows of an order that was acknowledged. */
    static final class Placed {
        final SimulatedArchive.Study study;
        final OrderEvent.Placed event;
        final @Nullable Integer promised;

        @Nullable
        String jobId;

        boolean acknowledged;
        boolean complete;
        boolean cancelled;
        boolean readByHuman;
        boolean merged;
        String patient;

        /** Whose it may be as well: merges were sent, and nobody knows yet whether they were taken. */
        final Set<String> perhaps = new HashSet<>();

        Placed(SimulatedArchive.Study study, OrderEvent.Placed event, @Nullable Integer promised, String patient) {
            this.study = study;
            this.event = event;
            this.promised = promised;
            this.patient = patient;
        }
    }

    private record Message(String id, Placed about, OrderEvent event) {}

    /** A server process: what is in its memory goes with it. */
    private final class Server {
        final Lanes lanes = new Lanes(clock);
        final Results results = new Results(archive, FakePacs.MODEL, null, List.of("ehr", "hl7"), () -> {}, clock);
        final AuditLog audit = new WeatherAudit();
        final FaultPoint faults = name -> {
            if (!settling && depth <= 1 && one(60)) {
                tell("killed at " + name);
                throw new Killed();
            }
        };
        final OrderTimes times = new OrderTimes(clock);
        final ImagingPipeline pipeline = new ImagingPipeline(
                database,
                jobs,
                lanes.guarded(archive),
                archive,
                results,
                audit,
                new ImagingPipeline.Model(FakePacs.MODEL, 0.5),
                limits,
                times,
                faults,
                clock);
        final DeliveryRun deliveries = new DeliveryRun(
                database, jobs, results, archive, List.of(ehr, hl7), audit, lanes, limits, times, faults, clock);
        final OrderIntake intake =
                new OrderIntake(database, audit, new OrderEvents(jobs, results, audit, clock), () -> {}, faults, clock);
        final JobControl control = new JobControl(database, jobs, results, audit, () -> {}, clock);
        final LateImages late = new LateImages(database, jobs, archive, archive, audit, () -> {}, clock);
    }

    /** An audit log that cannot be written now and then: then nothing may be done. */
    private final class WeatherAudit implements AuditLog {
        @Override
        public void append(Connection transaction, AuditEvent event) {
            if (!settling && one(200)) {
                tell("the audit log cannot be written");
                throw new AuditUnavailableException(AuditFault.DATABASE, "weather");
            }
        }

        @Override
        public void record(AuditEvent event) {}
    }

    Simulation(Database database, long seed, @Nullable String planted) {
        this.database = database;
        this.seed = seed;
        this.planted = planted;
        this.random = new Random(seed);
        this.server = new Server();
    }

    // ------------------------------------------------------------------ chance

    private boolean one(int in) {
        return random.nextInt(in) == 0;
    }

    /** Whether a peer is in bad weather at this call. */
    boolean bad(String peer) {
        return !settling && (Boolean.TRUE.equals(badWeather.get(peer)) ? !one(5) : one(25));
    }

    /** Once in so many calls, never while all heals. */
    boolean chance(String peer, int in) {
        return !settling && one(in) && PEERS.contains(peer);
    }

    void tell(String what) {
        story.add(clock.instant() + " " + "  ".repeat(depth) + what);
    }

    void violated(String invariant, String what) {
        tell("VIOLATED " + invariant + ": " + what);
        throw new Violation(invariant, what);
    }

    /** Whether a receiver's acknowledgement of this report is committed: then it must not be told again. */
    boolean isSettled(String receiver, FindingReport report) {
        return database.read(handle -> new Outbox().ofJob(handle, report.jobId())).stream()
                .anyMatch(delivery -> delivery.destination().equals(receiver)
                        && delivery.state() == Outbox.State.DELIVERED
                        && delivery.report().kind() == report.kind()
                        && delivery.report().key().equals(report.key()));
    }

    @Nullable
    Placed orderOf(String jobId) {
        return placed.values().stream()
                .filter(p -> jobId.equals(p.jobId))
                .findFirst()
                .orElse(null);
    }

    void reported(String receiver, List<FindingReport> before, FindingReport report) {
        tell(receiver + " has " + report.kind() + " " + describe(report.finding()));
        invariants.reported(receiver, before, report);
    }

    static String describe(@Nullable Finding finding) {
        return switch (finding) {
            case null -> "nothing";
            case Finding.Analyzed a -> (a.positive() ? "positive" : "negative") + " " + a.bloodVolumeMl();
            case Finding.NotAnalyzed n -> "not analyzed " + n.reason();
        };
    }

    // ------------------------------------------------------------------ the way

    /** Runs the schedule of the seed. @throws Violation with the story in {@link #story} */
    void run() {
        Simulations.clean(database);
        int orders = 1 + random.nextInt(3);
        for (int i = 0; i < orders; i++) {
            addOrder(i);
        }
        int steps = 15 + random.nextInt(45);
        for (int i = 0; i < steps; i++) {
            step();
            invariants.afterStep();
        }
        settle();
        plant();
        invariants.atTheEnd();
    }

    String story() {
        return "seed " + seed + "\n" + String.join("\n", story);
    }

    private void addOrder(int i) {
        String uid = "1.2.3." + Math.floorMod(seed, 1_000_000) + "." + i;
        AccessionNumber accession = new AccessionNumber("A" + i);
        Patient patient = Patient.known(new PatientId("M" + i, "HOSP"));
        int total = 7 + random.nextInt(9);
        int bleedAt = random.nextBoolean() ? 3 + random.nextInt(total - 2) : 0;
        SimulatedArchive.Study study =
                new SimulatedArchive.Study(new StudyUid(uid), accession, patient, total, bleedAt, clock.instant());
        archive.add(study);
        Integer promised = random.nextBoolean() ? total : null;
        OrderKey key = new OrderKey(one(4) ? null : study.uid, accession, "P" + i, null);
        OrderEvent.Placed event = new OrderEvent.Placed(
                OrderLife.order(uid, accession.value(), patient, promised).withKey(key), null);
        placed.put(uid, new Placed(study, event, promised, "M" + i));
        tell("order " + i + ": " + total + " slices, blood at " + bleedAt + ", promised " + promised);
    }

    private void step() {
        try {
            act();
        } catch (Killed e) {
            restart();
        }
        pass();
    }

    private void pass() {
        int kind = random.nextInt(20);
        clock.pass(
                kind < 12
                        ? Duration.ofMillis(random.nextInt(3_000))
                        : kind < 17
                                ? Duration.ofSeconds(random.nextInt(120))
                                : kind < 19
                                        ? Duration.ofMinutes(random.nextInt(90))
                                        : Duration.ofHours(random.nextInt(30)));
    }

    private void restart() {
        tell("a new process");
        server = new Server();
    }

    private void act() {
        int kind = random.nextInt(100);
        if (kind < 45) {
            runDue();
        } else if (kind < 60) {
            images();
        } else if (kind < 80) {
            message();
        } else if (kind < 86) {
            String peer = PEERS.get(random.nextInt(PEERS.size()));
            boolean bad = random.nextBoolean();
            badWeather.put(peer, bad);
            tell(peer + (bad ? " is away" : " is well"));
        } else if (kind < 90) {
            server.control.sweep();
        } else if (kind < 94) {
            server.late.look();
        } else if (kind < 97) {
            person();
        } else {
            tell("killed");
            throw new Killed();
        }
    }

    /** What happens while a call of a peer is under way: anything, also the same by another server (this one was frozen). */
    void meanwhile(String what) {
        if (settling || depth >= MEANWHILE_DEPTH_MAX || !one(6)) {
            return;
        }
        tell("while " + what + ":");
        depth++;
        Server frozen = server;
        try {
            if (one(3)) {
                server = new Server();
            }
            for (int i = 0; i <= random.nextInt(3); i++) {
                pass();
                act();
            }
        } catch (Killed e) {
            // another server's
        } finally {
            server = frozen;
            depth--;
        }
    }

    private void images() {
        Placed order = any();
        if (order != null && order.study.there < order.study.total) {
            archive.arrive(order.study, 1 + random.nextInt(order.study.total));
            tell("study " + order.study.uid + " has " + order.study.there + " slices");
        }
    }

    private @Nullable Placed any() {
        List<Placed> all = List.copyOf(placed.values());
        return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
    }

    // ------------------------------------------------------------------ messages and people

    private void message() {
        Placed order = any();
        if (order == null) {
            return;
        }
        if (!sent.isEmpty() && one(4)) {
            Message again = sent.get(random.nextInt(sent.size())); // repeated, perhaps out of order
            if (again.about().acknowledged || again.event() instanceof OrderEvent.Placed) {
                receive(again);
            }
            return;
        }
        OrderKey key = order.event.order().key();
        OrderEvent event = switch (random.nextInt(order.acknowledged ? 12 : 1)) {
            case 0, 1, 2, 3 -> order.event;
            case 4 -> new OrderEvent.Held(key, "held by the RIS");
            case 5, 6 -> new OrderEvent.Released(key);
            case 7 -> order.study.there == order.study.total ? new OrderEvent.ImagesComplete(key, null) : order.event;
            case 8 -> one(3) ? new OrderEvent.Cancelled(key, "not wanted") : order.event;
            case 9, 10 -> new OrderEvent.HumanReport(key, "F", clock.instant(), random.nextBoolean());
            default -> merge(order);
        };
        boolean ofFormerPatient = event instanceof OrderEvent.Placed && order.merged;
        receive(new Message("M" + ids++, order, ofFormerPatient ? new OrderEvent.Released(key) : event));
    }

    private OrderEvent merge(Placed order) {
        return new OrderEvent.PatientMerged(
                new PatientId(order.patient, "HOSP"), Patient.known(new PatientId(order.patient + "x", "HOSP")));
    }

    private void receive(Message message) {
        boolean first = !sent.contains(message);
        if (first) {
            sent.add(message);
        }
        tell("message " + message.id() + (first ? " " : " again ")
                + message.event().getClass().getSimpleName() + " about " + message.about().study.uid);
        if (message.event() instanceof OrderEvent.PatientMerged merge) {
            message.about().perhaps.add(merge.surviving().id().value());
        }
        if (first && message.event() instanceof OrderEvent.Placed) {
            message.about().cancelled = false; // it may be ordered again even when we die before the acknowledgement
        }
        IncomingMessage incoming = new IncomingMessage(
                new Origin(Origin.Channel.HL7, "RIS|HOSP", message.id()),
                "ORM^O01",
                message.id().getBytes(StandardCharsets.UTF_8),
                clock.instant());
        try {
            if ("lost".equals(planted) && one(5)) {
                acknowledged(message, List.of(new OrderEvent.Outcome.Created("none")));
                return;
            }
            Receipt receipt = server.intake.receive(incoming, List.of(message.event()), outcomes -> "ack");
            if (receipt instanceof Receipt.Recorded recorded) {
                acknowledged(message, recorded.outcomes());
            } else {
                message.about().acknowledged |= message.event() instanceof OrderEvent.Placed;
            }
        } catch (InboxUnavailableException e) {
            tell("not acknowledged");
        }
    }

    private void acknowledged(Message message, List<OrderEvent.Outcome> outcomes) {
        Placed order = message.about();
        boolean applied = outcomes.getFirst() instanceof OrderEvent.Outcome.Applied
                || outcomes.getFirst() instanceof OrderEvent.Outcome.Created;
        switch (message.event()) {
            case OrderEvent.Placed p -> {
                order.acknowledged = true;
                order.cancelled &= !applied;
                if (applied && order.jobId == null) {
                    order.jobId = OrderLife.jobOf(new Receipt.Recorded("", outcomes));
                }
            }
            case OrderEvent.Cancelled c -> order.cancelled |= applied;
            case OrderEvent.ImagesComplete c -> order.complete |= applied;
            case OrderEvent.HumanReport r -> order.readByHuman |= applied;
            case OrderEvent.PatientMerged m -> {
                order.patient = applied ? m.surviving().id().value() : order.patient;
                order.merged |= applied;
            }
            default -> {}
        }
        tell("acknowledged: " + outcomes.getFirst().getClass().getSimpleName());
    }

    private void person() {
        List<String> stuck = Simulations.ids(database, "state in ('FAILED', 'NOT_ANALYZED', 'ON_HOLD')");
        if (!stuck.isEmpty()) {
            String id = stuck.get(random.nextInt(stuck.size()));
            try {
                tell("a person retries a job: " + server.control.retry(id, "ann"));
            } catch (AuditUnavailableException e) {
                tell("a person may not retry a job now: nothing is done that cannot be audited");
            }
        }
    }

    // ------------------------------------------------------------------ the queues, as db-scheduler works them

    private boolean runDue() {
        List<Schedule.Queue> lanes = new ArrayList<>(List.of(Schedule.Queue.values()));
        java.util.Collections.shuffle(lanes, random);
        for (Schedule.Queue lane : lanes) {
            List<String> due = Simulations.due(database, lane, clock.instant());
            if (!due.isEmpty()) {
                String id = one(3) ? due.get(random.nextInt(due.size())) : due.getFirst();
                runOne(lane, id);
                return true;
            }
        }
        return false;
    }

    private void runOne(Schedule.Queue lane, String id) {
        tell("run " + lane + " " + Simulations.shortened(id));
        Next next = lane == Schedule.Queue.JOBS ? server.pipeline.run(id) : server.deliveries.run(id);
        Simulations.after(database, lane, id, next);
    }

    // ------------------------------------------------------------------ the end

    /** All peers are well, nobody kills: everything comes to rest. */
    private void settle() {
        settling = true;
        badWeather.clear();
        restart();
        tell("all is well from here on");
        for (Placed order : placed.values()) {
            if (!order.acknowledged) {
                receive(new Message("S" + ids++, order, order.event));
            }
            archive.arrive(order.study, order.study.total);
        }
        for (int i = 0; i < SETTLE_STEPS_MAX; i++) {
            if (!runDue()) {
                server.control.sweep();
                Instant next = Simulations.next(database);
                if (next == null) {
                    server.late.look();
                    if (Simulations.next(database) == null) {
                        invariants.afterStep();
                        return;
                    }
                    continue;
                }
                Duration until = Duration.between(clock.instant(), next);
                clock.pass(until.isNegative() ? Duration.ZERO : until);
            }
            invariants.afterStep();
        }
        violated("ends", "it never comes to rest");
    }

    /** Breaks what a broken build would break. */
    private void plant() {
        if (planted != null) {
            Simulations.plant(this, planted);
        }
    }
}
