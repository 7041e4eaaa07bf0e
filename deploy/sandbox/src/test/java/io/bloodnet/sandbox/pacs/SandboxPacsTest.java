package io.bloodnet.sandbox.pacs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.bloodnet.sandbox.Http;
import io.bloodnet.sandbox.cases.HeadContent;
import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.cases.SampleCases;
import io.bloodnet.sandbox.ct.CtStudyFiles;
import io.bloodnet.sandbox.pacs.PacsFault.Operation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SandboxPacsTest {

    private static final SampleCase A = SampleCases.of("a", 1, 1, HeadContent.CLEAN, SampleCase.Route.HL7_ORM, true);
    private static final SampleCase B = SampleCases.demo().getLast(); // one localizer
    private static final List<byte[]> FILES_A =
            CtStudyFiles.make(A, Instant.EPOCH).subList(0, 5);
    private static final List<byte[]> FILES_B = CtStudyFiles.make(B, Instant.EPOCH);
    private static final String SERIES_A = "/studies/" + A.studyUid() + "/series/" + A.uid("series-2");

    private final SandboxPacs pacs = new SandboxPacs(0, 32 << 20);

    @BeforeEach
    void load() {
        pacs.store(FILES_A);
        pacs.store(FILES_B);
    }

    @AfterEach
    void close() {
        pacs.close();
    }

    @Test
    void study_is_found_by_each_key_and_counted() throws Exception {
        for (String key : List.of(
                "StudyInstanceUID=" + A.studyUid(),
                "0020000D=" + A.studyUid(),
                "AccessionNumber=" + A.accession(),
                "PatientID=" + A.patientId() + "&ModalitiesInStudy=CT",
                "AccessionNumber=" + A.accession().substring(0, 6) + "*"
                        + A.accession().substring(8))) {
            JsonNode found = query("/studies?" + key);
            assertThat(found).as(key.replaceAll("=.*", "")).hasSize(1);
            assertThat(found.path(0).path("0020000D").path("Value").path(0).asText())
                    .isEqualTo(A.studyUid());
            assertThat(found.path(0).path("00201206").path("Value").path(0).asInt())
                    .isEqualTo(2);
            assertThat(found.path(0).path("00201208").path("Value").path(0).asInt())
                    .isEqualTo(5);
        }
        assertThat(query("/studies?AccessionNumber=none")).isEmpty();
        assertThat(query("/studies?limit=1&offset=1")
                        .path(0)
                        .path("0020000D")
                        .path("Value")
                        .path(0)
                        .asText())
                .isEqualTo(B.studyUid());
        assertThat(Http.get(pacs.url() + "/studies?Nonsense=1").statusCode()).isEqualTo(400);
        assertThat(Http.get(pacs.url() + "/studies?limit=x").statusCode()).isEqualTo(400);
    }

    @Test
    void series_and_instances_are_listed() throws Exception {
        JsonNode series = query("/studies/" + A.studyUid() + "/series?Modality=CT");
        assertThat(series.findValues("00201209").toString()).contains("1").contains("4");
        assertThat(query("/studies/" + A.studyUid() + "/series?Modality=SEG")).isEmpty();
        assertThat(query(SERIES_A + "/instances")).hasSize(4);
        assertThat(query("/studies/1.2.3/series")).isEmpty();
    }

    @Test
    void series_comes_back_byte_for_byte() throws Exception {
        HttpResponse<byte[]> answer = Http.get(pacs.url() + SERIES_A);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(parts(answer)).containsExactlyElementsOf(FILES_A.subList(1, 5));
        assertThat(parts(Http.get(pacs.url() + "/studies/" + A.studyUid()))).hasSize(5);
        assertThat(parts(Http.get(pacs.url() + SERIES_A + "/instances/" + A.uid("instance-2-3"))))
                .containsExactly(FILES_A.get(3));
        assertThat(Http.get(pacs.url() + "/studies/1.2.3").statusCode()).isEqualTo(404);
    }

    @Test
    void metadata_has_the_header_and_no_pixels() throws Exception {
        JsonNode metadata = query("/studies/" + A.studyUid() + "/metadata");

        assertThat(metadata).hasSize(5);
        assertThat(metadata.path(1).path("00200037").path("Value").toString()).isEqualTo("[1.0,0.0,0.0,0.0,1.0,0.0]");
        assertThat(metadata.path(1)
                        .path("00100010")
                        .path("Value")
                        .path(0)
                        .path("Alphabetic")
                        .asText())
                .isEqualTo(A.familyName() + "^" + A.givenName());
        assertThat(metadata.path(1).path("7FE00010").has("BulkDataURI")).isTrue();
    }

    @Test
    void stored_instance_comes_back_byte_for_byte_and_is_listed_as_stored() throws Exception {
        pacs.remove(B.studyUid());

        HttpResponse<byte[]> answer = stow("", FILES_B.getFirst());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(Http.json(answer)
                        .path("00081199")
                        .path("Value")
                        .findValues("00081155")
                        .toString())
                .contains(B.uid("instance-1-1"));
        assertThat(parts(Http.get(pacs.url() + "/studies/" + B.studyUid()))).containsExactly(FILES_B.getFirst());
        assertThat(stow("", FILES_B.getFirst()).statusCode()).isEqualTo(200);
        assertThat(query("/studies/" + B.studyUid() + "/instances")).hasSize(1);
    }

    @Test
    void what_cannot_be_stored_is_listed_as_failed() throws Exception {
        byte[] cut = Arrays.copyOf(FILES_B.getFirst(), 5_000);

        assertThat(stow("", cut).statusCode()).isEqualTo(409);
        assertThat(stow("", cut, FILES_B.getFirst()).statusCode()).isEqualTo(202);
        assertThat(stow("/1.2.3", FILES_B.getFirst()).statusCode()).isEqualTo(409);
        assertThat(Http.send("POST", pacs.url() + "/studies", cut, "Content-Type", "application/dicom")
                        .statusCode())
                .isEqualTo(415);
    }

    @Test
    void full_archive_refuses_more() throws Exception {
        try (SandboxPacs small = new SandboxPacs(0, 600_000)) {
            small.store(FILES_B);
            assertThatThrownBy(() -> small.store(FILES_A)).hasMessageContaining("0xA700");
        }
    }

    @Test
    void told_to_fail_it_fails_that_operation_only() throws Exception {
        pacs.faults().next(Operation.QUERY, new PacsFault.Status(503));
        pacs.faults().every(Operation.STORE, new PacsFault.StoreNothing());

        assertThat(Http.get(pacs.url() + SERIES_A).statusCode()).isEqualTo(200);
        assertThat(Http.get(pacs.url() + "/studies").statusCode()).isEqualTo(503);
        assertThat(query("/studies")).hasSize(2);
        assertThat(Http.json(stow("", FILES_B.getFirst())).path("00081199").has("Value"))
                .isFalse();
    }

    @Test
    void told_to_cut_it_says_nothing() throws Exception {
        pacs.faults().every(Operation.QUERY, new PacsFault.Cut()); // every: the JDK's client quietly tries a GET again
        assertThatThrownBy(() -> query("/studies")).isInstanceOf(IOException.class);

        pacs.faults().clear();
        assertThat(query("/studies")).hasSize(2);
    }

    @Test
    void retrieval_is_cut_or_stalls_or_leaves_slices_out_when_told_to() throws Exception {
        pacs.faults()
                .next(
                        Operation.RETRIEVE,
                        new PacsFault.Truncate(700_000),
                        new PacsFault.Stall(700_000, Duration.ofMillis(50)),
                        new PacsFault.Omit(2, false),
                        new PacsFault.OtherStudy(B.studyUid()));

        assertThatThrownBy(() -> Http.get(pacs.url() + SERIES_A)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Http.get(pacs.url() + SERIES_A)).isInstanceOf(IOException.class);
        assertThat(parts(Http.get(pacs.url() + SERIES_A))).containsExactly(FILES_A.get(1), FILES_A.get(3));
        assertThat(parts(Http.get(pacs.url() + SERIES_A))).containsExactly(FILES_B.getFirst());
        assertThat(parts(Http.get(pacs.url() + SERIES_A))).hasSize(4);
    }

    @Test
    void lists_everything_when_told_to_ignore_keys() throws Exception {
        pacs.faults().every(Operation.QUERY, new PacsFault.IgnoreKeys());

        assertThat(query("/studies?AccessionNumber=none")).hasSize(2);
    }

    private JsonNode query(String path) throws Exception {
        return Http.json(Http.get(pacs.url() + path));
    }

    private static List<byte[]> parts(HttpResponse<byte[]> answer) {
        return Multipart.parts(answer.headers().firstValue("Content-Type").orElseThrow(), answer.body());
    }

    private HttpResponse<byte[]> stow(String study, byte[]... files) throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (byte[] file : files) {
            body.writeBytes(Multipart.partHead("b1", body.size() == 0, "application/dicom", file.length));
            body.writeBytes(file);
        }
        body.writeBytes(Multipart.end("b1"));
        return Http.send(
                "POST",
                pacs.url() + "/studies" + study,
                body.toByteArray(),
                "Content-Type",
                "multipart/related; type=\"application/dicom\"; boundary=b1");
    }
}
