package io.bloodnet.imaging.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ExecutionProvider;
import io.bloodnet.imaging.bloodnet.TestNetwork;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;
import io.bloodnet.imaging.dicomweb.DicomWebClient;
import io.bloodnet.imaging.dicomweb.FakeArchive;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.ImageNotes;
import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The way from an archive to a finding, over real HTTP, with a network whose answer is known. */
class BloodNetAnalyzerTest {

    private static BloodNet net;

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

    private static StudyAnalyzer.Analysis analyze(FakeArchive archive) {
        try (DicomWebClient client = archive.client()) {
            StudySource.StudyLookup found =
                    client.find(new StudyUid(Phantom.STUDY), null, new PatientId(Phantom.PATIENT, null));
            assertThat(found).isInstanceOf(StudySource.StudyLookup.Found.class);
            return new BloodNetAnalyzer(client.images(), net, PhantomFolders.LIMITS, ZoneOffset.UTC)
                    .analyze(((StudySource.StudyLookup.Found) found).listing());
        }
    }

    private static Finding.Analyzed analyzed(FakeArchive archive) {
        Finding finding = analyze(archive).finding();
        assertThat(finding).isInstanceOf(Finding.Analyzed.class);
        return (Finding.Analyzed) finding;
    }

    private static void assertNotAnalyzed(FakeArchive archive, NotAnalyzedReason reason) {
        Finding finding = analyze(archive).finding();
        assertThat(finding).isInstanceOf(Finding.NotAnalyzed.class);
        assertThat(((Finding.NotAnalyzed) finding).reason()).isEqualTo(reason);
        assertThat(finding.seriesUid()).isEqualTo(Phantom.SERIES);
    }

    @Test
    void measures_the_blood_and_lands_the_mask_on_its_slices() throws IOException {
        Phantom phantom = Phantom.plain();
        try (FakeArchive archive = new FakeArchive(phantom.files())) {
            StudyAnalyzer.Analysis analysis = analyze(archive);
            Finding.Analyzed finding = (Finding.Analyzed) analysis.finding();

            assertThat(finding.bloodVolumeMl()).isCloseTo(phantom.bleedMl(), offset(1e-6));
            assertThat(finding.bloodVolumeRange().leastMl()).isCloseTo(phantom.bleedMl(), offset(1e-6));
            assertThat(finding.bloodVolumeRange().mostMl()).isCloseTo(phantom.bleedMl(), offset(1e-6));
            assertThat(finding.positive()).isTrue();
            assertThat(finding.slices()).hasSize(12);
            assertThat(finding.slices().get(4).bloodMl()).isCloseTo(2.592, offset(1e-6));
            assertThat(finding.slices().get(3).bloodMl()).isZero();
            assertThat(finding.flags()).isEmpty();
            assertThat(analysis.instances()).isEqualTo(12);
            assertThat(analysis.facts().acquiredAt()).isEqualTo(Instant.parse("2026-01-02T09:15:00Z"));
            assertThat(analysis.facts().sliceThicknessMm()).isEqualTo(8.0);
            assertThat(analysis.keyImagePng()).startsWith(0x89, 'P', 'N', 'G');
            assertSegFrames(analysis, 3);
        }
    }

    private static void assertSegFrames(StudyAnalyzer.Analysis analysis, int frames) {
        StudyAnalyzer.MaskDraft draft = analysis.mask();
        assertThat(draft).isNotNull();
        DicomObject seg = FakeArchive.dataSet(draft.toSeg("2.25.7", "2.25.8", Instant.EPOCH));
        assertThat(seg.requiredInteger(Tag.NUMBER_OF_FRAMES)).isEqualTo(frames);
        assertThat(seg.requiredUid(Tag.STUDY_INSTANCE_UID)).isEqualTo(Phantom.STUDY);
    }

    @Test
    void gives_the_same_finding_whatever_order_the_slices_come_in() throws IOException {
        List<byte[]> files = Phantom.plain().files();
        List<byte[]> reversed = new ArrayList<>(files);
        Collections.reverse(reversed);
        try (FakeArchive one = new FakeArchive(files);
                FakeArchive other = new FakeArchive(reversed)) {
            Finding.Analyzed first = analyzed(one);
            Finding.Analyzed second = analyzed(other);

            assertThat(second.slices()).isEqualTo(first.slices());
            assertThat(second.inputDigest()).isEqualTo(first.inputDigest()).hasSize(64);
        }
    }

    @Test
    void fetches_what_is_missing_one_by_one_when_the_stream_breaks_off() throws IOException {
        List<byte[]> files = Phantom.plain().files();
        byte[] body = FakeArchive.body(files, true);
        try (FakeArchive archive = new FakeArchive(files)) {
            archive.on("series", e -> FakeArchive.sendMultipart(e, Arrays.copyOf(body, body.length * 6 / 10)));

            assertThat(analyzed(archive).slices()).hasSize(12);
            assertThat(archive.count("instance")).isBetween(4L, 6L);
        }
    }

