package io.bloodnet.server.security;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.PublicKey;
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

    /**
     * The same key as the native check holds it: it would translate any other at each check, which takes a fifth of an RSA check. Where
     * there is no native check, or it does not take the key, the key itself.
     */
    static PublicKey own(PublicKey key) {
        if (PROVIDER.isEmpty()) {
            return key;
        }
        try {
            return (PublicKey)
                    KeyFactory.getInstance(key.getAlgorithm(), PROVIDER.get()).translateKey(key);
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            return key;
        }
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
