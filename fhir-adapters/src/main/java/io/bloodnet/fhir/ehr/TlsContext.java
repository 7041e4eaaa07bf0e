package io.bloodnet.fhir.ehr;

import io.bloodnet.fhir.FhirConfig;
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

/** Client certificate and trusted authorities from PKCS#12 files. */
final class TlsContext {

    private TlsContext() {}

    /** @throws IllegalArgumentException naming the file that cannot be read or opened */
    static SSLContext of(FhirConfig.Tls tls) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    keys(tls.keyStore(), tls.keyStorePasswordFile()),
                    trust(tls.trustStore(), tls.trustStorePasswordFile()),
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the EHR's key store or trust store is not usable", e);
        }
    }

    private static KeyManager @Nullable [] keys(@Nullable Path file, @Nullable Path passwordFile)
            throws GeneralSecurityException {
        if (file == null) {
            return null;
        }
        char[] password = password(passwordFile);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(load(file, password), password);
        return factory.getKeyManagers();
    }

    private static TrustManager @Nullable [] trust(@Nullable Path file, @Nullable Path passwordFile)
            throws GeneralSecurityException {
        if (file == null) {
            return null; // the JDK's authorities
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(load(file, password(passwordFile)));
        return factory.getTrustManagers();
    }

    private static KeyStore load(Path file, char[] password) throws GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, password);
            return store;
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "cannot open the PKCS#12 file " + file + " (missing, or another password)", e);
        }
    }

    private static char[] password(@Nullable Path file) {
        if (file == null) {
            return new char[0];
        }
        try (var lines = Files.lines(file)) {
            return lines.findFirst().orElse("").toCharArray();
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read the password file " + file, e);
        }
    }
}