    @Test
    void fetches_what_is_missing_one_by_one_when_the_stream_stalls_or_has_no_final_boundary() throws IOException {
        List<byte[]> files = Phantom.plain().files();
        byte[] body = FakeArchive.body(files, false);
        byte[] open = Arrays.copyOf(body, body.length - FakeArchive.BOUNDARY.length() - 8);
        try (FakeArchive archive = new FakeArchive(files)) {
            archive.on("series", e -> FakeArchive.sendMultipart(e, open));
            assertThat(analyzed(archive).slices()).hasSize(12);
            assertThat(archive.count("instance")).isEqualTo(1);

            CountDownLatch done = new CountDownLatch(1);
            archive.on("series", e -> {
                FakeArchive.sendMultipart(e, open);
                awaitQuietly(done);
            });
            assertThat(analyzed(archive).slices()).hasSize(12);
            done.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void ends_incomplete_when_a_slice_stays_missing_or_damaged() throws IOException {
        List<byte[]> files = Phantom.plain().files();
        try (FakeArchive archive = new FakeArchive(files)) {
            archive.on("series", e -> FakeArchive.multipart(e, files.subList(0, 11), true));
            archive.on("instance", e -> e.sendResponseHeaders(404, -1));
            assertNotAnalyzed(archive, NotAnalyzedReason.INCOMPLETE);

            archive.on("instance", e -> FakeArchive.multipart(e, List.of(Arrays.copyOf(files.get(11), 3000)), true));
            assertNotAnalyzed(archive, NotAnalyzedReason.INCOMPLETE);
        }
    }

    @Test
    void a_body_that_is_cut_or_refused_for_now_is_bad_weather_and_no_verdict() throws IOException {
        List<byte[]> files = Phantom.plain().files();
        byte[] one = FakeArchive.body(files.subList(11, 12), false);
        try (FakeArchive archive = new FakeArchive(files)) {
            archive.on("series", e -> FakeArchive.multipart(e, files.subList(0, 11), true));
            archive.on("instance", e -> FakeArchive.sendMultipart(e, Arrays.copyOf(one, one.length / 2)));
            assertThatThrownBy(() -> analyze(archive)).isInstanceOf(StudySourceException.class);

            archive.on("instance", e -> e.sendResponseHeaders(503, -1));
            assertThatThrownBy(() -> analyze(archive)).isInstanceOf(StudySourceException.class);
        }
    }

    @Test
    void ends_incomplete_when_the_archive_counts_more_than_it_gives() throws IOException {
        try (FakeArchive archive = new FakeArchive(Phantom.plain().files())) {
            archive.on("series-list", e -> FakeArchive.json(e, 200, "[" + FakeArchive.seriesJson(24) + "]"));
            assertNotAnalyzed(archive, NotAnalyzedReason.INCOMPLETE);
        }
    }

    @Test
    void asks_again_as_stored_when_the_archive_cannot_decompress() throws IOException {
        List<byte[]> files = Phantom.plain().files();
        try (FakeArchive archive = new FakeArchive(files)) {
            archive.on("series", e -> {
                if (e.getRequestHeaders().getFirst("Accept").contains("transfer-syntax=*")) {
                    FakeArchive.multipart(e, files, true);
                } else {
                    e.sendResponseHeaders(500, -1);
                }
            });
            assertThat(analyzed(archive).slices()).hasSize(12);
        }
    }

    @Test
    void ends_undecodable_when_nobody_can_decompress() throws IOException {
        List<byte[]> files = Phantom.plain().files();
        byte[] jpegLs = files.get(5).clone();
        replace(jpegLs, "1.2.840.10008.1.2.1\0", "1.2.840.10008.1.2.9\0");
        try (FakeArchive archive = new FakeArchive(files)) {
            List<byte[]> sent = new ArrayList<>(files);
            sent.set(5, jpegLs);
            archive.on("series", e -> FakeArchive.multipart(e, sent, true));
            archive.on("instance", e -> FakeArchive.multipart(e, List.of(jpegLs), true));
            assertNotAnalyzed(archive, NotAnalyzedReason.UNDECODABLE);
        }
    }

    private static void replace(byte[] bytes, String from, String to) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        byte[] wanted = to.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(wanted, 0, bytes, text.indexOf(from), wanted.length);
    }

    @Test
    void takes_no_slice_of_another_study_or_patient() throws IOException {
        List<byte[]> files = Phantom.plain().files();
        for (int tag : new int[] {Tag.STUDY_INSTANCE_UID, Tag.PATIENT_ID}) {
            Vr vr = tag == Tag.PATIENT_ID ? Vr.LO : Vr.UI;
            byte[] foreign =
                    Phantom.plain().with(b -> b.string(tag, vr, "2.25.999")).file(3);
            List<byte[]> sent = new ArrayList<>(files);
            sent.set(3, foreign);
            try (FakeArchive archive = new FakeArchive(files)) {
                archive.on("series", e -> FakeArchive.multipart(e, sent, true));
                assertThatExceptionOfType(StudySourceException.class)
                        .isThrownBy(() -> analyze(archive))
                        .satisfies(e -> assertThat(e.code()).isEqualTo(StudySourceException.Code.BAD_ANSWER));
            }
        }
    }

    @Test
    void ends_bad_geometry_when_file_and_metadata_disagree() throws IOException {
        List<byte[]> files = Phantom.plain().files();
        List<byte[]> moved = new ArrayList<>(files);
        moved.set(
                3,
                Phantom.plain()
                        .with(b -> b.decimal(Tag.IMAGE_POSITION_PATIENT, Vr.DS, -125, -125, 99))
                        .file(3));
        try (FakeArchive archive = new FakeArchive(files)) {
            archive.on("series", e -> FakeArchive.multipart(e, moved, true));
            archive.on("instance", e -> FakeArchive.multipart(e, List.of(moved.get(3)), true));
            assertNotAnalyzed(archive, NotAnalyzedReason.BAD_GEOMETRY);
        }
    }

    @Test
    void says_nothing_of_what_is_no_head() throws IOException {
        try (FakeArchive archive = new FakeArchive(Phantom.plain().noHead().files())) {
            assertNotAnalyzed(archive, NotAnalyzedReason.NOT_A_HEAD);
        }
    }

    @Test
    void a_hole_in_the_brain_is_never_negative() throws IOException {
        Phantom clean = new Phantom(24, 512, 0.45, 5, 0, 0, 0, true, b -> b);
        List<byte[]> files = new ArrayList<>(clean.files());
        files.subList(10, 12).clear();
        try (FakeArchive archive = new FakeArchive(files)) {
            assertNotAnalyzed(archive, NotAnalyzedReason.INCOMPLETE_COVERAGE);
            assertThat(((Finding.NotAnalyzed) analyze(archive).finding()).detail())
                    .contains("hole of 15 mm");
        }
        files.add(10, clean.file(10));
        try (FakeArchive archive = new FakeArchive(files)) {
            assertThat(analyzed(archive).flags()).contains(InputFlag.GAP);
        }
    }

    @Test
    void what_is_found_in_the_neck_counts_neither_for_probability_nor_for_volume() throws IOException {
        Phantom head = Phantom.plain();
        List<byte[]> files = new ArrayList<>(head.files());
        // A neck has no ring of bone, and here more blood than the head.
        Phantom neck = new Phantom(12, 512, 0.45, 8, 0, 12, 120, false, b -> b);
        for (int slice = 0; slice < 12; slice++) {
            double height = 10 - 8.0 * (slice + 1);
            String uid = "2.25.600." + (slice + 1);
            files.add(neck.with(b -> b.decimal(Tag.IMAGE_POSITION_PATIENT, Vr.DS, -125, -125, height)
                            .string(Tag.SOP_INSTANCE_UID, Vr.UI, uid))
                    .file(slice));
        }
        try (FakeArchive archive = new FakeArchive(files);
                FakeArchive alone = new FakeArchive(head.files())) {
            StudyAnalyzer.Analysis analysis = analyze(archive);
            Finding.Analyzed finding = (Finding.Analyzed) analysis.finding();

            // Seven slices, 56 mm, below the brain may still be the base of the skull.
            assertThat(finding.slices()).hasSize(12 + 7);
            assertThat(finding.flags()).contains(InputFlag.NECK_LEFT_OUT);
            assertThat(finding.coverageMm()).isEqualTo(analyzed(alone).coverageMm());
            assertThat(finding.slices().get(7 + 4).bloodMl()).isCloseTo(2.592, offset(1e-6));
        }
    }

    @Test
    void averages_a_thin_stack_and_keeps_the_volume() throws IOException {
        Phantom thin = new Phantom(76, 512, 0.45, 1.25, 16, 24, 40, true, b -> b);
        try (FakeArchive archive = new FakeArchive(thin.files())) {
            StudyAnalyzer.Analysis analysis = analyze(archive);
            Finding.Analyzed finding = (Finding.Analyzed) analysis.finding();

            assertThat(finding.slices()).hasSize(19);
            assertThat(finding.flags()).containsExactly(InputFlag.THIN_SLICES_AVERAGED);
            assertThat(ImageNotes.of(finding, analysis.facts()))
                    .containsExactly("thin slices averaged (76 slices of 1.3 mm to 19 of 5.0 mm)");
            assertThat(finding.bloodVolumeMl()).isCloseTo(thin.bleedMl(), offset(1e-6));
            assertSegFrames(analysis, 8);
        }
    }

    @Test
    void resamples_other_matrices_and_scales_the_spacing_with_them() throws IOException {
        for (int side : new int[] {256, 384, 768}) {
            Phantom other = new Phantom(8, side, 230.4 / side, 5, 3, 5, side / 8, true, b -> b);
            try (FakeArchive archive = new FakeArchive(other.files())) {
                Finding.Analyzed finding = analyzed(archive);
                assertThat(finding.flags()).contains(InputFlag.RESAMPLED);
                // Where skull is smoothed into brain, the test network sees blood in every slice alike.
                double skullMl = finding.slices().getFirst().bloodMl();
                double bloodMl = 2 * (finding.slices().get(3).bloodMl() - skullMl);
                assertThat(bloodMl).as("side " + side).isCloseTo(other.bleedMl(), offset(0.1 * other.bleedMl()));
            }
        }
    }

    @Test
    void a_neighbour_with_broken_or_huge_headers_refuses_itself_and_is_said() throws IOException {
        for (String headers : List.of("[{\"0020000E\":{\"vr\":\"UI\"}}]", "no JSON", "[]")) {
            List<byte[]> files = Phantom.plain().files();
            try (FakeArchive archive = new FakeArchive(files)) {
                String head = FakeArchive.seriesJson(files.size());
                String neighbour = FakeArchive.seriesJson(300).replace(Phantom.SERIES + "\"", "2.25.199\"");
                archive.on("series-list", e -> FakeArchive.json(e, 200, "[" + neighbour + "," + head + "]"));
                archive.on(
                        "metadata",
                        e -> FakeArchive.json(
                                e,
                                200,
                                e.getRequestURI().getPath().contains("2.25.199")
                                        ? headers
                                        : FakeArchive.metadata(files)));
                Finding.Analyzed finding = analyzed(archive);
                assertThat(finding.seriesUid()).isEqualTo(Phantom.SERIES);
                assertThat(finding.flags()).as(headers).contains(InputFlag.SERIES_LEFT_OUT);
            }
        }
    }

    @Test
    void draws_blood_in_red_only_where_hemorrhage_is_suspected() throws IOException {
        // 0.3 mL in one slice: outlined, and far below the operating point.
        Phantom small = new Phantom(12, 512, 0.45, 8, 5, 6, 12, true, b -> b);
        try (FakeArchive suspected = new FakeArchive(Phantom.plain().files());
                FakeArchive not = new FakeArchive(small.files())) {
            StudyAnalyzer.Analysis positive = analyze(suspected);
            StudyAnalyzer.Analysis negative = analyze(not);

            assertThat(((Finding.Analyzed) positive.finding()).positive()).isTrue();
            assertThat(((Finding.Analyzed) negative.finding()).positive()).isFalse();
            assertThat(((Finding.Analyzed) negative.finding()).bloodVolumeMl()).isPositive();
            assertThat(redPixels(positive.keyImagePng())).isPositive();
            assertThat(redPixels(negative.keyImagePng())).isZero();
        }
    }

    private static long redPixels(byte[] png) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
        int[] colours = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        return Arrays.stream(colours)
                .filter(c -> (c >> 16 & 0xFF) > (c & 0xFF) + 50)
                .count();
    }

