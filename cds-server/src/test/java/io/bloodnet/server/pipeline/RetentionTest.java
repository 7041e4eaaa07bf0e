package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.server.fhir.MadeResourceStore;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.result.Outbox;
import io.bloodnet.server.retention.Retention;
import io.bloodnet.server.retention.RetentionLimits;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.store.TimeUuid;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is older than the site wants it is erased, and that is told; what is open stays whole, on both databases. */
class RetentionTest {

    private static final RetentionLimits LIMITS = new RetentionLimits(30, 400, 7, 100, 120, 90);

    abstract static class Contract {

        private OrderLife life;
        private Retention retention;

        abstract Database open();

        @BeforeEach
        void begin() {
            life = new OrderLife(open());
            retention = new Retention(life.database, life.audit, LIMITS, life.clock);
        }

        @AfterEach
        void end() {
            life.close();
        }

        private void after(int days) {
            life.clock.pass(Duration.ofDays(days));
            retention.sweep();
        }

        private int count(String from) {
            return life.database.read(handle -> handle.createQuery("select count(*) from " + from)
                    .mapTo(int.class)
                    .one());
        }

        private int erased(String what) {
            return (int) life.audit.events(AuditEvent.DataErased.class).stream()
                    .filter(event -> event.what().equals(what))
                    .mapToLong(AuditEvent.DataErased::rows)
                    .sum();
        }

        /** An order that ends as reported. */
        private String reported() {
            String id = life.place(1);
            life.pacs.has(1, OrderLife.ANN);
            life.pipeline.run(id);
            life.deliver();
            assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
            return id;
        }

        @Test
        void a_body_goes_after_its_days_and_its_repetition_is_still_known() {
            reported();
            after(29);
            assertThat(count("inbox where octet_length(body) > 0")).isEqualTo(1);
            after(2);
            assertThat(count("inbox where octet_length(body) > 0")).isZero();
            assertThat(erased("message-body")).isEqualTo(1);
            assertThat(life.receive("M1", "body", placed())).isInstanceOf(Receipt.Repeated.class);
            after(1);
            assertThat(erased("message-body")).as("erased once").isEqualTo(1);
            after(400);
            assertThat(count("inbox")).isZero();
            assertThat(erased("message")).isEqualTo(1);
        }

        private OrderEvent placed() {
            return new OrderEvent.Placed(OrderLife.order(FakePacs.STUDY.value(), "ACC1", OrderLife.ANN, 1), null);
        }

        @Test
        void an_order_that_ended_goes_with_all_that_belongs_to_it_and_is_named_in_the_audit_log() {
            String id = reported();
            after(99);
            assertThat(count("job")).isEqualTo(1);
            after(2);
            for (String table : List.of("job", "order_name", "delivery", "ehr_task")) {
                assertThat(count(table)).as(table).isZero();
            }
            List<AuditEvent.DataErased> orders = life.audit.events(AuditEvent.DataErased.class).stream()
                    .filter(event -> event.what().equals("order"))
                    .toList();
            assertThat(orders).hasSize(1);
            assertThat(orders.getFirst().about().jobId()).isEqualTo(id);
            assertThat(orders.getFirst().about().patientId()).isNull();
            assertThat(orders.getFirst().rule()).isEqualTo("older than 100 days");
        }

        @Test
        void an_order_of_the_same_numbers_is_a_new_one_afterwards() {
            String id = reported();
            after(101);
            Receipt.Recorded again = (Receipt.Recorded) life.receive(placed());
            assertThat(again.outcomes().getFirst()).isInstanceOf(OrderEvent.Outcome.Created.class);
            assertThat(OrderLife.jobOf(again)).isNotEqualTo(id);
        }

        @Test
        void a_change_begins_the_days_anew() {
            String id = reported();
            after(60);
            OrderKey key = life.job(id).order().key().about(OrderLife.ANN.id());
            life.receive(new OrderEvent.HumanReport(key, "F", life.clock.instant(), true));
            after(60);
            assertThat(count("job")).isEqualTo(1);
        }

        @Test
        void masks_of_what_was_delivered_go_and_what_was_told_stays() {
            String id = reported();
            after(6);
            assertThat(count("delivery where payload is not null")).isEqualTo(1);
            after(2);
            assertThat(count("delivery where payload is not null")).isZero();
            assertThat(life.outbox(id)).allMatch(delivery -> delivery.state() == Outbox.State.DELIVERED);
            assertThat(life.outbox(id)).allMatch(delivery -> delivery.report().finding() != null);
            assertThat(erased("delivered-images")).isEqualTo(3);
            after(1);
            assertThat(erased("delivered-images")).as("erased once").isEqualTo(3);
        }

