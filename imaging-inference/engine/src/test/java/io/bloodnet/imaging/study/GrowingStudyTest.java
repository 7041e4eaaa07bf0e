package io.bloodnet.imaging.study;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ExecutionProvider;
import io.bloodnet.imaging.bloodnet.TestNetwork;
import io.bloodnet.imaging.dicomweb.DicomWebClient;
import io.bloodnet.imaging.dicomweb.FakeArchive;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.growing.GrowingStudies;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudyAnalyzer.Analysis;
import io.bloodnet.imaging.study.StudyAnalyzer.Urgency;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Many looks at a study that grows, over real HTTP: no image is fetched twice, and the last look says what a single one would. */
class GrowingStudyTest {

    private static final GrowingStudies.Limits ROOMY = new GrowingStudies.Limits(4, 64 << 20, 64 << 20);
    private static final GrowingStudies.Limits ONE_IN_MEMORY = new GrowingStudies.Limits(4, 600_000, 64 << 20);
    private static final GrowingStudies.Limits NOTHING = new GrowingStudies.Limits(4, 0, 0);

    private static BloodNet net;

    private final List<byte[]> stored = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void open() {
        net = BloodNet.open(
                TestNetwork.bundle(TestNetwork.Probability.BY_VOLUME),
                new BloodNet.Settings(ExecutionProvider.CPU, 2, 2));
    }

    @AfterAll
    static void close() {
        net.close();
    }

    /** In which order a scanner stores its slices. */
    enum Order {
        FROM_FEET,
        FROM_HEAD,
        ANY;

        List<byte[]> of(List<byte[]> files) {
            List<byte[]> ordered = new ArrayList<>(files);
            switch (this) {
                case FROM_FEET -> {}
                case FROM_HEAD -> Collections.reverse(ordered);
                case ANY -> Collections.shuffle(ordered, new Random(20261130));
            }
            return ordered;
        }
    }

    private static StudySource.StudyListing listing(DicomWebClient client) {
        return ((StudySource.StudyLookup.Found)
                        client.find(new StudyUid(Phantom.STUDY), null, new PatientId(Phantom.PATIENT, null)))
                .listing();
    }

    private static BloodNetAnalyzer analyzer(DicomWebClient client, GrowingStudies.Limits kept) {
        return new BloodNetAnalyzer(client.images(), net, PhantomFolders.LIMITS, ZoneOffset.UTC, kept);
    }

    private static void assertSame(Analysis many, Analysis once) {
        assertThat(withoutTiming(many.finding())).isEqualTo(withoutTiming(once.finding()));
        assertThat(many.facts()).isEqualTo(once.facts());
        assertThat(many.firm()).isEqualTo(once.firm());
        assertThat(many.keyImagePng()).isEqualTo(once.keyImagePng());
        assertThat(seg(many)).isEqualTo(seg(once));
    }

    private static byte[] seg(Analysis analysis) {
        StudyAnalyzer.MaskDraft mask = analysis.mask();
        return mask == null ? new byte[0] : mask.toSeg("2.25.7", "2.25.8", Instant.EPOCH);
    }

    private static Finding withoutTiming(Finding finding) {
        return switch (finding) {
            case Finding.NotAnalyzed n -> n;
            case Finding.Analyzed f -> f.timed(new Finding.Timing(1, 1, 1));
        };
    }

    @ParameterizedTest
    @EnumSource(Order.class)
    void fetches_no_image_twice_and_ends_with_what_one_look_would_say(Order order) throws IOException {
        List<byte[]> files = order.of(Phantom.plain().files());
        try (FakeArchive archive = new FakeArchive(stored);
                DicomWebClient client = archive.client();
                BloodNetAnalyzer looking = analyzer(client, ROOMY)) {
            int fetched = 0;
            for (int slices : new int[] {5, 6, 8, 11, 12}) {
                stored.addAll(files.subList(stored.size(), slices));
                Analysis look = looking.look(listing(client), Urgency.NONE, false);
                fetched += look.instances();
                assertThat(fetched).as("of %s slices", slices).isEqualTo(slices);
                assertSame(look, analyzer(client, ROOMY).analyze(listing(client)));
            }
            long before = archive.count("series") + archive.count("instance");
            Analysis last = looking.analyze(listing(client), Urgency.NONE);
            assertThat(last.instances()).isZero();
            assertThat(archive.count("series") + archive.count("instance")).isEqualTo(before);
            assertSame(last, analyzer(client, ROOMY).analyze(listing(client)));
            assertThat(last.finding()).isInstanceOf(Finding.Analyzed.class);
        }
    }