    @Test
    void finds_nothing_and_draws_no_mask_where_there_is_no_blood() throws IOException {
        try (FakeArchive archive = new FakeArchive(new Phantom(12, 512, 0.45, 8, 0, 0, 0, true, b -> b).files())) {
            StudyAnalyzer.Analysis analysis = analyze(archive);
            assertThat(((Finding.Analyzed) analysis.finding()).positive()).isFalse();
            assertThat(analysis.mask()).isNull();
            assertThat(analysis.keyImagePng()).isNotNull();
        }
    }

    @Test
    void an_archive_that_gives_no_whole_series_is_asked_for_each_slice() throws IOException {
        List<byte[]> files = Phantom.plain().files();
        for (int status : new int[] {400, 404, 405, 406, 501}) {
            try (FakeArchive archive = new FakeArchive(files)) {
                archive.on("series", e -> e.sendResponseHeaders(status, -1));
                assertThat(analyzed(archive).slices()).hasSize(12);
            }
        }
    }

    @Test
    void an_archive_that_gives_nothing_at_all_is_trouble_and_no_verdict() throws IOException {
        try (FakeArchive archive = new FakeArchive(Phantom.plain().files())) {
            archive.on("series", e -> e.sendResponseHeaders(404, -1));
            archive.on("instance", e -> e.sendResponseHeaders(404, -1));
            assertThatExceptionOfType(StudySourceException.class).isThrownBy(() -> analyze(archive));
        }
    }
}
