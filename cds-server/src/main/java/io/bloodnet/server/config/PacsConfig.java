package io.bloodnet.server.config;

import io.bloodnet.audit.AuditLog;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.ehr.ClientCredentials;
import io.bloodnet.fhir.ehr.EhrException;
import io.bloodnet.imaging.dicomweb.ArchiveAccess;
import io.bloodnet.imaging.dicomweb.ArchiveSignIn;
import io.bloodnet.imaging.dicomweb.DicomWebSettings;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.config.ServerConfig.ConfigException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The section {@code pacs} of the configuration, as the DICOMweb client needs it. */
public final class PacsConfig {

    private PacsConfig() {}

    /** @throws ConfigException naming the key that is missing or wrong */
    public static DicomWebSettings settings(ServerConfig config, AuditLog audit, InstantSource clock, Closing closing) {
        ServerConfig.Pacs pacs = config.pacs();
        URI url = EdgeConfigs.url("pacs.dicomweb-url", pacs.dicomwebUrl());
        ArchiveSignIn signIn = signIn(pacs, url, audit, clock, closing);
        if (pacs.headersFile() != null) {
            signIn = signIn.with(Path.of(pacs.headersFile()));
        }
        return DicomWebSettings.of(
                url, new ArchiveAccess(signIn, pacs.tls() == null ? null : TlsFiles.context("pacs.tls", pacs.tls())));
    }

    private static ArchiveSignIn signIn(
            ServerConfig.Pacs pacs, URI url, AuditLog audit, InstantSource clock, Closing closing) {
        ServerConfig.PacsAuth auth = pacs.auth();
        if (auth == null) {
            return ArchiveSignIn.none();
        }
        long ways = Stream.of(auth.user(), auth.bearerTokenFile(), auth.oauth())
                .filter(way -> way != null)
                .count();
        if (ways != 1) {
            throw new ConfigException("pacs.auth needs exactly one of user, bearer-token-file and oauth, not " + ways);
        }
        if (auth.user() != null) {
            String passwordFile = EdgeConfigs.required("pacs.auth.password-file", auth.passwordFile());
            return basic(auth.user(), Path.of(passwordFile));
        }
        if (auth.bearerTokenFile() != null) {
            return ArchiveSignIn.bearer(Path.of(auth.bearerTokenFile()));
        }
        return oauth(pacs, auth.oauth(), url, audit, clock, closing);
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

    private static ArchiveSignIn basic(String user, Path passwordFile) {
        try {
            return ArchiveSignIn.basic(user, passwordFile);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("pacs.auth.user: " + e.getMessage());
        }
    }

    private static ArchiveSignIn oauth(
            ServerConfig.Pacs pacs,
            ServerConfig.@Nullable OAuth oauth,
            URI url,
            AuditLog audit,
            InstantSource clock,
            Closing closing) {
        if (oauth == null) {
            throw new ConfigException("pacs.auth.oauth is missing");
        }
        EdgeConfigs.required("pacs.auth.oauth.token-url", oauth.tokenUrl());
        FhirConfig.Auth.BackendServices services = EdgeConfigs.backendServices("pacs.auth.oauth", oauth);
        ClientCredentials credentials = closing.add(
                "tokens for the PACS",
                new ClientCredentials(
                        url, services, EdgeConfigs.fhirTls(pacs.tls()), FhirConfig.Limits.DEFAULT, audit, clock));
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
}
