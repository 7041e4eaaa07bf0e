package io.bloodnet.server.config;

import io.bloodnet.server.config.ServerConfig.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Certificates from PKCS#12 files, for a connection that this server opens. */
public final class TlsFiles {

    private TlsFiles() {}

    /**
     * Our certificate, where a key store is named, and whom we trust: the trust store, else the JDK's authorities.
     *
     * @param section of the configuration, for messages: {@code pacs.tls}
     * @throws ConfigException naming the key whose file cannot be opened
     */
    public static SSLContext context(String section, ServerConfig.Tls keys) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers(section, keys), trustManagers(section, keys), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new ConfigException(section + ": the key store or trust store is not usable");
        }
    }

    private static KeyManager @Nullable [] keyManagers(String section, ServerConfig.Tls keys)
            throws GeneralSecurityException {
        if (keys.keyStore() == null) {
            return null;
        }
        char[] password = password(section + ".key-store-password-file", keys.keyStorePasswordFile());
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(load(section + ".key-store", keys.keyStore(), password), password);
        return factory.getKeyManagers();
    }

    private static TrustManager @Nullable [] trustManagers(String section, ServerConfig.Tls keys)
            throws GeneralSecurityException {
        if (keys.trustStore() == null) {
            return null;
        }
        char[] password = password(section + ".trust-store-password-file", keys.trustStorePasswordFile());
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(load(section + ".trust-store", keys.trustStore(), password));
        return factory.getTrustManagers();
    }

    private static KeyStore load(String key, String file, char[] password) throws GeneralSecurityException {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, password);
            return store;
        } catch (IOException e) {
            throw new ConfigException(key + ": the PKCS#12 file cannot be opened (missing, or another password)");
        }
    }

    private static char[] password(String key, @Nullable String file) {
        if (file == null) {
            return new char[0];
        }
        try (var lines = Files.lines(Path.of(file))) {
            return lines.findFirst().orElse("").toCharArray();
        } catch (IOException e) {
            throw new ConfigException(key + ": the file cannot be read");
        }
    }
}
