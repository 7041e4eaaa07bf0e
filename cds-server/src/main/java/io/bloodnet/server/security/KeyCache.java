package io.bloodnet.server.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.IOException;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One issuer's keys, read again when they are old, and when a token names a key that is not here (rotation), though not more often than
 * {@code readAtMostEvery}: a stream of made-up kids causes no stream of reads. Safe for all threads; one of them reads at a time and the
 * others go on with what is here.
 */
final class KeyCache {

    /** How long keys may be used when their source cannot be read: a key that was withdrawn must die at some time. */
    static final Duration USABLE_WITHOUT_SOURCE = Duration.ofHours(1);
    /** Most keys of one issuer. */
    static final int KEYS_MAX = 100;

    private static final int RSA_BITS_MIN = 2048;
    private static final Logger LOG = LoggerFactory.getLogger(KeyCache.class);

    private final KeySetSource source;
    private final Duration refreshAfter;
    private final Duration readAtMostEvery;
    private final InstantSource clock;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile Snapshot snapshot = new Snapshot(Map.of(), Instant.MIN);
    private volatile Instant lastTry = Instant.MIN;

    /** A key and the only algorithms that it may verify. */
    record Key(JWSVerifier verifier, JWK jwk) {
        boolean fits(JWSAlgorithm algorithm) {
            return verifier.supportedJWSAlgorithms().contains(algorithm)
                    && (jwk.getAlgorithm() == null || jwk.getAlgorithm().equals(algorithm));
        }
    }

    private record Snapshot(Map<String, Key> keys, Instant readAt) {}

    KeyCache(KeySetSource source, Duration refreshAfter, Duration readAtMostEvery, InstantSource clock) {
        this.source = source;
        this.refreshAfter = refreshAfter;
        this.readAtMostEvery = readAtMostEvery;
        this.clock = clock;
    }

    /** The key of that id; null when the source has none. */
    @Nullable
    Key find(String kid) {
        Instant now = clock.instant();
        Key known = snapshot.keys.get(kid);
        if (known == null || isOlder(snapshot.readAt, refreshAfter, now)) {
            refresh(now, known == null);
        }
        return isUsable() ? snapshot.keys.get(kid) : null;
    }

    /** Whether keys are here that are not too old to be believed. */
    boolean isUsable() {
        return !isOlder(snapshot.readAt, USABLE_WITHOUT_SOURCE, clock.instant());
    }

    private void refresh(Instant now, boolean needed) {
        if (needed) {
            reading.lock();
        } else if (!reading.tryLock()) {
            return; // another thread reads; the keys here still do
        }
        try {
            if (isOlder(lastTry, readAtMostEvery, now)) {
                lastTry = now;
                snapshot = new Snapshot(parse(source.read()), now);
            }
        } catch (IOException | ParseException | JOSEException e) {
            LOG.warn(
                    "key set not read ({}), keys from before stay in use for at most {}",
                    e.getClass().getSimpleName(),
                    USABLE_WITHOUT_SOURCE);
        } finally {
            reading.unlock();
        }
    }

    private static boolean isOlder(Instant since, Duration limit, Instant now) {
        return since.equals(Instant.MIN) || !now.isBefore(since.plus(limit));
    }

    private static Map<String, Key> parse(String json) throws ParseException, JOSEException {
        Map<String, Key> keys = new HashMap<>();
        for (JWK jwk : JWKSet.parse(json).getKeys()) {
            JWSVerifier verifier = verifier(jwk);
            if (verifier == null) {
                continue; // symmetric, weak, for encryption, or of a kind we do not verify with
            }
            if (keys.size() == KEYS_MAX) {
                throw new ParseException("more than " + KEYS_MAX + " keys", 0);
            }
            if (keys.put(jwk.getKeyID(), new Key(verifier, jwk.toPublicJWK())) != null) {
                throw new ParseException("two keys with one kid", 0);
            }
        }
        return Map.copyOf(keys);
    }

    private static @Nullable JWSVerifier verifier(JWK jwk) throws JOSEException {
        if (jwk.getKeyID() == null || jwk.getKeyUse() != null && !KeyUse.SIGNATURE.equals(jwk.getKeyUse())) {
            return null;
        }
        JWSVerifier verifier = switch (jwk) {
            case RSAKey rsa
            when rsa.size() >= RSA_BITS_MIN ->
                new RSASSAVerifier((RSAPublicKey) NativeCrypto.own(rsa.toRSAPublicKey()));
            case ECKey ec -> new ECDSAVerifier((ECPublicKey) NativeCrypto.own(ec.toECPublicKey()));
            default -> null;
        };
        if (verifier != null) {
            NativeCrypto.provider().ifPresent(verifier.getJCAContext()::setProvider);
        }
        return verifier;
    }
}