    @Test
    void spills_to_a_file_beyond_its_memory_and_fetches_again_beyond_that() throws IOException {
        List<byte[]> files = Phantom.plain().files();
        try (FakeArchive archive = new FakeArchive(stored);
                DicomWebClient client = archive.client();
                BloodNetAnalyzer spilling = analyzer(client, ONE_IN_MEMORY);
                BloodNetAnalyzer forgetful = analyzer(client, NOTHING)) {
            stored.addAll(files.subList(0, 6));
            assertThat(spilling.look(listing(client), Urgency.NONE, false).instances())
                    .isEqualTo(6);
            assertThat(forgetful.look(listing(client), Urgency.NONE, false).instances())
                    .isEqualTo(6);
            stored.addAll(files.subList(6, 12));
            Analysis spilled = spilling.look(listing(client), Urgency.NONE, false);
            Analysis fetched = forgetful.look(listing(client), Urgency.NONE, false);
            assertThat(spilled.instances()).isEqualTo(6);
            assertThat(fetched.instances()).isEqualTo(12);
            assertSame(spilled, fetched);
        }
    }

    @Test
    void room_comes_back_when_a_study_is_forgotten() throws IOException {
        stored.addAll(Phantom.plain().files());
        GrowingStudies.Limits one = new GrowingStudies.Limits(4, 12 * 600_000, 0);
        try (FakeArchive archive = new FakeArchive(stored);
                DicomWebClient client = archive.client();
                BloodNetAnalyzer looking = analyzer(client, one)) {
            for (int round = 0; round < 3; round++) {
                assertThat(looking.look(listing(client), Urgency.NONE, false).instances())
                        .isEqualTo(12);
                assertThat(looking.look(listing(client), Urgency.NONE, false).instances())
                        .isZero();
                looking.forget(new StudyUid(Phantom.STUDY));
            }
            looking.analyze(listing(client), Urgency.NONE);
            assertThat(looking.analyze(listing(client), Urgency.NONE).instances())
                    .as("a study that is looked at once is not kept")
                    .isEqualTo(12);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 5})
    void image_that_came_damaged_is_fetched_again(int damaged) throws IOException {
        List<byte[]> files = Phantom.plain().files();
        stored.addAll(files.subList(0, 6));
        byte[] broken = files.get(damaged).clone();
        byte[] cut = Arrays.copyOf(broken, broken.length - 1_000);
        try (FakeArchive archive = new FakeArchive(stored);
                DicomWebClient client = archive.client();
                BloodNetAnalyzer looking = analyzer(client, ROOMY)) {
            List<byte[]> first = new ArrayList<>(stored);
            first.set(damaged, cut);
            archive.on("series", exchange -> FakeArchive.multipart(exchange, first, true));
            assertThat(looking.look(listing(client), Urgency.NONE, false).instances())
                    .isEqualTo(7);
            stored.addAll(files.subList(6, 12));
            Analysis look = looking.look(listing(client), Urgency.NONE, false);
            assertThat(look.instances()).isEqualTo(6);
            assertThat(look.finding()).isInstanceOf(Finding.Analyzed.class);
        }
    }

    @Test
    void windows_that_did_not_change_are_not_judged_again() throws Exception {
        List<byte[]> files = unlike(Phantom.plain().files());
        try (FakeArchive archive = new FakeArchive(stored);
                DicomWebClient client = archive.client();
                BloodNet own = BloodNet.open(
                        TestNetwork.bundle(TestNetwork.Probability.BY_VOLUME),
                        new BloodNet.Settings(ExecutionProvider.CPU, 1, 1));
                BloodNetAnalyzer looking =
                        new BloodNetAnalyzer(client.images(), own, PhantomFolders.LIMITS, ZoneOffset.UTC, ROOMY)) {
            stored.addAll(files.subList(0, 5));
            looking.look(listing(client), Urgency.NONE, false);
            long five = own.judged();
            assertThat(five).isEqualTo(5);
            looking.look(listing(client), Urgency.NONE, false);
            assertThat(own.judged()).as("nothing is new").isEqualTo(five);
            stored.add(files.get(5));
            looking.look(listing(client), Urgency.NONE, false);
            assertThat(own.judged() - five)
                    .as("the new window and the two that it ends the replicated edge of")
                    .isEqualTo(3);
        }
    }

