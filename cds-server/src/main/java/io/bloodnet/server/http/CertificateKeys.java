package io.bloodnet.server.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code http.tls}: either two PEM files, or one PKCS#12 file with its password's file.
 *
 * @param certificateFile our certificate and those that sign it, ours first
 * @param privateKeyFile the key, PKCS#8, not encrypted
 * @param keyStore PKCS#12
 */
public record CertificateKeys(
        @JsonProperty("certificate-file") @Nullable String certificateFile,
        @JsonProperty("private-key-file") @Nullable String privateKeyFile,
        @JsonProperty("key-store") @Nullable String keyStore,
        @JsonProperty("key-store-password-file") @Nullable String keyStorePasswordFile) {

    boolean isPem() {
        return certificateFile != null && privateKeyFile != null && keyStore == null;
    }

    boolean isKeyStore() {
        return keyStore != null && keyStorePasswordFile != null && certificateFile == null && privateKeyFile == null;
    }
}
