package io.bloodnet.imaging.dicomweb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.finding.Destination.Outcome;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.Phantom;
import io.bloodnet.imaging.study.StudySource;
import io.bloodnet.imaging.study.StudySource.StudyLookup;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.imaging.study.StudySourceException.Code;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DicomWebClientTest {

    private static final StudyUid STUDY = new StudyUid(Phantom.STUDY);
    private static final AccessionNumber ACCESSION = new AccessionNumber(Phantom.ACCESSION);
    private static final PatientId PATIENT = new PatientId(Phantom.PATIENT, null);
    private static final String SEG = "2.25.77";

    private FakeArchive archive;
    private DicomWebClient client;

    @BeforeEach
    void start() throws IOException {
        archive = new FakeArchive(Phantom.plain().slices(1).files());
        client = archive.client();
    }

    @AfterEach
    void stop() {
        client.close();
        archive.close();
    }

    private void studiesAre(String json) {
        archive.on("studies", e -> FakeArchive.json(e, 200, json));
    }

    private static String study(String uid, String patient) {
        return FakeArchive.study(uid, Phantom.ACCESSION, patient);
    }

    private void assertFails(Code code, @Nullable StudyUid uid) {
        assertThatExceptionOfType(StudySourceException.class)
                .isThrownBy(() -> client.find(uid, ACCESSION, PATIENT))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void finds_by_uid_and_by_accession_with_patient_and_series() {
        for (StudyLookup lookup : List.of(client.find(STUDY, null, PATIENT), client.find(null, ACCESSION, PATIENT))) {
            StudySource.StudyListing listing = ((StudyLookup.Found) lookup).listing();
            assertThat(listing.studyUid()).isEqualTo(STUDY);
            assertThat(listing.accession()).isEqualTo(ACCESSION);
            assertThat(listing.patient().id().matches(PATIENT)).isTrue();
            assertThat(listing.instanceCount()).isEqualTo(12);
            assertThat(listing.series())
                    .singleElement()
                    .satisfies(s -> assertThat(s.modality()).isEqualTo("CT"));
        }
    }

    @Test
    void finds_nothing_in_an_empty_answer_however_the_archive_says_it() {
        studiesAre("[]");
        assertThat(client.find(STUDY, null, PATIENT)).isInstanceOf(StudyLookup.NotFound.class);
        for (int status : new int[] {204, 404}) {
            archive.on("studies", e -> e.sendResponseHeaders(status, -1));
            assertThat(client.find(STUDY, null, PATIENT)).isInstanceOf(StudyLookup.NotFound.class);
        }
    }

    @Test
    void refuses_an_answer_that_ignores_what_was_asked() {
        studiesAre("[" + FakeArchive.study("2.25.5", "OTHER", "X") + "," + FakeArchive.study("2.25.6", "OTHER", "Y")
                + "]");
        assertFails(Code.BAD_ANSWER, STUDY);
        assertFails(Code.BAD_ANSWER, null);

        studiesAre("[" + FakeArchive.study("2.25.5", "OTHER", "X") + "," + FakeArchive.STUDY_JSON + "]");
        assertThat(client.find(STUDY, null, PATIENT)).isInstanceOf(StudyLookup.Found.class);
    }

    @Test
    void leaves_it_to_a_person_when_several_studies_answer() {
        studiesAre("[" + study(Phantom.STUDY, Phantom.PATIENT) + "," + study(Phantom.STUDY, "OTHER") + "]");
        assertThat(client.find(STUDY, null, PATIENT)).isEqualTo(new StudyLookup.Ambiguous(2));

        studiesAre("[" + study("2.25.5", Phantom.PATIENT) + "," + study("2.25.6", Phantom.PATIENT) + "]");
        assertThat(client.find(null, ACCESSION, PATIENT)).isEqualTo(new StudyLookup.Ambiguous(2));
    }

    @Test
    void tells_one_accession_of_two_patients_apart_and_shows_a_single_one_of_another() {
        studiesAre("[" + study("2.25.5", "OTHER") + "," + study(Phantom.STUDY, Phantom.PATIENT) + "]");
        assertThat(client.find(null, ACCESSION, PATIENT))
                .isInstanceOfSatisfying(
                        StudyLookup.Found.class,
                        found -> assertThat(found.listing().studyUid()).isEqualTo(STUDY));

        studiesAre("[" + study(Phantom.STUDY, "OTHER") + "]");
        assertThat(client.find(null, ACCESSION, PATIENT))
                .isInstanceOfSatisfying(
                        StudyLookup.Found.class,
                        found -> assertThat(found.listing().patient().id().matches(PATIENT))
                                .isFalse());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[1]", "[{\"0020000D\":7}]", "<xml/>", "[{}] trailing"})
    void refuses_what_is_no_dicom_json(String body) {
        studiesAre(body);
        assertFails(Code.BAD_ANSWER, STUDY);
    }

    @Test
    void refuses_another_content_type_and_nesting_without_end() {
        archive.on("studies", e -> {
            e.getResponseHeaders().add("Content-Type", "text/html");
            byte[] bytes = "[]".getBytes(StandardCharsets.US_ASCII);
            e.sendResponseHeaders(200, bytes.length);
            e.getResponseBody().write(bytes);
        });
        assertFails(Code.BAD_ANSWER, STUDY);
        studiesAre("[".repeat(100_000));
        assertThatExceptionOfType(StudySourceException.class).isThrownBy(() -> client.find(STUDY, null, PATIENT));
    }

    @Test
    void tries_again_when_the_archive_is_busy_and_gives_up_in_bounds() {
        AtomicInteger calls = new AtomicInteger();
        archive.on("studies", e -> {
            if (calls.incrementAndGet() < 3) {
                e.getResponseHeaders().add("Retry-After", "1");
                e.sendResponseHeaders(503, -1);
            } else {
                FakeArchive.json(e, 200, "[]");
            }
        });
        assertThat(client.find(STUDY, null, PATIENT)).isInstanceOf(StudyLookup.NotFound.class);
        assertThat(calls).hasValue(3);

        archive.on("studies", e -> e.sendResponseHeaders(503, -1));
        assertFails(Code.BUSY, STUDY);
        assertThat(archive.count("studies")).isEqualTo(6);
    }

    @Test
    void waits_at_least_what_the_archive_asks_and_leaves_long_waits_to_the_caller() throws IOException {
        List<Duration> pauses = new CopyOnWriteArrayList<>();
        DicomWebSettings settings = DicomWebSettings.of(archive.url(), ArchiveAccess.OPEN);
        archive.on("studies", e -> {
            e.getResponseHeaders().add("Retry-After", "4");
            e.sendResponseHeaders(429, -1);
        });
        try (DicomWebClient patient = new DicomWebClient(settings, DicomLimits.DEFAULT, pauses::add)) {
            assertThatExceptionOfType(StudySourceException.class).isThrownBy(() -> patient.find(STUDY, null, PATIENT));
            assertThat(pauses).containsExactly(Duration.ofSeconds(4), Duration.ofSeconds(4));

            archive.on("studies", e -> {
                e.getResponseHeaders().add("Retry-After", "3600");
                e.sendResponseHeaders(503, -1);
            });
            pauses.clear();
            assertThatExceptionOfType(StudySourceException.class).isThrownBy(() -> patient.find(STUDY, null, PATIENT));
            assertThat(pauses).isEmpty();
        }
    }

    @Test
    void follows_no_redirect_and_dials_no_address_from_an_answer() throws IOException {
        try (ServerSocket trap = new ServerSocket(0)) {
            trap.setSoTimeout(1);
            archive.on("studies", e -> {
                e.getResponseHeaders()
                        .add("Location", "http://127.0.0.1:" + trap.getLocalPort() + "/dicom-web/studies");
                e.sendResponseHeaders(302, -1);
            });
            assertFails(Code.REFUSED, STUDY);
            assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(trap::accept);
        }
    }

    @Test
    void survives_a_connection_that_the_archive_closed_meanwhile() {
        archive.on("studies", e -> {
            FakeArchive.json(e, 200, "[]");
            e.close();
        });
        for (int i = 0; i < 5; i++) {
            assertThat(client.find(STUDY, null, PATIENT)).isInstanceOf(StudyLookup.NotFound.class);
        }
    }

    @Test
    void is_unreachable_where_nobody_listens() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        URI nobody = URI.create("http://127.0.0.1:" + port + "/dicom-web");
        try (DicomWebClient alone =
                new DicomWebClient(DicomWebSettings.of(nobody, ArchiveAccess.OPEN), DicomLimits.DEFAULT, _ -> {})) {
            assertThat(alone.reachable()).isFalse();
            assertThatExceptionOfType(StudySourceException.class)
                    .isThrownBy(() -> alone.find(STUDY, null, PATIENT))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(Code.UNREACHABLE));
        }
        assertThat(client.reachable()).isTrue();
    }

    private static String stored(String sequence, String sop, String more) {
        return "{\"" + sequence + "\":{\"vr\":\"SQ\",\"Value\":[{\"00081155\":{\"vr\":\"UI\",\"Value\":[\"" + sop
                + "\"]}" + more + "}]}}";
    }

    private Outcome store(int status, String json) {
        archive.on("store", e -> {
            e.getRequestBody().readAllBytes();
            FakeArchive.json(e, status, json);
        });
        return client.store(STUDY, SEG, new byte[1000]);
    }

    @Test
    void mask_is_stored_when_the_archive_lists_this_very_instance_whatever_the_status() {
        Outcome delivered = new Outcome.Delivered(SEG);
        assertThat(store(200, stored("00081199", SEG, ""))).isEqualTo(delivered);
        assertThat(store(202, stored("00081199", SEG, ""))).isEqualTo(delivered);
        assertThat(store(409, stored("00081199", SEG, ""))).isEqualTo(delivered);
        // There already: our content under our UID.
        assertThat(store(409, stored("00081198", SEG, ",\"00081197\":{\"vr\":\"US\",\"Value\":[273]}")))
                .isEqualTo(delivered);
    }

    @Test
    void a_call_ends_in_its_time_though_bytes_keep_dripping() {
        FakeArchive.Behaviour drips = e -> {
            e.getRequestBody().readAllBytes();
            e.getResponseHeaders().add("Content-Type", "application/dicom+json");
            e.sendResponseHeaders(200, 0);
            try (var out = e.getResponseBody()) {
                for (int i = 0; i < 1_000; i++) {
                    out.write(' ');
                    out.flush();
                    java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
                }
            }
        };
        archive.on("studies", drips).on("store", drips);
        Duration half = Duration.ofMillis(500);
        DicomWebSettings settings = new DicomWebSettings(
                archive.url(),
                ArchiveAccess.OPEN,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                3,
                64 << 20,
                new DicomWebSettings.Whole(half, half, half, half));
        long begin = System.nanoTime();
        try (DicomWebClient quick = new DicomWebClient(settings, DicomLimits.DEFAULT, _ -> {})) {
            assertThatExceptionOfType(StudySourceException.class)
                    .isThrownBy(() -> quick.find(STUDY, null, new PatientId(Phantom.PATIENT, null)))
                    .extracting(StudySourceException::code)
                    .isEqualTo(Code.TIMEOUT);
            assertThat(quick.store(STUDY, SEG, new byte[10])).isInstanceOf(Outcome.Retry.class);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void mask_is_not_stored_when_the_archive_lists_nothing_or_another() {
        assertThat(store(200, "{}")).isEqualTo(new Outcome.Retry("not-listed", null));
        assertThat(store(200, stored("00081199", "2.25.78", ""))).isEqualTo(new Outcome.Retry("not-listed", null));
        assertThat(store(200, "no json")).isEqualTo(new Outcome.Retry("not-listed", null));
        assertThat(store(400, "{}")).isEqualTo(new Outcome.Refused("http-400"));
        assertThat(store(409, stored("00081198", SEG, ",\"00081197\":{\"vr\":\"US\",\"Value\":[290]}")))
                .isEqualTo(new Outcome.Refused("stow-0122"));
        assertThat(store(202, stored("00081198", SEG, ",\"00081197\":{\"vr\":\"US\",\"Value\":[42753]}")))
                .isEqualTo(new Outcome.Retry("stow-a701", null));
        assertThat(store(503, "")).isEqualTo(new Outcome.Retry("busy", null));
    }

    @Test
    void mask_is_sent_to_its_study_as_one_whole_multipart_body() {
        byte[] seg = {1, 2, 13, 10, 45, 45, 3};
        List<byte[]> received = new CopyOnWriteArrayList<>();
        archive.on("store", e -> {
            assertThat(e.getRequestURI().getPath()).endsWith("/studies/" + Phantom.STUDY);
            assertThat(e.getRequestHeaders().getFirst("Authorization")).isEqualTo("Bearer secret");
            MediaType type = MediaType.parse(e.getRequestHeaders().getFirst("Content-Type"));
            MultipartReader reader = new MultipartReader(
                    e.getRequestBody(), type.parameter("boundary").orElseThrow(), 2, 1000);
            received.add(reader.next().orElseThrow());
            assertThat(reader.next()).isEmpty();
            FakeArchive.json(e, 200, stored("00081199", SEG, ""));
        });
        assertThat(client.store(STUDY, SEG, seg)).isEqualTo(new Outcome.Delivered(SEG));
        assertThat(received).containsExactly(seg);
        assertThat(client.url(STUDY, "2.25.8", SEG)).endsWith("/studies/2.25.100/series/2.25.8/instances/2.25.77");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://h/x", "http://u:p@h/x", "http://h/x?q=1", "http://h/x#f", "file:///etc", "h/x"})
    void refuses_base_addresses_that_are_none(String address) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> DicomWebSettings.of(URI.create(address), ArchiveAccess.OPEN));
    }

    @Test
    void tells_the_accession_numbers_of_the_ct_studies_of_some_days_page_by_page() {
        List<String> asked = new CopyOnWriteArrayList<>();
        archive.on("studies", exchange -> {
            String query = exchange.getRequestURI().getRawQuery();
            asked.add(query);
            int from = query.contains("offset=100") ? 100 : 0;
            List<String> page = IntStream.range(from, Math.min(from + 100, 130))
                    .mapToObj(i -> FakeArchive.study("2.25.7" + i, i == 5 ? " A5 " : "A" + i, "P" + i))
                    .toList();
            FakeArchive.json(exchange, 200, "[" + String.join(",", page) + "]");
        });
        assertThat(client.accessions(LocalDate.of(2026, 11, 29), LocalDate.of(2026, 12, 1)))
                .hasSize(130)
                .contains("A5", "A129");
        assertThat(asked)
                .hasSize(2)
                .allSatisfy(query -> assertThat(query)
                        .contains("StudyDate=20261129-20261201", "ModalitiesInStudy=CT", "includefield=00080050"));
    }
}
