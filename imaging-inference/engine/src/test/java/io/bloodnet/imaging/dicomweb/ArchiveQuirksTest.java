package io.bloodnet.imaging.dicomweb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import io.bloodnet.imaging.finding.Destination.Outcome;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.Phantom;
import io.bloodnet.imaging.study.SeriesImages.Encoding;
import io.bloodnet.imaging.study.StudySource;
import io.bloodnet.imaging.study.StudySource.StudyListing;
import io.bloodnet.imaging.study.StudySource.StudyLookup;
import io.bloodnet.imaging.study.StudySourceException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What archives do differently and may do: each row of docs/dicomweb.md behaves here as its archive does. */
class ArchiveQuirksTest {

    private static final StudyUid STUDY = new StudyUid(Phantom.STUDY);
    private static final PatientId PATIENT = new PatientId(Phantom.PATIENT, null);
    private static final String SEG = "2.25.77";
    private static final String TRANSFER_SYNTAX = "1.2.840.10008.1.2.1";

    private FakeArchive archive;
    private DicomWebClient client;

    @BeforeEach
    void start() throws IOException {
        archive = new FakeArchive(Phantom.plain().slices(2).files());
        client = archive.client();
    }

    @AfterEach
    void stop() {
        client.close();
        archive.close();
    }

    private StudyListing listing() {
        return ((StudyLookup.Found) client.find(STUDY, null, PATIENT)).listing();
    }