    @Test
    void both_ends_wait_while_a_study_grows_that_shows_nothing_suspicious() throws Exception {
        List<byte[]> files = unlike(new Phantom(12, 512, 0.45, 8, 0, 0, 40, true, b -> b).files());
        try (FakeArchive archive = new FakeArchive(stored);
                DicomWebClient client = archive.client();
                BloodNet own = BloodNet.open(
                        TestNetwork.bundle(TestNetwork.Probability.BY_VOLUME),
                        new BloodNet.Settings(ExecutionProvider.CPU, 1, 2));
                BloodNetAnalyzer looking =
                        new BloodNetAnalyzer(client.images(), own, PhantomFolders.LIMITS, ZoneOffset.UTC, ROOMY)) {
            stored.addAll(files.subList(0, 9));
            assertThat(looking.look(listing(client), Urgency.NONE, true).finding())
                    .isInstanceOfSatisfying(
                            Finding.NotAnalyzed.class,
                            none -> assertThat(none.reason()).isEqualTo(NotAnalyzedReason.INCOMPLETE));
            assertThat(own.judged()).isEqualTo(5);
            stored.add(files.get(9));
            looking.look(listing(client), Urgency.NONE, true);
            assertThat(own.judged()).as("each window once").isEqualTo(6);
            stored.addAll(files.subList(10, 12));
            Analysis still = looking.look(listing(client), Urgency.NONE, false);
            assertThat(own.judged()).isEqualTo(12);
            assertSame(still, analyzer(client, ROOMY).analyze(listing(client)));
            assertThat(still.finding())
                    .isInstanceOfSatisfying(
                            Finding.Analyzed.class,
                            a -> assertThat(a.positive()).isFalse());
        }
    }

    @Test
    void suspicion_of_a_study_that_grows_is_whole() throws IOException {
        List<byte[]> files = Phantom.plain().files();
        try (FakeArchive archive = new FakeArchive(stored);
                DicomWebClient client = archive.client();
                BloodNetAnalyzer looking = analyzer(client, ROOMY)) {
            for (int slices = 5; slices <= 12; slices++) {
                stored.addAll(files.subList(stored.size(), slices));
                Analysis look = looking.look(listing(client), Urgency.NONE, true);
                Analysis once = analyzer(client, ROOMY).analyze(listing(client));
                if (look.finding() instanceof Finding.Analyzed) {
                    assertSame(look, once);
                } else {
                    assertThat(once.firm()).as("with %s slices", slices).isFalse();
                }
                assertThat(look.finding() instanceof Finding.Analyzed)
                        .as("with %s slices", slices)
                        .isEqualTo(slices >= 7);
            }
        }
    }

    /** One pixel of air differs, so that no two slices are alike. */
    private static List<byte[]> unlike(List<byte[]> files) {
        for (int i = 0; i < files.size(); i++) {
            byte[] file = files.get(i);
            file[file.length - 2] = (byte) (i + 1);
        }
        return files;
    }

    @Test
    void study_that_was_looked_at_longest_ago_makes_room() {
        GrowingStudies studies = new GrowingStudies(new GrowingStudies.Limits(2, 800, 0));
        List<StudyUid> uids =
                IntStream.range(0, 3).mapToObj(i -> new StudyUid("2.25.1" + i)).toList();
        studies.of(uids.get(0)).keep("2.25.5", "2.25.6", new byte[400]);
        studies.of(uids.get(1)).keep("2.25.5", "2.25.6", new byte[401]);
        assertThat(studies.of(uids.get(1)).kept("2.25.5")).as("no room").isEmpty();
        studies.of(uids.get(2)).keep("2.25.5", "2.25.6", new byte[401]);
        assertThat(studies.of(uids.get(2)).kept("2.25.5")).containsExactly("2.25.6");
        assertThat(uids.stream().filter(studies::knows)).containsExactly(uids.get(1), uids.get(2));
    }
}
