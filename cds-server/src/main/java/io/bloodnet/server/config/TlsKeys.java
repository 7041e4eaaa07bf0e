package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bloodnet.imaging.peer.TlsFiles;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Certificates of a connection, the same form in each section that has {@code tls}. {@link #KEYS} says what each key means. */
public record TlsKeys(
        @JsonProperty("key-store") @Nullable String keyStore,
        @JsonProperty("key-store-password-file") @Nullable String keyStorePasswordFile,
        @JsonProperty("trust-store") @Nullable String trustStore,
        @JsonProperty("trust-store-password-file") @Nullable String trustStorePasswordFile) {

    /** Every key; {@code tls} stands for the section's own. */
    static final List<Key> KEYS = List.of(
            new Key.Other("tls.key-store", "none", "PKCS#12 file", "our certificate and key, for mutual TLS"),
            new Key.Secret("tls.key-store-password-file", "opens the key store"),
            new Key.Other(
                    "tls.trust-store",
                    "the JDK's authorities",
                    "PKCS#12 file",
                    "certificates of those whom we trust, or of their authorities"),
            new Key.Secret("tls.trust-store-password-file", "opens the trust store"));

    /** The files; null for no section. */
    static @Nullable TlsFiles files(@Nullable TlsKeys keys) {
        return keys == null
                ? null
                : new TlsFiles(
                        path(keys.keyStore),
                        path(keys.keyStorePasswordFile),
                        path(keys.trustStore),
                        path(keys.trustStorePasswordFile));
    }

    /** The files, where both sides show certificates. @throws ConfigException naming the key that is missing */
    static @Nullable TlsFiles mutual(String section, @Nullable TlsKeys keys) {
        if (keys != null) {
            Key.required(section + ".key-store", keys.keyStore);
            Key.required(section + ".trust-store", keys.trustStore);
        }
        return files(keys);
    }

    /** What the files hold. @throws ConfigException naming the section and the file that cannot be opened */
    static SSLContext context(String section, TlsFiles files) {
        try {
            return files.context();
        } catch (IllegalArgumentException e) {
            throw new ConfigException(section + ": " + e.getMessage());
        }
    }

    private static @Nullable Path path(@Nullable String file) {
        return file == null ? null : Path.of(file);
    }
}
