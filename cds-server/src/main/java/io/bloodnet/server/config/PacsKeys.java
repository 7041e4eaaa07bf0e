package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirConfig.Auth;
import io.bloodnet.fhir.ehr.ClientCredentials;
import io.bloodnet.fhir.ehr.EhrException;
import io.bloodnet.imaging.dicomweb.ArchiveAccess;
import io.bloodnet.imaging.dicomweb.ArchiveSignIn;
import io.bloodnet.imaging.dicomweb.DicomWebSettings;
import io.bloodnet.imaging.peer.TlsFiles;
import io.bloodnet.imaging.study.StudySourceException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Section {@code pacs}: the image archive. {@link #KEYS} says what each key means. */
@SuppressWarnings("NullAway") // the parser hands null for what is absent
public record PacsKeys(
        @JsonProperty("dicomweb-url") String dicomwebUrl,
        @Nullable AuthKeys auth,
        @JsonProperty("headers-file") @Nullable String headersFile,
        @Nullable TlsKeys tls) {

    private static final Key.Text URL = new Key.Text(
            "pacs.dicomweb-url", "http://127.0.0.1:8081/dicom-web", "base of QIDO-RS, WADO-RS and STOW-RS");

    /** Every key of the section. */
    static final List<Key> KEYS = List.of(
            URL,
            new Key.Other("pacs.auth", "none", "section `auth`", "how this server signs in to the archive"),
            new Key.Other(
                    "pacs.headers-file",
                    "none",
                    "file, at most 16 KiB",
                    "more headers for the archive, `Name: value` a line, such as a gateway's API key; read at each request"),
            new Key.Other("pacs.tls", "none", "section `tls`", "certificates of the connection to the archive"));

    /** Fills what is absent; {@link #edge} checks. */
    public PacsKeys {
        dicomwebUrl = URL.or(dicomwebUrl);
    }

    static PacsKeys usual() {
        return new PacsKeys(null, null, null, null);
    }

    /** The archive's address. @throws ConfigException when it is none */
    public URI url() {
        return Key.url(URL.name(), dicomwebUrl);
    }

    /** What the DICOMweb client needs. @throws ConfigException naming the key that is missing or wrong */
    public DicomWebSettings edge(AuditLog audit, InstantSource clock, Closing closing) {
        ArchiveSignIn signIn = signIn(audit, clock, closing);
        if (headersFile != null) {
            signIn = signIn.with(Path.of(headersFile));
        }
        TlsFiles files = TlsKeys.files(tls);
        return DicomWebSettings.of(
                url(), new ArchiveAccess(signIn, files == null ? null : TlsKeys.context("pacs.tls", files)));
    }

    private ArchiveSignIn signIn(AuditLog audit, InstantSource clock, Closing closing) {
        return switch (auth == null ? new Auth.None() : auth.auth("pacs.auth")) {
            case Auth.None() -> ArchiveSignIn.none();
            case Auth.Basic(var user, var passwordFile) -> ArchiveSignIn.basic(user, passwordFile);
            case Auth.Bearer(var tokenFile) -> ArchiveSignIn.bearer(tokenFile);
            case Auth.BackendServices services -> oauth(services, audit, clock, closing);
        };
    }

    private ArchiveSignIn oauth(Auth.BackendServices services, AuditLog audit, InstantSource clock, Closing closing) {
        if (services.tokenUrl() == null) {
            throw new ConfigException("pacs.auth.oauth.token-url is missing");
        }
        ClientCredentials credentials = closing.add(
                "tokens for the PACS",
                new ClientCredentials(url(), services, TlsKeys.files(tls), FhirConfig.Limits.DEFAULT, audit, clock));
        return new ArchiveSignIn() {
            @Override
            public Map<String, String> headers(Duration atMost) {
                try {
                    return Map.of("Authorization", credentials.header(atMost));
                } catch (EhrException e) {
                    throw new StudySourceException(code(e), "no token for the archive: " + e.getMessage(), e);
                }
            }

            @Override
            public boolean refused() {
                credentials.forget();
                return true;
            }
        };
    }

    /** Who gives tokens may be away as the archive itself may be: that is bad weather, and no word about the request. */
    private static StudySourceException.Code code(EhrException e) {
        return switch (e.code()) {
            case UNREACHABLE -> StudySourceException.Code.UNREACHABLE;
            case TIMEOUT -> StudySourceException.Code.TIMEOUT;
            case BUSY -> StudySourceException.Code.BUSY;
            case UNAUTHORIZED, REFUSED, BAD_ANSWER, TOO_LARGE -> StudySourceException.Code.REFUSED;
        };
    }
}
