package io.bloodnet.server.security;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.Provider;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The native signature check (AWS-LC) where its library loads, which is on Linux x86-64 with a temporary folder that may hold programs. It
 * takes a tenth of the JDK's time for P-384 and less than half for RSA. Elsewhere the JDK's own provider does the same work. Safe for all
 * threads.
 */
public final class NativeCrypto {

    private static final Logger LOG = LoggerFactory.getLogger(NativeCrypto.class);

    private static final Optional<Provider> PROVIDER = load();

    private NativeCrypto() {}

    /** To be named where a signature is made or checked; it is not installed for the whole process. Empty: use the JDK's. */
    public static Optional<Provider> provider() {
        return PROVIDER;
    }

    private static Optional<Provider> load() {
        Throwable fault = AmazonCorrettoCryptoProvider.INSTANCE.getLoadingError();
        if (fault == null) {
            return Optional.of(AmazonCorrettoCryptoProvider.INSTANCE);
        }
        LOG.info(
                "native signature check not loaded ({}), next: signatures are checked by the JDK",
                fault.getClass().getSimpleName());
        return Optional.empty();
    }
}
