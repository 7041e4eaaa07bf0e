package io.bloodnet.sandbox.idp;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.bloodnet.sandbox.http.LoopbackServer;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * OpenID Connect's authorization code flow with PKCE for one public client, as strict as a real provider about redirect addresses, codes and
 * verifiers, and with buttons in place of passwords. Safe for many threads.
 */
public final class SandboxIdp implements AutoCloseable {

    /** The client that it knows. */
    public static final String CLIENT = "bloodnet";

    private static final String INVALID_GRANT = "{\"error\":\"invalid_grant\"}";
    private static final Duration CODE_LIVES = Duration.ofMinutes(1);
    private static final Duration TOKEN_LIVES = Duration.ofMinutes(5);
    private static final int BODY_MAX = 64 * 1024;
    private static final int CODES_MAX = 1_000;

    private final InstantSource clock;
    private final ECKey key;
    private final LoopbackServer server;
    private final Map<String, Grant> codes = new ConcurrentHashMap<>();
    private volatile boolean broken;

    private record Grant(Persona who, Map<String, String> asked, Instant until) {}

    /** @param port TCP port; 0 takes any free one */
    public SandboxIdp(int port, InstantSource clock) {
        this.clock = clock;
        try {
            key = new ECKeyGenerator(Curve.P_256).keyID("sandbox").generate();
        } catch (JOSEException e) {
            throw new IllegalStateException("every JDK makes P-256 keys", e);
        }
        server = new LoopbackServer(port, BODY_MAX, this::handle);
    }

    /** {@code http://127.0.0.1:PORT}. */
    public String issuer() {
        return server.origin();
    }

    /** From now on every answer is an error, or not any more. */
    public void breakDown(boolean down) {
        broken = down;
    }

    private void handle(ServerRequest request, ServerResponse response) {
        if (broken) {
            response.status(Status.SERVICE_UNAVAILABLE_503).send("broken");
            return;
        }
        switch (request.prologue().method().text() + " " + request.path().path()) {
            case "GET /.well-known/openid-configuration" -> json(response, Status.OK_200, metadata());
            case "GET /jwks" -> json(response, Status.OK_200, new JWKSet(key.toPublicJWK()).toString());
            case "GET /authorize" -> ask(request, response);
            case "POST /authorize" -> let(request, response);
            case "POST /token" -> token(request, response);
            case "GET /end-session" -> endSession(request, response);
            default -> response.status(Status.NOT_FOUND_404).send("nothing here");
        }
    }

    private String metadata() {
        return """
                {"issuer":"%1$s","authorization_endpoint":"%1$s/authorize","token_endpoint":"%1$s/token","jwks_uri":"%1$s/jwks",
                "end_session_endpoint":"%1$s/end-session","response_types_supported":["code"],"subject_types_supported":["public"],
                "id_token_signing_alg_values_supported":["ES256"],"code_challenge_methods_supported":["S256"],
                "token_endpoint_auth_methods_supported":["none"]}""".formatted(issuer());
    }

    /** A page with a button for each person; the request goes along in the form. */
    private void ask(ServerRequest request, ServerResponse response) {
        StringBuilder hidden = new StringBuilder();
        request.query()
                .toMap()
                .forEach((name, values) -> hidden.append("<input type=\"hidden\" name=\"")
                        .append(escaped(name))
                        .append("\" value=\"")
                        .append(escaped(values.getFirst()))
                        .append("\">"));
        StringBuilder buttons = new StringBuilder();
        Persona.ALL.forEach(persona -> buttons.append("<p><button name=\"who\" value=\"")
                .append(persona.user())
                .append("\">")
                .append(persona.name())
                .append(persona.roles().isEmpty() ? " (no role)" : " (" + String.join(", ", persona.roles()) + ")")
                .append("</button></p>"));
        response.header(HeaderNames.CONTENT_TYPE, "text/html; charset=utf-8")
                .send(
                        "<!doctype html><html lang=\"en\"><title>Pretend identity provider</title><main><h1>Pretend identity provider</h1>"
                                + "<p>Invented people, no passwords. Who are you?</p><form method=\"post\" action=\"/authorize\">"
                                + hidden
                                + buttons + "</form></main></html>");
    }

