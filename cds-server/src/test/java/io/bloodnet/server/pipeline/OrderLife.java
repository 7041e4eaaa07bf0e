package io.bloodnet.server.pipeline;

import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.EhrReferences;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Origin;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.Priority;
import io.bloodnet.imaging.order.Procedure;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.server.intake.OrderEvents;
import io.bloodnet.server.intake.OrderIntake;
import io.bloodnet.server.job.FaultPoint;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.job.PipelineLimits;
import io.bloodnet.server.result.Outbox;
import io.bloodnet.server.result.Results;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.trace.OrderTimes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Everything from inbox to outbox on a real database, without threads: a test says when what runs. */
public final class OrderLife implements AutoCloseable {

    public static final Patient ANN = Patient.known(new PatientId("MRN1", "HOSP"));

    public final SettableClock clock = new SettableClock();
    public final FakePacs pacs = new FakePacs();
    final FakeDestination ehr = new FakeDestination("ehr");
    final FakeDestination hl7 = new FakeDestination("hl7");
    final RecordingAuditLog audit = new RecordingAuditLog();
    public final JobStore jobs = new JobStore();
    final Lanes lanes = new Lanes(clock);
    public final Database database;
    public final ImagingPipeline pipeline;
    final DeliveryRun deliveries;
    final OrderIntake intake;
    final JobControl control;
    public final LateImages late;
    private final AtomicInteger ids = new AtomicInteger();

    OrderLife(Database database) {
        this(database, null);
    }

    /** At a site that chose its own threshold. */
    OrderLife(Database database, @Nullable Double siteThreshold) {
        this.database = database;
        pacs.threshold = siteThreshold == null ? pacs.threshold : siteThreshold;
        PipelineLimits limits = PipelineLimits.defaults();
        FaultPoint faults = name -> {};
        Results results = new Results(pacs, FakePacs.MODEL, siteThreshold, List.of("ehr", "hl7"), () -> {}, clock);
        OrderTimes times = new OrderTimes(clock);
        pipeline = new ImagingPipeline(
                database,
                jobs,
                pacs,
                new CountedAnalyses(database, pacs, clock),
                results,
                audit,
                new ImagingPipeline.Model(FakePacs.MODEL, pacs.threshold),
                limits,
                times,
                faults,
                clock);
        deliveries = new DeliveryRun(
                database, jobs, results, pacs, List.of(ehr, hl7), audit, lanes, limits, times, faults, clock);
        intake =
                new OrderIntake(database, audit, new OrderEvents(jobs, results, audit, clock), () -> {}, faults, clock);
        control = new JobControl(database, jobs, results, audit, () -> {}, clock);
        late = new LateImages(database, jobs, pacs, pacs, audit, () -> {}, clock);
    }

    public static ImagingOrder order(
            @Nullable String study, @Nullable String accession, Patient patient, @Nullable Integer expected) {
        OrderKey key = new OrderKey(
                study == null ? null : new StudyUid(study),
                accession == null ? null : new AccessionNumber(accession),
                "PL1",
                null);
        return new ImagingOrder(
                key,
                patient,
                "I",
                null,
                Procedure.unknown(),
                Priority.STAT,
                expected,
                java.time.Instant.parse("2026-03-01T07:59:00Z"),
                true,
                EhrReferences.none(),
                new Origin(Origin.Channel.HL7, "RIS|HOSP", "M1"));
    }

    Receipt receive(OrderEvent... events) {
        return receive("M" + ids.incrementAndGet(), "body", events);
    }

    Receipt receive(String id, String body, OrderEvent... events) {
        IncomingMessage message = new IncomingMessage(
                new Origin(Origin.Channel.HL7, "RIS|HOSP", id),
                "ORM^O01",
                body.getBytes(StandardCharsets.UTF_8),
                clock.instant());
        return intake.receive(message, List.of(events), outcomes -> "reply " + outcomes.size());
    }

    public String place(@Nullable Integer expected) {
        Receipt.Recorded recorded = (Receipt.Recorded)
                receive(new OrderEvent.Placed(order(FakePacs.STUDY.value(), "ACC1", ANN, expected), null));
        return jobOf(recorded);
    }

    static String jobOf(Receipt.Recorded recorded) {
        return switch (recorded.outcomes().getFirst()) {
            case OrderEvent.Outcome.Created(String id) -> id;
            case OrderEvent.Outcome.Applied(String id) -> id;
            case OrderEvent.Outcome.Unable(String id, String why) -> id;
            case OrderEvent.Outcome.Unknown u -> throw new AssertionError("no job");
            case OrderEvent.Outcome.Ignored i -> throw new AssertionError("no job");
        };
    }

    public Job job(String id) {
        return database.read(handle -> jobs.find(handle, id)).orElseThrow();
    }

    int jobCount() {
        return database.read(handle ->
                handle.createQuery("select count(*) from job").mapTo(int.class).one());
    }

    List<Outbox.Delivery> outbox(String job) {
        return database.read(handle -> new Outbox().ofJob(handle, job));
    }

    /** Makes each scheduled delivery's attempt, as the queue would, until none is due now. */
    public void deliver() {
        for (int round = 0; round < 20; round++) {
            boolean any = deliver(Schedule.Queue.PACS) | deliver(Schedule.Queue.EHR) | deliver(Schedule.Queue.HL7);
            if (!any) {
                return;
            }
        }
        throw new AssertionError("deliveries never come to rest");
    }

    /** Makes those attempts that are due in one lane. Returns whether there were any. */
    public boolean deliver(Schedule.Queue lane) {
        List<String> due = database.read(handle -> handle.createQuery("select task_instance from " + lane.table
                        + " where execution_time <= :now order by priority desc, execution_time")
                .bind("now", JobStore.utc(clock.instant()))
                .mapTo(String.class)
                .list());
        for (String id : due) {
            Next next = deliveries.run(id);
            database.inTransaction(handle -> handle.createUpdate(
                            next instanceof Next.At at
                                    ? "update " + lane.table + " set execution_time = '" + at.when()
                                            + "' where task_instance = :id"
                                    : "delete from " + lane.table + " where task_instance = :id")
                    .bind("id", id)
                    .execute());
        }
        return !due.isEmpty();
    }

    @Override
    public void close() {
        database.close();
    }
}
