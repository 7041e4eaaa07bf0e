package io.bloodnet.imaging.dicomweb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.Phantom;
import io.bloodnet.imaging.study.StudySource.StudyLookup;
import io.bloodnet.imaging.study.StudySourceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveSignInTest {

    @TempDir
    private Path folder;

    private FakeArchive archive;
    private final List<String> seen = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws IOException {
        archive = new FakeArchive(Phantom.plain().slices(1).files());
    }

    @AfterEach
    void stop() {
        archive.close();
    }

    /** The archive lets in whoever sends this value. */
    private void opensTo(String header, String value) {
        archive.on("studies", e -> {
            String sent = e.getRequestHeaders().getFirst(header);
            seen.add(String.valueOf(sent));
            if (value.equals(sent)) {
                FakeArchive.json(e, 200, "[" + FakeArchive.STUDY_JSON + "]");
            } else {
                e.sendResponseHeaders(401, -1);
            }
        });
    }

    private StudyLookup find(ArchiveSignIn signIn) {
        try (DicomWebClient client = archive.client(new ArchiveAccess(signIn, null))) {
            return client.find(new StudyUid(Phantom.STUDY), null, new PatientId(Phantom.PATIENT, null));
        }
    }

    private void assertRefused(ArchiveSignIn signIn) {
        assertThatExceptionOfType(StudySourceException.class)
                .isThrownBy(() -> find(signIn))
                .satisfies(e -> assertThat(e.code()).isEqualTo(StudySourceException.Code.REFUSED));
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("secret"), text);
    }

    @Test
    void user_and_password_go_as_basic_and_a_new_password_needs_no_restart() throws IOException {
        Path password = file("grün-7\n");
        ArchiveSignIn signIn = ArchiveSignIn.basic("bloodnet", password);
        opensTo("Authorization", "Basic " + base64("bloodnet:grün-7"));
        assertThat(find(signIn)).isInstanceOf(StudyLookup.Found.class);

        opensTo("Authorization", "Basic " + base64("bloodnet:blue-8"));
        assertRefused(signIn);
        file("blue-8");
        assertThat(find(signIn)).isInstanceOf(StudyLookup.Found.class);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_token_goes_as_bearer() throws IOException {
        opensTo("Authorization", "Bearer tok-en.1");
        assertThat(find(ArchiveSignIn.bearer(file("tok-en.1")))).isInstanceOf(StudyLookup.Found.class);
        assertRefused(ArchiveSignIn.none());
    }

    @Test
    void headers_of_a_file_go_beside_the_sign_in() throws IOException {
        Path headers = Files.writeString(folder.resolve("headers"), "X-Api-Key: k-1\n\nX-Site: north\n");
        opensTo("X-Api-Key", "k-1");
        assertThat(find(ArchiveSignIn.bearer(file("t")).with(headers))).isInstanceOf(StudyLookup.Found.class);
        opensTo("Authorization", "Bearer t");
        assertThat(find(ArchiveSignIn.bearer(file("t")).with(headers))).isInstanceOf(StudyLookup.Found.class);
    }

    @Test
    void a_token_that_ran_out_is_renewed_once_for_each_request() {
        AtomicInteger token = new AtomicInteger(1);
        ArchiveSignIn signIn = new ArchiveSignIn() {
            @Override
            public Map<String, String> headers(Duration atMost) {
                return Map.of("Authorization", "Bearer " + token);
            }

            @Override
            public boolean refused() {
                token.incrementAndGet();
                return true;
            }
        };
        opensTo("Authorization", "Bearer 2");
        assertThat(find(signIn)).isInstanceOf(StudyLookup.Found.class);
        assertThat(seen).containsExactly("Bearer 1", "Bearer 2");

        seen.clear();
        opensTo("Authorization", "never");
        assertRefused(signIn);
        assertThat(seen).hasSize(2);
    }

    @Test
    void secrets_that_cannot_be_sent_are_said_to_be_so_without_being_quoted() throws IOException {
        List<ArchiveSignIn> broken = List.of(
                ArchiveSignIn.bearer(folder.resolve("none")),
                ArchiveSignIn.bearer(file("sec\tret")),
                ArchiveSignIn.none().with(Files.writeString(folder.resolve("h1"), "no colon sec")),
                ArchiveSignIn.none().with(Files.writeString(folder.resolve("h2"), "Bad Name: sec")),
                ArchiveSignIn.none().with(Files.writeString(folder.resolve("h3"), "x".repeat(20_000))));
        for (ArchiveSignIn signIn : broken) {
            assertThatExceptionOfType(StudySourceException.class)
                    .isThrownBy(() -> find(signIn))
                    .withMessageNotContaining("sec\t")
                    .withMessageNotContaining("no colon");
        }
        assertThat(archive.count("studies")).isZero();
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> ArchiveSignIn.basic("a:b", folder));
    }
}
