package io.bloodnet.fhir.ehr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.audit.About;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirConfig.Auth;
import io.bloodnet.fhir.MiniHttp;
import io.bloodnet.fhir.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.hl7.fhir.r4.model.Patient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ways to sign in to the EHR that need no token endpoint. */
class EhrSignInTest {

    @TempDir
    Path folder;

    private final List<Map<String, String>> seen = new CopyOnWriteArrayList<>();
    private final Hospital server = new Hospital();

    private final class Hospital extends MiniHttp {
        void open() {
            start();
        }

        @Override
        protected Reply reply(Request request) {
            seen.add(request.headers());
            return Reply.json(200, Samples.PATIENT_JSON);
        }
    }

    @BeforeEach
    void start() {
        server.open();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void read(Auth auth, Path headersFile) {
        FhirConfig config = FhirConfig.of(server.root().resolve("/fhir")).withAuth(auth);
        try (EhrClient ehr = new EhrClient(
                headersFile == null ? config : config.withHeadersFile(headersFile),
                new RecordingAuditLog(),
                InstantSource.system())) {
            ehr.read(
                    Patient.class,
                    new EhrBase.ResourceId("Patient", "p1"),
                    new EhrClient.Purpose(About.nothing(), "a test"));
        }
    }

    @Test
    void a_user_signs_in_with_the_password_that_the_file_holds_now() throws IOException {
        Path password = Files.writeString(folder.resolve("password"), "Aladdin's lamp\n");
        Auth basic = new Auth.Basic("user", password);
        read(basic, null);
        Files.writeString(password, "open sesame\nof no meaning\n");
        read(basic, null);
        assertThat(seen)
                .extracting(headers -> headers.get("Authorization"))
                .containsExactly("Basic dXNlcjpBbGFkZGluJ3MgbGFtcA==", "Basic dXNlcjpvcGVuIHNlc2FtZQ==");
    }

    @Test
    void headers_of_a_file_go_with_each_request_and_replace_none_of_ours() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "t1\n");
        Path headers = Files.writeString(folder.resolve("headers"), "X-Api-Key: k 1\n\nAuthorization: Bearer other\n");
        read(new Auth.Bearer(token), headers);
        assertThat(seen.getFirst()).containsEntry("X-api-key", "k 1").containsEntry("Authorization", "Bearer t1");
    }

    @Test
    void files_that_hold_nothing_usable_stop_the_request_and_their_content_is_not_told() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty"), "\n");
        Path broken = Files.writeString(folder.resolve("broken"), "s3cret without a name\n");
        for (Runnable request : List.<Runnable>of(
                () -> read(new Auth.Basic("user", empty), null),
                () -> read(new Auth.Bearer(folder.resolve("nowhere")), null),
                () -> read(new Auth.None(), broken))) {
            assertThatThrownBy(request::run).isInstanceOfSatisfying(EhrException.class, e -> {
                assertThat(e.code()).isEqualTo(EhrException.Code.UNAUTHORIZED);
                assertThat(e.getMessage()).doesNotContain("s3cret");
            });
        }
        assertThat(seen).isEmpty();
        assertThatThrownBy(() -> new Auth.Basic("us:er", empty)).isInstanceOf(IllegalArgumentException.class);
    }
}
