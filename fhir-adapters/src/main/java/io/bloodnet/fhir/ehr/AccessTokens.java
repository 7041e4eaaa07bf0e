package io.bloodnet.fhir.ehr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.Outcome;
import io.bloodnet.fhir.FhirConfig.Auth;
import io.bloodnet.fhir.JsonGuard;
import io.bloodnet.imaging.peer.SecretFile;
import io.bloodnet.imaging.peer.SecretFile.UnusableSecretException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What we put into Authorization. Tokens are kept until shortly before they expire, and are only ever attached by {@link EhrClient} to
 * requests to the configured base. Safe for all threads; one of them asks, the others wait for its answer.
 */
final class AccessTokens {

    /** A token is renewed this long before it expires, or after three quarters of its life when that is shorter. */
    private static final Duration MARGIN = Duration.ofSeconds(30);
    /** Assumed life where the server does not say (RFC 6749 5.1 leaves it open); SMART recommends at most 5 minutes. */
    private static final long LIFE_SECONDS_DEFAULT = 60;

    /** Callers wait no longer for the one that asks. */
    private static final Duration WAIT_MAX = Duration.ofMinutes(1);

    private static final int TOKEN_CHARS_MAX = 16_384;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Auth auth;
    private final EhrBase base;
    private final EhrHttp http;
    private final AuditLog audit;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable String token;
    private Instant renewAt = Instant.MIN;

    AccessTokens(Auth auth, EhrBase base, EhrHttp http, AuditLog audit, InstantSource clock) {
        this.auth = auth;
        this.base = base;
        this.http = http;
        this.audit = audit;
        this.clock = clock;
    }

    /** The value of Authorization, empty for none. @throws EhrException when no token can be had now, or within the {@link Deadline} */
    Optional<String> header() {
        return switch (auth) {
            case Auth.None() -> Optional.empty();
            case Auth.Bearer(var file) -> Optional.of("Bearer " + printable(secret(file)));
            case Auth.Basic(var user, var file) -> Optional.of("Basic " + base64(user + ":" + secret(file)));
            case Auth.BackendServices services -> Optional.of("Bearer " + current(services));
        };
    }

    /** The EHR did not take the token: the next call asks for another. Returns whether another one can be had at all. */
    boolean forget() {
        lock.lock();
        try {
            token = null;
            return auth instanceof Auth.BackendServices;
        } finally {
            lock.unlock();
        }
    }

    private String current(Auth.BackendServices services) {
        if (!isMyTurn()) {
            throw new EhrException(EhrException.Code.TIMEOUT, "no token in time: another call waits for one");
        }
        try {
            String known = token;
            if (known == null || !clock.instant().isBefore(renewAt)) {
                known = obtain(services);
                token = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    private boolean isMyTurn() {
        try {
            return lock.tryLock(Deadline.left(WAIT_MAX).toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EhrException(EhrException.Code.UNREACHABLE, "interrupted while waiting for a token");
        }
    }

    private String obtain(Auth.BackendServices services) {
        try {
            String fresh = ask(services);
            record(services, Outcome.SUCCESS, null);
            return fresh;
        } catch (EhrException e) {
            record(services, Outcome.SERIOUS_FAILURE, e.getMessage());
            throw e;
        }
    }

    private String ask(Auth.BackendServices services) {
        URI tokenUrl = services.tokenUrl() != null ? services.tokenUrl() : discover();
        String form = "grant_type=client_credentials&scope=" + encode(services.scope())
                + "&client_assertion_type=" + encode("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                + "&client_assertion=" + ClientAssertion.sign(services, tokenUrl.toString(), clock.instant());
        EhrAnswer answer = http.send(
                "POST",
                tokenUrl,
                Map.of("Content-Type", "application/x-www-form-urlencoded", "Accept", "application/json"),
                form.getBytes(StandardCharsets.UTF_8));
        if (!answer.isSuccess()) {
            throw new EhrException(
                    answer.status() >= 500 || answer.status() == 429
                            ? EhrException.Code.BUSY
                            : EhrException.Code.UNAUTHORIZED,
                    "the token request was answered " + answer.status(),
                    answer.retryAfter(),
                    null);
        }
        JsonNode json = json(answer);
        String fresh = printable(json.path("access_token").asText(""));
        Duration life =
                Duration.ofSeconds(Math.clamp(json.path("expires_in").asLong(LIFE_SECONDS_DEFAULT), 1, 24 * 3600));
        Duration margin = life.dividedBy(4).compareTo(MARGIN) < 0 ? life.dividedBy(4) : MARGIN;
        renewAt = clock.instant().plus(life).minus(margin);
        return fresh;
    }

    /** The token endpoint as the EHR publishes it. What it publishes is content, so it must lie on the origin that we were told. */
    private URI discover() {
        URI wellKnown = URI.create(base.uri() + "/.well-known/smart-configuration");
        EhrAnswer answer = http.send("GET", wellKnown, Map.of("Accept", "application/json"), null);
        if (!answer.isSuccess()) {
            throw answer.failure("the SMART configuration");
        }
        try {
            URI published = URI.create(json(answer).path("token_endpoint").asText(""));
            if (base.sameOrigin(published)) {
                return published;
            }
        } catch (IllegalArgumentException e) {
            throw new EhrException(EhrException.Code.BAD_ANSWER, "the SMART configuration names no token endpoint");
        }
        throw new EhrException(
                EhrException.Code.UNAUTHORIZED,
                "the published token endpoint lies on another origin than fhir-url: set token-url to allow it");
    }

    private static JsonNode json(EhrAnswer answer) {
        if (!JsonGuard.isSafeObject(answer.body())) {
            throw new EhrException(
                    EhrException.Code.BAD_ANSWER, "the authorization server's answer is not a JSON object");
        }
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new EhrException(EhrException.Code.BAD_ANSWER, "the authorization server's answer is not readable");
        }
    }

    private void record(Auth.BackendServices services, Outcome outcome, @Nullable String reason) {
        audit.record(new AuditEvent.TokenObtained(
                clock.instant(), About.nothing(), outcome, base.origin(), services.scope(), reason));
    }

    private static String base64(String pair) {
        return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private static String secret(Path file) {
        try {
            return SecretFile.read(file);
        } catch (UnusableSecretException e) {
            throw new EhrException(
                    EhrException.Code.UNAUTHORIZED, "the file with the EHR's secret cannot be used: " + e.getMessage());
        }
    }

    /** Refuses what would break the header line or is no token at all. */
    private static String printable(String text) {
        if (text.isEmpty() || text.length() > TOKEN_CHARS_MAX || !text.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
            throw new EhrException(
                    EhrException.Code.UNAUTHORIZED, "the access token is empty, too long or not printable");
        }
        return text;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