        @Test
        void what_waits_or_is_held_or_failed_stays_whole_for_ever() {
            String waiting = OrderLife.jobOf((Receipt.Recorded) life.receive(order("1.2.3.5", "ACC2", null)));
            String held = OrderLife.jobOf((Receipt.Recorded) life.receive(order("1.2.3.6", "ACC3", "which patient?")));
            String failed = OrderLife.jobOf((Receipt.Recorded) life.receive(order("1.2.3.7", "ACC4", null)));
            life.database.inTransaction(
                    handle -> handle.execute("update job set state = 'FAILED' where id = ?", failed));
            String delivering = reported();
            life.database.inTransaction(
                    handle -> handle.execute("update job set state = 'DELIVERING'" + " where id = ?", delivering));
            card(held, life.clock.instant());
            made(held);
            after(3_000);
            assertThat(count("job")).isEqualTo(4);
            assertThat(count("inbox where octet_length(body) > 0")).isEqualTo(4);
            assertThat(count("delivery where payload is not null")).isEqualTo(1);
            assertThat(count("cds_card")).isEqualTo(1);
            assertThat(count("made_resource")).isEqualTo(1);
            assertThat(life.job(waiting).state()).isEqualTo(JobState.WAITING_FOR_IMAGES);
            assertThat(life.audit.events(AuditEvent.DataErased.class)).isEmpty();

            life.control.wish(JobControl.Wish.DISMISS, held, "a person");
            after(101);
            assertThat(count("job where id = '" + held + "'")).isZero();
            assertThat(count("inbox where octet_length(body) > 0")).isEqualTo(3);
            assertThat(count("cds_card")).isZero();
            assertThat(count("made_resource")).isZero();
        }

        @Test
        void a_reported_order_with_a_delivery_on_its_way_stays() {
            String id = reported();
            life.database.inTransaction(handle -> handle.execute(
                    "update delivery set state = 'PENDING' where job_id = ? and destination = 'hl7'", id));
            after(101);
            assertThat(count("job")).isEqualTo(1);
        }

        private OrderEvent order(String study, String accession, String hold) {
            ImagingOrder order = OrderLife.order(study, accession, patient(accession), 1);
            return new OrderEvent.Placed(order, hold);
        }

        private Patient patient(String number) {
            return Patient.known(new PatientId("P" + number, "HOSP"));
        }

        @Test
        void cards_go_with_what_people_did_with_them() {
            String id = reported();
            card(id, life.clock.instant());
            after(89);
            assertThat(count("cds_card")).isEqualTo(1);
            assertThat(count("cds_feedback")).isEqualTo(1);
            after(2);
            assertThat(count("cds_card")).isZero();
            assertThat(count("cds_feedback")).isZero();
            assertThat(erased("card")).isEqualTo(1);
        }

        private void card(String job, Instant at) {
            String uuid = TimeUuid.at(at).toString();
            life.database.inTransaction(handle -> handle.execute(
                    "insert into cds_card (card_uuid, service, hook_instance, kind, job_id, indicator, patient_hash, user_id, shown,"
                            + " answered_at) values (?, 's', 'h', 'FLAG', ?, 'critical', 'p', 'Practitioner/1', true, ?)",
                    uuid,
                    job,
                    JobStore.utc(at)));
            life.database.inTransaction(handle -> handle.execute(
                    "insert into cds_feedback (card_uuid, outcome, outcome_at, received_at, kind, job_id, user_id)"
                            + " values (?, 'ACCEPTED', ?, ?, 'FLAG', ?, 'Practitioner/1')",
                    uuid,
                    JobStore.utc(at),
                    JobStore.utc(at),
                    job));
        }

        private void made(String job) {
            life.database.inTransaction(handle -> handle.execute(
                    "insert into made_resource (type, id, job_id, patient, report, delivered_at, json)"
                            + " values ('Observation', 'o1', ?, 'Patient/1', 'r', ?, '{}')",
                    job,
                    JobStore.utc(life.clock.instant())));
            life.database.inTransaction(
                    handle -> handle.execute("insert into made_identifier (type, id, identifier, value_only)"
                            + " values ('Observation', 'o1', 's|v', 'v')"));
        }

