package io.bloodnet.server.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One issuer's keys, read again when they are old, and when a token names a key that is not here (rotation), though not more often than
 * {@code readAtMostEvery}: a stream of made-up kids causes no stream of reads. A read runs in a thread of its own: a caller whose time is
 * over leaves it running, and the next one finds the keys. Safe for all threads; one read runs at a time.
 */
final class KeyCache {

    /** How long keys may be used when their source cannot be read: a key that was withdrawn must die at some time. */
    static final Duration USABLE_WITHOUT_SOURCE = Duration.ofHours(1);
    /** Most keys of one issuer; further ones are not looked at. */
    static final int KEYS_MAX = 100;

    private static final int RSA_BITS_MIN = 2048;
    private static final Logger LOG = LoggerFactory.getLogger(KeyCache.class);

    private final KeySetSource source;
    private final Duration refreshAfter;
    private final Duration readAtMostEvery;
    private final InstantSource clock;
    private volatile Snapshot snapshot = new Snapshot(Map.of(), Instant.MIN);
    /** Guarded by this. */
    private Instant lastTry = Instant.MIN;
    /** Guarded by this: the last read, ended or not. */
    private CompletableFuture<Void> read = CompletableFuture.completedFuture(null);

    /** A key and the only algorithms that it may verify. */
    record Key(JWSVerifier verifier, JWK jwk) {
        boolean fits(JWSAlgorithm algorithm) {
            return verifier.supportedJWSAlgorithms().contains(algorithm)
                    && (jwk.getAlgorithm() == null || jwk.getAlgorithm().equals(algorithm));
        }
    }

    private record Snapshot(Map<String, List<Key>> keys, Instant readAt) {}

    KeyCache(KeySetSource source, Duration refreshAfter, Duration readAtMostEvery, InstantSource clock) {
        this.source = source;
        this.refreshAfter = refreshAfter;
        this.readAtMostEvery = readAtMostEvery;
        this.clock = clock;
    }

    /**
     * The keys of that id, none when the source has none: one id may name keys of several types (RFC 7517 4.5). Waits for a read only where
     * nothing here will do.
     */
    List<Key> find(String kid) {
        boolean known = snapshot.keys.containsKey(kid) && isUsable();
        if (!known) {
            await(refresh());
        } else if (isOlder(snapshot.readAt, refreshAfter, clock.instant())) {
            refresh();
        }
        return isUsable() ? snapshot.keys.getOrDefault(kid, List.of()) : List.of();
    }

    /** Whether keys are here that are not too old to be believed. */
    boolean isUsable() {
        return !isOlder(snapshot.readAt, USABLE_WITHOUT_SOURCE, clock.instant());
    }

    /** Has the keys read in the background when they are old; returns at once. */
    void refreshIfOld() {
        if (isOlder(snapshot.readAt, refreshAfter, clock.instant())) {
            refresh();
        }
    }

    /** The read that runs, or one that begins now; one that ended when the last one is not long ago. */
    private synchronized CompletableFuture<Void> refresh() {
        Instant now = clock.instant();
        if (read.isDone() && isOlder(lastTry, readAtMostEvery, now)) {
            lastTry = now;
            CompletableFuture<Void> begun = new CompletableFuture<>();
            read = begun;
            Thread.ofVirtual().name("key-set").start(() -> read(now, begun));
        }
        return read;
    }

    private void read(Instant now, CompletableFuture<Void> begun) {
        try {
            snapshot = new Snapshot(parse(source.read()), now);
        } catch (IOException
                | ParseException
                | RuntimeException e) { // what a foreign key set breaks must not break the next read
            LOG.warn(
                    "key set not read ({}), keys from before stay in use for at most {}",
                    e.getClass().getSimpleName(),
                    USABLE_WITHOUT_SOURCE);
        } finally {
            begun.complete(null);
        }
    }

    private static void await(CompletableFuture<Void> read) {
        try {
            read.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the caller's time is over; the read goes on
        } catch (ExecutionException e) {
            throw new IllegalStateException("a read never ends so", e);
        }
    }

    private static boolean isOlder(Instant since, Duration limit, Instant now) {
        return since.equals(Instant.MIN) || !now.isBefore(since.plus(limit));
    }

    /** One key that cannot be used is passed over, the others count (RFC 7517 5). */
    private static Map<String, List<Key>> parse(String json) throws ParseException {
        List<Object> members = JSONObjectUtils.getJSONArray(JSONObjectUtils.parse(json), "keys");
        if (members == null) {
            throw new ParseException("no member keys", 0);
        }
        Map<String, List<Key>> keys = new HashMap<>();
        int unusable = 0;
        for (Object member : members.subList(0, Math.min(members.size(), KEYS_MAX))) {
            Key key = key(member);
            if (key == null) {
                unusable++;
            } else {
                keys.computeIfAbsent(key.jwk().getKeyID(), _ -> new ArrayList<>())
                        .add(key);
            }
        }
        if (unusable > 0 || members.size() > KEYS_MAX) {
            LOG.info("of {} keys in a set {} cannot be used and are passed over", members.size(), unusable);
        }
        return Map.copyOf(keys);
    }

    /** Null for what is symmetric, weak, for encryption, of a kind that we do not verify with, or broken. */
    private static @Nullable Key key(Object member) {
        if (!(member instanceof Map<?, ?> map)) {
            return null;
        }
        try {
            Map<String, Object> fields = new LinkedHashMap<>();
            map.forEach((name, value) -> fields.put(String.valueOf(name), value));
            JWK jwk = JWK.parse(fields);
            JWSVerifier verifier = verifier(jwk);
            return verifier == null ? null : new Key(verifier, jwk.toPublicJWK());
        } catch (ParseException | JOSEException | RuntimeException e) { // the library tells some broken keys by either
            return null;
        }
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