    private static Map<String, String> query(HttpExchange exchange) {
        return Stream.of(exchange.getRequestURI().getQuery().split("&"))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1], (one, other) -> one));
    }

    private static String series(int number, String modality) {
        return """
                {"0020000D":{"vr":"UI","Value":["%s"]},"0020000E":{"vr":"UI","Value":["2.25.9.%d"]},
                 "00080060":{"vr":"CS","Value":["%s"]},"00201209":{"vr":"IS","Value":[1]}}
                """.formatted(Phantom.STUDY, number, modality);
    }

    /** 250 series of which only the last is a CT. */
    private static List<String> manySeries() {
        return IntStream.rangeClosed(1, 250)
                .mapToObj(number -> series(number, number == 250 ? "CT" : "SR"))
                .toList();
    }

    private static void page(HttpExchange exchange, List<String> all, int from, int size) throws IOException {
        int to = Math.min(all.size(), from + size);
        FakeArchive.json(exchange, 200, "[" + String.join(",", all.subList(Math.min(from, to), to)) + "]");
    }

    private void assertFindsTheCt() {
        List<StudySource.SeriesListing> series = listing().series();
        assertThat(series).hasSize(250);
        assertThat(series.getLast().modality()).isEqualTo("CT");
    }

    @Test
    void pages_of_more_than_200_are_refused() {
        List<String> all = manySeries();
        archive.on("series-list", e -> {
            int limit = Integer.parseInt(query(e).get("limit"));
            if (limit > 200) {
                e.sendResponseHeaders(400, -1);
            } else {
                page(e, all, Integer.parseInt(query(e).getOrDefault("offset", "0")), limit);
            }
        });
        assertFindsTheCt();
    }

    @Test
    void no_page_size_is_taken_at_all() {
        List<String> all = manySeries();
        archive.on("series-list", e -> {
            if (query(e).containsKey("limit")) {
                e.sendResponseHeaders(400, -1);
            } else {
                page(e, all, Integer.parseInt(query(e).getOrDefault("offset", "0")), 25);
            }
        });
        assertFindsTheCt();
    }

    @Test
    void a_page_is_cut_with_warning_299() {
        List<String> all = manySeries();
        archive.on("series-list", e -> {
            int from = Integer.parseInt(query(e).getOrDefault("offset", "0"));
            if (from + 40 < all.size()) {
                e.getResponseHeaders()
                        .add("Warning", "299 archive \"There are additional results that can be requested\"");
            }
            page(e, all, from, 40);
        });
        assertFindsTheCt();
    }

    @Test
    void a_page_is_cut_without_a_word_and_only_the_count_of_series_tells() {
        List<String> all = manySeries();
        String study = FakeArchive.STUDY_JSON.replace(
                "\"00201208\"", "\"00201206\":{\"vr\":\"IS\",\"Value\":[250]},\"00201208\"");
        archive.on("studies", e -> FakeArchive.json(e, 200, "[" + study + "]"));
        archive.on("series-list", e -> page(e, all, Integer.parseInt(query(e).getOrDefault("offset", "0")), 30));
        assertFindsTheCt();
    }

    @Test
    void offset_is_ignored_and_the_same_page_comes_again() {
        List<String> all = manySeries();
        archive.on("series-list", e -> page(e, all, 0, 100));
        assertThat(listing().series()).hasSize(100);
        assertThat(archive.count("series-list")).isEqualTo(2);
    }

    @Test
    void dicom_json_is_not_acceptable_but_json_is() {
        archive.on("studies", e -> {
            if (e.getRequestHeaders().getFirst("Accept").equals("application/json")) {
                e.getResponseHeaders().add("Content-Type", "application/json; charset=utf-8");
                byte[] body = ("[" + FakeArchive.STUDY_JSON + "]").getBytes(StandardCharsets.UTF_8);
                e.sendResponseHeaders(200, body.length);
                e.getResponseBody().write(body);
            } else {
                e.sendResponseHeaders(406, -1);
            }
        });
        assertThat(listing().studyUid()).isEqualTo(STUDY);
        listing();
        assertThat(archive.count("studies")).as("the 406 is remembered").isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "x-gzip"})
    void answers_are_compressed_although_nobody_asked(String coding) {
        List<String> asked = new CopyOnWriteArrayList<>();
        archive.on("studies", e -> {
            asked.add(e.getRequestHeaders().getFirst("Accept-Encoding"));
            gzipped(e, coding, ("[" + FakeArchive.STUDY_JSON + "]").getBytes(StandardCharsets.UTF_8));
        });
        assertThat(listing().studyUid()).isEqualTo(STUDY);
        assertThat(asked).containsExactly("identity");
    }

    private static void gzipped(HttpExchange exchange, String coding, byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        }
        exchange.getResponseHeaders().add("Content-Encoding", coding);
        exchange.getResponseHeaders().add("Content-Type", "application/dicom+json");
        exchange.sendResponseHeaders(200, out.size());
        exchange.getResponseBody().write(out.toByteArray());
    }

    @Test
    void a_coding_that_is_not_known_and_a_compressed_bomb_are_refused_in_bounds() {
        archive.on("studies", e -> {
            e.getResponseHeaders().add("Content-Encoding", "br");
            FakeArchive.json(e, 200, "[]");
        });
        assertThatExceptionOfType(StudySourceException.class).isThrownBy(this::listing);
        archive.on(
                "studies",
                e -> gzipped(e, "gzip", "[".concat(" ".repeat(80 << 20)).getBytes(StandardCharsets.US_ASCII)));
        assertThatExceptionOfType(StudySourceException.class)
                .isThrownBy(this::listing)
                .satisfies(e -> assertThat(e.code()).isEqualTo(StudySourceException.Code.TOO_LARGE));
    }

    @Test
    void one_instance_comes_without_a_multipart_body_around_it() {
        List<byte[]> files = Phantom.plain().slices(2).files();
        archive.on("instance", e -> single(e, files.getFirst()));
        assertThat(read(Phantom.sop(0))).containsExactly(files.getFirst());
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 406, 415})
    void one_instance_comes_only_to_those_who_ask_for_a_single_part(int refusal) {
        List<byte[]> files = Phantom.plain().slices(2).files();
        archive.on("instance", e -> {
            if (e.getRequestHeaders()
                    .getFirst("Accept")
                    .equals("application/dicom; transfer-syntax=" + TRANSFER_SYNTAX)) {
                single(e, files.getFirst());
            } else {
                e.sendResponseHeaders(refusal, -1);
            }
        });
        assertThat(read(Phantom.sop(0))).containsExactly(files.getFirst());
    }

    private static void single(HttpExchange exchange, byte[] part10) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "application/dicom");
        exchange.sendResponseHeaders(200, part10.length);
        exchange.getResponseBody().write(part10);
    }

    private List<byte[]> read(String sopInstanceUid) {
        List<byte[]> instances = new ArrayList<>();
        client.images().readInstance(STUDY, Phantom.SERIES, sopInstanceUid, Encoding.DECOMPRESSED, instances::add);
        return instances;
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 405, 501})
    void metadata_of_a_whole_series_are_not_to_be_had(int refusal) {
        List<byte[]> files = Phantom.plain().slices(2).files();
        archive.on("metadata", e -> {
            String path = e.getRequestURI().getPath();
            if (path.contains("/instances/")) {
                FakeArchive.json(e, 200, FakeArchive.metadata(archive.named(path.replace("/metadata", ""))));
            } else {
                e.sendResponseHeaders(refusal, -1);
            }
        });
        archive.on("other", e -> FakeArchive.json(e, 200, FakeArchive.metadata(files)));
        assertThat(client.images().headers(listing()).getFirst().slices()).hasSize(2);
    }

    @Test
    void a_listed_series_without_metadata_is_never_an_empty_one() {
        archive.on("metadata", e -> e.sendResponseHeaders(404, -1));
        assertThatExceptionOfType(StudySourceException.class)
                .isThrownBy(() -> client.images().headers(listing()));
    }

    @Test
    void attributes_that_nobody_needs_are_no_numbers_and_bulk_data_have_relative_addresses() {
        String odd =
                "\"00180088\":{\"vr\":\"DS\",\"Value\":[\"NaN\"]},\"00189327\":{\"vr\":\"FD\",\"Value\":[\"-Infinity\"]},"
                        + "\"00189313\":{\"vr\":\"FD\",\"Value\":[null,NaN]},\"00091001\":{\"vr\":\"UN\",\"BulkDataURI\":\"../bulk/7\"},";
        String metadata = FakeArchive.metadata(Phantom.plain().slices(2).files());
        archive.on(
                "metadata",
                e -> FakeArchive.json(e, 200, metadata.replace("{\"00080016\"", "{" + odd + "\"00080016\"")));
        String study = FakeArchive.STUDY_JSON.replace("\"Value\":[12]", "\"Value\":[\"NaN\"]");
        archive.on("studies", e -> FakeArchive.json(e, 200, "[" + study + "]"));
        assertThat(listing().instanceCount()).isEqualTo(2);
        assertThat(client.images().headers(listing()).getFirst().slices()).hasSize(2);
    }

    private Outcome store(FakeArchive.Behaviour answer) {
        archive.on("store", e -> {
            e.getRequestBody().readAllBytes();
            answer.answer(e);
        });
        return client.store(STUDY, SEG, new byte[1000]);
    }

    private void instancesAre(String... sopInstanceUids) {
        String list = Stream.of(sopInstanceUids)
                .map("{\"00080018\":{\"vr\":\"UI\",\"Value\":[\"%s\"]}}"::formatted)
                .collect(Collectors.joining(","));
        archive.on("other", e -> FakeArchive.json(e, 200, "[" + list + "]"));
    }

    @Test
    void stow_answers_in_xml_whatever_was_asked() {
        String xml = """
                <?xml version="1.0" encoding="UTF-8"?>
                <NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM">
                  <DicomAttribute tag="00081190" vr="UR" keyword="RetrieveURL"><Value number="1">http://203.0.113.7/x</Value></DicomAttribute>
                  <DicomAttribute tag="%s" vr="SQ"><Item number="1">
                    <DicomAttribute tag="00081155" vr="UI"><Value number="1">%s</Value></DicomAttribute>
                    <DicomAttribute tag="00081197" vr="US"><Value number="1">290</Value></DicomAttribute>
                  </Item></DicomAttribute>
                </NativeDicomModel>
                """;
        assertThat(store(e -> xml(e, xml.formatted("00081199", SEG)))).isEqualTo(new Outcome.Delivered(SEG));
        assertThat(store(e -> xml(e, xml.formatted("00081198", SEG)))).isEqualTo(new Outcome.Refused("stow-0122"));
        assertThat(store(e -> xml(e, xml.formatted("00081199", "2.25.78"))))
                .isEqualTo(new Outcome.Retry("not-listed", null));
        assertThat(store(e -> xml(e, "<!DOCTYPE x [<!ENTITY a \"b\">]><NativeDicomModel>&a;</NativeDicomModel>")))
                .isEqualTo(new Outcome.Retry("not-listed", null));
    }

    private static void xml(HttpExchange exchange, String xml) throws IOException {
        byte[] bytes = xml.strip().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/dicom+xml");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Test
    void stow_says_already_there_after_an_answer_that_was_lost() {
        instancesAre(SEG);
        for (int status : new int[] {400, 409}) {
            assertThat(store(e -> FakeArchive.json(e, status, "{}"))).isEqualTo(new Outcome.Delivered(SEG));
        }
        String duplicate = "{\"00081198\":{\"vr\":\"SQ\",\"Value\":[{\"00081155\":{\"vr\":\"UI\",\"Value\":[\"" + SEG
                + "\"]},\"00081197\":{\"vr\":\"US\",\"Value\":[45070]}}]}}";
        instancesAre();
        assertThat(store(e -> FakeArchive.json(e, 409, duplicate))).isEqualTo(new Outcome.Delivered(SEG));
    }

    @Test
    void stow_conflicts_over_another_instance_stay_refused() {
        instancesAre("2.25.78");
        assertThat(store(e -> FakeArchive.json(e, 409, "{}"))).isEqualTo(new Outcome.Refused("http-409"));
    }

    @Test
    void stow_answers_only_in_json_or_only_in_xml() {
        String stored =
                "{\"00081199\":{\"vr\":\"SQ\",\"Value\":[{\"00081155\":{\"vr\":\"UI\",\"Value\":[\"" + SEG + "\"]}}]}}";
        for (String accepted : List.of("application/json", "application/dicom+xml")) {
            List<String> asked = new CopyOnWriteArrayList<>();
            Outcome outcome = store(e -> {
                asked.add(e.getRequestHeaders().getFirst("Accept"));
                if (asked.getLast().equals(accepted)) {
                    FakeArchive.json(e, 200, stored);
                } else {
                    e.sendResponseHeaders(406, -1);
                }
            });
            assertThat(outcome).isEqualTo(new Outcome.Delivered(SEG));
        }
    }
}
