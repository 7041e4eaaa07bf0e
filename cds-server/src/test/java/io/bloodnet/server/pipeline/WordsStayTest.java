package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.finding.Destination;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.EhrReferences;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderEvent.Outcome;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Origin;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.Priority;
import io.bloodnet.imaging.order.Procedure;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudySource.SeriesListing;
import io.bloodnet.imaging.study.StudySource.StudyListing;
import io.bloodnet.imaging.study.StudySource.StudyLookup;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is acknowledged while a step is under way is never undone by that step: all pairs of a step and a message. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WordsStayTest {

    @TempDir
    static Path folder;

    private OrderLife life;
    private int number;
    private Patient ann = OrderLife.ANN;
    private StudyUid study = FakePacs.STUDY;
    private String accession = "";
    private String job = "";
    private Outcome said = new Outcome.Unknown();

    @BeforeAll
    void open() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("words"), "sa", null));
    }

    @AfterAll
    void close() {
        life.close();
    }

    @BeforeEach
    void another() {
        number++;
        ann = new Patient(new PatientId("MRN-" + number, "HOSP"), "LAST", null, null, Patient.Sex.UNKNOWN);
        study = new StudyUid("1.2.3." + number);
        accession = "W" + number;
        life.pacs.asked = () -> {};
        life.pacs.during = () -> {};
        life.pacs.fault = () -> null;
        life.pacs.notAnalyzed = null;
        life.pacs.imaged = null;
        life.pacs.probability = 0.9;
        life.ehr.meanwhile().clear();
        life.ehr.outcomes().clear();
    }

    /** What a message says, and that it still holds. */
    enum Word {
        ORDERED_AGAIN,
        CHANGED,
        CANCELLED,
        HELD,
        READ_BY_A_PERSON,
        COMPLETE,
        MERGED,
        RENAMED,
        EMERGENCY
    }

    /** What a run does when the message comes. */
    enum Step {
        LOOKS_AND_FINDS_NOTHING,
        LOOKS_LATE_AND_FINDS_NOTHING,
        GIVES_UP,
        GIVES_UP_WITHOUT_A_STUDY,
        FINDS_TWO_STUDIES,
        FINDS_ANOTHER_PATIENT,
        LEARNS_THE_STUDY,
        FINDS_SOME,
        SEES_A_BLEED_EARLY,
        SEES_NONE_EARLY,
        BREAKS_IN_AN_EARLY_LOOK,
        FINDS_THE_STUDY_OF_ANOTHER_ORDER,
        CANNOT_ASK_THE_ARCHIVE,
        CANNOT_ASK_THE_ARCHIVE_FOR_A_DAY,
        BREAKS,
        BREAKS_FOR_GOOD,
        FINDS_A_BLEED,
        FINDS_NONE,
        CANNOT_ANALYZE,
        MISSES_IMAGES,
        SEES_ANOTHER_PATIENT,
        IS_CUT_OFF,
        BREAKS_IN_THE_MODEL,
        LOOKS_AGAIN_AND_FINDS_NOTHING,
        LOOKS_AGAIN_AND_FINDS_TWO,
        DELIVERS,
        CANNOT_DELIVER,
        IS_REFUSED,
        IS_CONTRADICTED,
        LOOKS_FOR_LATE_IMAGES
    }

    static Stream<Arguments> pairs() {
        return Arrays.stream(Step.values())
                .flatMap(step -> Arrays.stream(Word.values()).map(word -> Arguments.of(step, word)));
    }

    @ParameterizedTest(name = "while a run {0}: {1}")
    @MethodSource("pairs")
    void what_was_said_stays(Step step, Word word) {
        run(step, () -> said = say(word));
        assertHolds(word, "right after");
        heal();
        assertHolds(word, "in the end");
        assertThat(life.job(job).state()).isIn(ends());
        assertThat(life.ehr.got().stream().filter(report -> report.jobId().equals(job)))
                .as("told once")
                .hasSizeLessThanOrEqualTo(1);
    }

    private static List<JobState> ends() {
        return Arrays.stream(JobState.values())
                .filter(state -> state.isTerminal() || state == JobState.ON_HOLD)
                .toList();
    }

    // ------------------------------------------------------------------ steps

    private void run(Step step, Runnable word) {
        boolean late = step.name().contains("LATE")
                || step.name().contains("GIVES")
                || step.name().contains("DAY");
        boolean nameless = List.of(
                        Step.GIVES_UP_WITHOUT_A_STUDY, Step.LEARNS_THE_STUDY, Step.FINDS_THE_STUDY_OF_ANOTHER_ORDER)
                .contains(step);
        if (step == Step.FINDS_THE_STUDY_OF_ANOTHER_ORDER) {
            place(order(study, "X" + number, null));
        }
        job = place(order(nameless ? null : study, accession, null));
        if (late) {
            life.clock.pass(Duration.ofHours(step == Step.LOOKS_LATE_AND_FINDS_NOTHING ? 2 : 25));
        }
        archive(step);
        if (step.name().startsWith("LOOKS_AGAIN")) {
            breakOff();
        }
        if (step == Step.BREAKS_FOR_GOOD) {
            for (int i = 0; i < 4; i++) {
                life.pipeline.run(job);
            }
        }
        inject(step, word);
        if (step == Step.LOOKS_FOR_LATE_IMAGES) {
            life.late.look();
        } else if (step.ordinal() >= Step.DELIVERS.ordinal()) {
            life.pipeline.run(job);
            life.deliver();
        } else {
            life.pipeline.run(job);
        }
        life.pacs.asked = () -> {};
        life.pacs.during = () -> {};
    }

    private void archive(Step step) {
        life.pacs.answer = new StudyLookup.NotFound();
        switch (step) {
            case FINDS_TWO_STUDIES, LOOKS_AGAIN_AND_FINDS_TWO -> life.pacs.answer = new StudyLookup.Ambiguous(2);
            case FINDS_ANOTHER_PATIENT -> has(Patient.known(new PatientId("BOB", "HOSP")), 1);
            case CANNOT_ASK_THE_ARCHIVE, CANNOT_ASK_THE_ARCHIVE_FOR_A_DAY ->
                life.pacs.fault = () -> new StudySourceException(StudySourceException.Code.BUSY, "503");
            case BREAKS, BREAKS_FOR_GOOD -> life.pacs.fault = () -> new IllegalStateException("poison");
            case LOOKS_AND_FINDS_NOTHING,
                    LOOKS_LATE_AND_FINDS_NOTHING,
                    GIVES_UP,
                    GIVES_UP_WITHOUT_A_STUDY,
                    LOOKS_AGAIN_AND_FINDS_NOTHING -> {}
            case LEARNS_THE_STUDY, FINDS_SOME, FINDS_THE_STUDY_OF_ANOTHER_ORDER -> has(ann, 2);
            case SEES_A_BLEED_EARLY, BREAKS_IN_AN_EARLY_LOOK -> has(ann, 9);
            case SEES_NONE_EARLY -> {
                has(ann, 9);
                life.pacs.probability = 0.1;
            }
            case FINDS_NONE -> {
                complete();
                life.pacs.probability = 0.1;
            }
            case CANNOT_ANALYZE -> {
                complete();
                life.pacs.notAnalyzed = NotAnalyzedReason.NOT_A_HEAD;
            }
            case MISSES_IMAGES -> {
                complete();
                life.pacs.notAnalyzed = NotAnalyzedReason.INCOMPLETE;
            }
            case SEES_ANOTHER_PATIENT -> {
                complete();
                life.pacs.imaged = Patient.known(new PatientId("BOB", "HOSP"));
            }
            case LOOKS_FOR_LATE_IMAGES -> {
                complete();
                life.pipeline.run(job);
                life.deliver();
                assertThat(life.job(job).state()).isEqualTo(JobState.REPORTED_POSITIVE);
                has(ann, 12);
            }
            case FINDS_A_BLEED,
                    IS_CUT_OFF,
                    BREAKS_IN_THE_MODEL,
                    DELIVERS,
                    CANNOT_DELIVER,
                    IS_REFUSED,
                    IS_CONTRADICTED -> complete();
        }
    }

    /** The study has stood still for the quiet period, and nobody has looked at its images yet. */
    private void complete() {
        has(ann, 7);
        life.pipeline.run(job);
        life.clock.pass(Duration.ofSeconds(11));
    }

    private void has(Patient patient, int slices) {
        List<SeriesListing> series = List.of(new SeriesListing(study + ".1", "CT", null, slices));
        life.pacs.answer =
                new StudyLookup.Found(new StudyListing(study, patient, new AccessionNumber(accession), series, slices));
    }

    /** The job is ANALYZING, and its run has ended. */
    private void breakOff() {
        StudyLookup after = life.pacs.answer;
        complete();
        life.pacs.during = () -> {
            throw new StudySourceException(StudySourceException.Code.UNREACHABLE, "cut");
        };
        life.pipeline.run(job);
        life.pacs.during = () -> {};
        life.pacs.answer = after;
        assertThat(life.job(job).state()).isEqualTo(JobState.ANALYZING);
    }

    private void inject(Step step, Runnable word) {
        Runnable once = new Once(word);
        switch (step) {
            case SEES_A_BLEED_EARLY,
                    SEES_NONE_EARLY,
                    FINDS_A_BLEED,
                    FINDS_NONE,
                    CANNOT_ANALYZE,
                    MISSES_IMAGES,
                    SEES_ANOTHER_PATIENT -> life.pacs.during = once;
            case IS_CUT_OFF ->
                life.pacs.during = () -> {
                    once.run();
                    throw new StudySourceException(StudySourceException.Code.UNREACHABLE, "cut");
                };
            case BREAKS_IN_THE_MODEL, BREAKS_IN_AN_EARLY_LOOK ->
                life.pacs.during = () -> {
                    once.run();
                    throw new IllegalStateException("poison");
                };
            case DELIVERS -> life.ehr.meanwhile().add(once);
            case CANNOT_DELIVER -> {
                life.ehr.meanwhile().add(once);
                life.ehr.outcomes().add(new Destination.Outcome.Retry("503", null));
            }
            case IS_REFUSED -> {
                life.ehr.meanwhile().add(once);
                life.ehr.outcomes().add(new Destination.Outcome.Refused("422"));
            }
            case IS_CONTRADICTED -> {
                life.ehr.meanwhile().add(once);
                life.ehr.outcomes().add(new Destination.Outcome.Mismatch("birth date"));
            }
            case LOOKS_AND_FINDS_NOTHING,
                    LOOKS_LATE_AND_FINDS_NOTHING,
                    GIVES_UP,
                    GIVES_UP_WITHOUT_A_STUDY,
                    FINDS_TWO_STUDIES,
                    FINDS_ANOTHER_PATIENT,
                    LEARNS_THE_STUDY,
                    FINDS_SOME,
                    FINDS_THE_STUDY_OF_ANOTHER_ORDER,
                    CANNOT_ASK_THE_ARCHIVE,
                    CANNOT_ASK_THE_ARCHIVE_FOR_A_DAY,
                    BREAKS,
                    BREAKS_FOR_GOOD,
                    LOOKS_AGAIN_AND_FINDS_NOTHING,
                    LOOKS_AGAIN_AND_FINDS_TWO,
                    LOOKS_FOR_LATE_IMAGES -> life.pacs.asked = once;
        }
    }

    private static final class Once implements Runnable {
        private final Runnable word;
        private boolean done;

        Once(Runnable word) {
            this.word = word;
        }

        @Override
        public void run() {
            if (!done) {
                done = true;
                word.run();
            }
        }
    }

    /** Fair weather, until nothing moves any more. */
    private void heal() {
        life.pacs.fault = () -> null;
        life.pacs.notAnalyzed = null;
        life.pacs.imaged = null;
        has(life.job(job).order().patient(), 12);
        for (int i = 0; i < 6; i++) {
            life.pipeline.run(job);
            life.clock.pass(Duration.ofSeconds(61));
            life.deliver();
        }
    }

    // ------------------------------------------------------------------ words

    private ImagingOrder order(@Nullable StudyUid uid, String number, @Nullable Integer expected) {
        return order(uid, number, expected, Priority.ROUTINE, null, EhrReferences.none());
    }

    private ImagingOrder order(
            @Nullable StudyUid uid,
            String number,
            @Nullable Integer expected,
            Priority priority,
            @Nullable String visit,
            EhrReferences ehr) {
        return new ImagingOrder(
                new OrderKey(uid, new AccessionNumber(number), null, null),
                ann,
                "I",
                visit,
                Procedure.unknown(),
                priority,
                expected,
                Instant.parse("2026-03-01T07:59:00Z"),
                true,
                ehr,
                new Origin(Origin.Channel.HL7, "RIS|HOSP", "M1"));
    }

    private String place(ImagingOrder order) {
        return OrderLife.jobOf((Receipt.Recorded) life.receive(new OrderEvent.Placed(order, null)));
    }

    private Outcome say(Word word) {
        OrderKey key = new OrderKey(null, new AccessionNumber(accession), null, null);
        OrderEvent event = switch (word) {
            case ORDERED_AGAIN ->
                new OrderEvent.Placed(
                        order(
                                null,
                                accession,
                                9,
                                Priority.STAT,
                                null,
                                new EhrReferences(null, "Encounter/9", null, null)),
                        null);
            case CHANGED ->
                new OrderEvent.Updated(order(null, accession, 9, Priority.STAT, "V9", EhrReferences.none()));
            case CANCELLED -> new OrderEvent.Cancelled(key, "not wanted");
            case HELD -> new OrderEvent.Held(key, "held by the RIS");
            case READ_BY_A_PERSON -> new OrderEvent.HumanReport(key, "F", life.clock.instant(), false);
            case COMPLETE -> new OrderEvent.ImagesComplete(key, 9);
            case MERGED ->
                new OrderEvent.PatientMerged(ann.id(), Patient.known(new PatientId("NEW-" + number, "HOSP")));
            case RENAMED ->
                new OrderEvent.PatientUpdated(new Patient(ann.id(), "NEXT", null, null, Patient.Sex.UNKNOWN), null);
            case EMERGENCY -> new OrderEvent.PatientUpdated(ann, "E");
        };
        return ((Receipt.Recorded) life.receive(event)).outcomes().getFirst();
    }

    private void assertHolds(Word word, String when) {
        if (!(said instanceof Outcome.Applied)) {
            assertThat(said).as("the sender was told").isInstanceOf(Outcome.Unable.class);
            return;
        }
        Job now = life.job(job);
        switch (word) {
            case ORDERED_AGAIN -> {
                assertThat(now.order().expectedInstances()).as(when).isEqualTo(9);
                assertThat(now.order().priority()).as(when).isEqualTo(Priority.STAT);
                assertThat(now.order().ehr().encounter()).as(when).isEqualTo("Encounter/9");
            }
            case CHANGED -> {
                assertThat(now.order().visitNumber()).as(when).isEqualTo("V9");
                assertThat(now.order().priority()).as(when).isEqualTo(Priority.STAT);
            }
            case CANCELLED -> assertThat(now.state()).as(when).isEqualTo(JobState.CANCELLED);
            case HELD -> assertThat(now.state()).as(when).isEqualTo(JobState.ON_HOLD);
            case READ_BY_A_PERSON -> {
                assertThat(now.humanReadAt()).as(when).isNotNull();
                assertThat(now.humanSays()).as(when).isFalse();
            }
            case COMPLETE -> {
                assertThat(now.order().expectedInstances()).as(when).isEqualTo(9);
                assertThat(now.imagesComplete()).as(when).isTrue();
            }
            case MERGED ->
                assertThat(now.order().patient().id().value()).as(when).isEqualTo("NEW-" + number);
            case RENAMED ->
                assertThat(now.order().patient().familyName()).as(when).isEqualTo("NEXT");
            case EMERGENCY -> {
                assertThat(now.order().patientClass()).as(when).isEqualTo("E");
                assertThat(now.order().priority()).as(when).isEqualTo(Priority.STAT);
            }
        }
    }
}