    private void let(ServerRequest request, ServerResponse response) {
        Map<String, String> form = form(request);
        Optional<Persona> who = Persona.ALL.stream()
                .filter(persona -> persona.user().equals(form.get("who")))
                .findFirst();
        boolean right = CLIENT.equals(form.get("client_id"))
                && "code".equals(form.get("response_type"))
                && "S256".equals(form.get("code_challenge_method"))
                && isCallback(form.get("redirect_uri"));
        if (who.isEmpty() || !right || codes.size() >= CODES_MAX) {
            response.status(Status.BAD_REQUEST_400).send("the request to sign in is not right");
            return;
        }
        String code = UUID.randomUUID().toString();
        codes.put(code, new Grant(who.get(), form, clock.instant().plus(CODE_LIVES)));
        redirect(
                response,
                form.get("redirect_uri") + "?code=" + code + "&state="
                        + URLEncoder.encode(form.getOrDefault("state", ""), StandardCharsets.UTF_8));
    }

    /** On this machine, as is registered for the demo's client. */
    private static boolean isCallback(@Nullable String uri) {
        return uri != null
                && "127.0.0.1".equals(URI.create(uri).getHost())
                && "/signin/callback".equals(URI.create(uri).getPath());
    }

    private void token(ServerRequest request, ServerResponse response) {
        Map<String, String> form = form(request);
        Grant grant = codes.remove(form.getOrDefault("code", ""));
        if (grant == null) {
            json(response, Status.BAD_REQUEST_400, INVALID_GRANT);
            return;
        }
        boolean right = clock.instant().isBefore(grant.until())
                && "authorization_code".equals(form.get("grant_type"))
                && Objects.equals(grant.asked().get("redirect_uri"), form.get("redirect_uri"))
                && challenge(form.getOrDefault("code_verifier", ""))
                        .equals(grant.asked().get("code_challenge"));
        if (!right) {
            json(response, Status.BAD_REQUEST_400, INVALID_GRANT);
            return;
        }
        json(
                response,
                Status.OK_200,
                "{\"access_token\":\"none\",\"token_type\":\"Bearer\",\"expires_in\":300,\"id_token\":\""
                        + idToken(grant) + "\"}");
    }

    private String idToken(Grant grant) {
        Instant now = clock.instant();
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(issuer())
                .audience(CLIENT)
                .subject("subject-" + grant.who().user())
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(TOKEN_LIVES)))
                .claim("nonce", grant.asked().get("nonce"))
                .claim("name", grant.who().name())
                .claim("preferred_username", grant.who().user())
                .claim("roles", grant.who().roles())
                .build();
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(), claims);
        try {
            jwt.sign(new ECDSASigner(key));
        } catch (JOSEException e) {
            throw new IllegalStateException("every JDK signs with P-256", e);
        }
        return jwt.serialize();
    }

    private void endSession(ServerRequest request, ServerResponse response) {
        String to = request.query().first("post_logout_redirect_uri").orElse("");
        if (to.isEmpty() || !"127.0.0.1".equals(URI.create(to).getHost())) {
            response.send("signed out");
            return;
        }
        redirect(response, to);
    }

    private static String challenge(String verifier) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static Map<String, String> form(ServerRequest request) {
        Map<String, String> form = new HashMap<>();
        for (String pair : request.content().as(String.class).split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                form.put(
                        URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return form;
    }

    private static void json(ServerResponse response, Status status, String text) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "application/json")
                .header(HeaderNames.CACHE_CONTROL, "no-store")
                .send(text);
    }

    private static void redirect(ServerResponse response, String to) {
        response.status(Status.SEE_OTHER_303).header(HeaderNames.LOCATION, to).send();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }

    @Override
    public void close() {
        server.close();
    }
}
