package io.bloodnet.imaging.peer;

import io.bloodnet.imaging.peer.SecretFile.UnusableSecretException;
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

/**
 * Certificates in PKCS#12 files; each file may be null. A password is read as {@link SecretFile} says, and is empty where no file is named.
 *
 * @param keyStore our certificate and key; null for none
 * @param keyStorePasswordFile opens the key store
 * @param trustStore certificates of those whom we trust, or of their authorities; null for the JDK's authorities
 * @param trustStorePasswordFile opens the trust store
 */
public record TlsFiles(
        @Nullable Path keyStore,
        @Nullable Path keyStorePasswordFile,
        @Nullable Path trustStore,
        @Nullable Path trustStorePasswordFile) {

    /** Reads the files. @throws IllegalArgumentException naming the file that cannot be read or opened */
    public SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(), trusted(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the key store or trust store is not usable", e);
        }
    }

    private KeyManager @Nullable [] keys() throws GeneralSecurityException {
        if (keyStore == null) {
            return null;
        }
        char[] password = password(keyStorePasswordFile);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(load(keyStore, password), password);
        return factory.getKeyManagers();
    }

    private TrustManager @Nullable [] trusted() throws GeneralSecurityException {
        if (trustStore == null) {
            return null;
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(load(trustStore, password(trustStorePasswordFile)));
        return factory.getTrustManagers();
    }

    private static KeyStore load(Path file, char[] password) throws GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, password);
            return store;
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "the PKCS#12 file " + file + " cannot be opened (missing, or another password)", e);
        }
    }

    private static char[] password(@Nullable Path file) {
        if (file == null) {
            return new char[0];
        }
        try {
            return SecretFile.password(file).toCharArray();
        } catch (UnusableSecretException e) {
            throw new IllegalArgumentException("the password file " + file + ": " + e.getMessage(), e);
        }
    }
}
