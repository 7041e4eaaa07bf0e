package io.bloodnet.server.signin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Outcome;
import io.bloodnet.server.http.JsonAnswers;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.URI;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /signin?to=PAGE}, {@code GET /signin/callback}, {@code POST /signout}, {@code GET /signed-out} and {@code GET /api/me}. Runs in
 * the request's virtual thread.
 */
public final class SignInRoutes implements HttpService {

    private static final Logger LOG = LoggerFactory.getLogger(SignInRoutes.class);

    /** How long a person may take at the provider. */
    private static final Duration TRY_MAX = Duration.ofMinutes(10);
    /** Longest code that is passed on, characters. */
    private static final int CODE_MAX = 4_096;

    private final @Nullable SignIn signIn;

    /** @param signIn null where nobody signs in */
    public SignInRoutes(@Nullable SignIn signIn) {
        this.signIn = signIn;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/api/me", this::me);
        if (signIn != null) {
            SignIn here = signIn;
            rules.get("/signin", (request, response) -> begin(here, request, response))
                    .get("/signin/callback", (request, response) -> comeBack(here, request, response))
                    .post("/signout", (request, response) -> signOut(here, request, response))
                    .get(
                            "/signed-out",
                            (request, response) -> Notice.signIn(
                                    response,
                                    Status.OK_200,
                                    "You are signed out",
                                    "Close the browser on a shared machine."));
        }
    }

    /** Who is signed in, for the pages: {@code {"signIn":true,"name":"...","roles":["clinician"]}}; no name when nobody is. */
    private void me(ServerRequest request, ServerResponse response) {
        ObjectNode me = JsonAnswers.object().put("signIn", signIn != null);
        Optional<Visitor.Person> person = signIn == null ? Optional.empty() : signIn.person(request);
        ArrayNode roles = me.putArray("roles");
        person.ifPresent(p -> {
            me.put("name", p.name());
            me.put("seesPatients", p.seesPatients());
            p.roles().stream().sorted().forEach(role -> roles.add(role.word()));
        });
        JsonAnswers.send(response, Status.OK_200, me);
    }

    private void begin(SignIn here, ServerRequest request, ServerResponse response) {
        SignInTry begun = SignInTry.to(request.query().first("to").orElse("/"));
        if (here.person(request).isPresent()) {
            redirect(response, URI.create(begun.to()));
            return;
        }
        try {
            URI to = here.provider().authorization(begun);
            Cookies.write(response, Cookies.TRY, begun.cookie(), TRY_MAX);
            redirect(response, to);
        } catch (Provider.ProviderException e) {
            LOG.warn("nobody can sign in: {}, next: a person tries again", e.getMessage());
            Notice.signIn(
                    response,
                    Status.SERVICE_UNAVAILABLE_503,
                    "You cannot sign in now",
                    "Orders are analyzed and reported as always. Try again in a minute; the cause: " + e.getMessage()
                            + ".");
        }
    }

    private void comeBack(SignIn here, ServerRequest request, ServerResponse response) {
        Optional<SignInTry> begun =
                Cookies.read(request, Cookies.TRY).flatMap(SignInTry::parse).filter(t -> sameState(t, request));
        Cookies.remove(response, Cookies.TRY);
        String code = request.query().first("code").orElse("");
        if (begun.isEmpty()) {
            refused(here, request, response, null, "it was not begun in this browser, or too long ago");
        } else if (code.isEmpty() || code.length() > CODE_MAX) {
            refused(here, request, response, null, "the identity provider did not let the person in");
        } else {
            redeem(here, code, begun.get(), request, response);
        }
    }

    private static boolean sameState(SignInTry begun, ServerRequest request) {
        byte[] said = request.query().first("state").orElse("").getBytes(java.nio.charset.StandardCharsets.UTF_8);
        return MessageDigest.isEqual(said, begun.state().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private void redeem(SignIn here, String code, SignInTry begun, ServerRequest request, ServerResponse response) {
        Identity who;
        try {
            who = here.provider().redeem(code, begun);
        } catch (Provider.ProviderException e) {
            refused(here, request, response, null, e.sentence());
            return;
        }
        if (who.roles().isEmpty()) {
            refused(here, request, response, who, "the person has no role here");
            return;
        }
        here.audit().record(signedIn(here, request, who, null));
        Cookies.write(response, Cookies.SESSION, here.sessions().open(who), null);
        redirect(response, URI.create(begun.to()));
    }

    private static void refused(
            SignIn here, ServerRequest request, ServerResponse response, @Nullable Identity who, String reason) {
        here.audit().record(signedIn(here, request, who, reason));
        Notice.signIn(
                response, Status.FORBIDDEN_403, "You are not signed in", "The sign-in was refused: " + reason + ".");
    }

    private static AuditEvent signedIn(
            SignIn here, ServerRequest request, @Nullable Identity who, @Nullable String refusal) {
        return new AuditEvent.SignedIn(
                here.clock().instant(),
                who == null ? About.nothing() : About.user(who.user()),
                refusal == null ? Outcome.SUCCESS : Outcome.SERIOUS_FAILURE,
                here.settings().issuer().toString(),
                Peer.address(request),
                refusal != null || who == null ? null : Role.words(who.roles()),
                refusal);
    }

    /** Answers {@code {"to": URL}}, where the page goes next: a form that is redirected away would break the pages' own policy. */
    private void signOut(SignIn here, ServerRequest request, ServerResponse response) {
        if (!SameOrigin.permits(request)) {
            JsonAnswers.problem(response, Status.FORBIDDEN_403, "another site made this request");
            return;
        }
        Optional<Visitor.Person> person = here.person(request);
        URI to = Cookies.read(request, Cookies.SESSION)
                .map(here::end)
                .orElse(here.settings().signedOut());
        person.ifPresent(p -> here.audit()
                .record(new AuditEvent.SignedOut(
                        here.clock().instant(), About.user(p.user()), Outcome.SUCCESS, p.client(), "by the person")));
        Cookies.remove(response, Cookies.SESSION);
        JsonAnswers.send(response, Status.OK_200, JsonAnswers.object().put("to", to.toString()));
    }

    private static void redirect(ServerResponse response, URI to) {
        response.status(Status.SEE_OTHER_303)
                .header(HeaderNames.LOCATION, to.toString())
                .header(HeaderNames.CACHE_CONTROL, "no-store")
                .send();
    }
}