        @Test
        void what_we_filed_goes_from_our_own_face() {
            made(reported());
            after(119);
            assertThat(new MadeResourceStore(life.database).read("Observation", "o1"))
                    .isPresent();
            after(2);
            assertThat(new MadeResourceStore(life.database).read("Observation", "o1"))
                    .isEmpty();
            assertThat(count("made_identifier")).isZero();
            assertThat(erased("filed-resource")).isEqualTo(1);
        }

        @Test
        void more_than_one_batch_goes_in_one_sweep() {
            for (int i = 0; i < 1_203; i++) {
                int n = i;
                life.database.inTransaction(handle -> handle.execute(
                        "insert into inbox (known_by, channel, sender, message_id, type, sha256, body, reply, received_at, job_id)"
                                + " values (?, 'HL7', 'S', ?, 'T', 'x', ?, 'r', ?, 'gone')",
                        "k" + n,
                        "m" + n,
                        new byte[] {1},
                        JobStore.utc(life.clock.instant())));
            }
            after(31);
            assertThat(count("inbox where octet_length(body) > 0")).isZero();
            assertThat(erased("message-body")).isEqualTo(1_203);
        }

        @Test
        void bodies_that_older_versions_kept_of_strangers_go_at_once_and_those_of_orders_stay() {
            life.place(1); // M1
            life.database.inTransaction(handle -> handle.execute("update inbox set job_id = null"));
            life.database.inTransaction(handle -> handle.execute(
                    "insert into inbox (known_by, channel, sender, message_id, type, sha256, body, reply, received_at)"
                            + " values ('x', 'HL7', 'LAB|HOSP', '7', 'ORU^R01', 'x', ?, 'r', ?)",
                    "a stranger's HIV report".getBytes(StandardCharsets.UTF_8),
                    JobStore.utc(life.clock.instant())));
            retention.sweep();
            assertThat(count("inbox where octet_length(body) > 0 and message_id = 'M1'"))
                    .isEqualTo(1);
            assertThat(count("inbox where octet_length(body) > 0")).isEqualTo(1);
            assertThat(count("inbox")).isEqualTo(2);
            assertThat(erased("message-body")).isEqualTo(1);
        }

        @Test
        void nothing_is_erased_while_the_audit_log_cannot_be_written() {
            reported();
            life.clock.pass(Duration.ofDays(500));
            life.audit.setUnavailable(true);
            assertThatThrownBy(retention::sweep).isInstanceOf(RuntimeException.class);
            assertThat(count("inbox where octet_length(body) > 0")).isEqualTo(1);
            life.audit.setUnavailable(false);
            retention.sweep();
            assertThat(count("inbox")).isZero();
            assertThat(count("job")).isZero();
        }

        @Test
        void the_body_of_a_message_under_our_number_about_another_patient_is_not_kept() {
            String id = reported();
            OrderKey others = new OrderKey(null, new AccessionNumber("ACC1"), null, null)
                    .about(new PatientId("STRANGER", "HOSP"));
            life.receive("R1", "of another patient", new OrderEvent.HumanReport(others, "F", Instant.EPOCH, false));
            assertThat(count("inbox where message_id = 'R1' and octet_length(body) > 0"))
                    .isZero();
            assertThat(life.job(id).humanReadAt()).isNull();
        }
    }

    @Nested
    class OnH2 extends Contract {
        @TempDir
        Path folder;

        @Override
        Database open() {
            return Database.open("jdbc:h2:file:" + folder.resolve("bloodnet"), "sa", null);
        }
    }

    @Nested
    class OnPostgres extends Contract {
        private static EmbeddedPostgres postgres;

        @BeforeAll
        static void start() throws Exception {
            postgres = EmbeddedPostgres.builder()
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .start();
        }

        @AfterAll
        static void stop() throws Exception {
            postgres.close();
        }

        @Override
        Database open() {
            Database database = Database.open(postgres.getJdbcUrl("postgres", "postgres"), "postgres", null);
            database.inTransaction(handle -> {
                for (String table : List.of("cds_feedback", "cds_card", "made_identifier", "memo")) {
                    handle.execute("delete from " + table);
                }
                return OrderLifeContract.tables().stream()
                        .mapToInt(table -> handle.execute("delete from " + table))
                        .sum();
            });
            return database;
        }
    }
}
