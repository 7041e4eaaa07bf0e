package io.bloodnet.server.signin;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.Outcome;
import io.bloodnet.server.http.ApiToken;
import io.bloodnet.server.http.Caller;
import io.bloodnet.server.http.JsonAnswers;
import io.bloodnet.server.signin.Rights.Kind;
import io.bloodnet.server.signin.Rights.Rule;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.time.InstantSource;
import java.util.Collections;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stands in front of all routes: finds out who asks, and lets through what {@link Rights} grants them. A person comes with a session's
 * cookie, a program with the site's token; on loopback, where no token is configured, programs on this machine come as they are, and so do
 * people where nobody can sign in. Views of pages and refused requests of people are audited before anything is answered.
 */
public final class Door implements Filter {

    private final @Nullable ApiToken token;
    private final @Nullable SignIn signIn;
    private final Knocks knocks;
    private final AuditLog audit;
    private final InstantSource clock;

    /** @param token for programs; null when none is configured @param signIn for people; null when none is configured */
    public Door(@Nullable ApiToken token, @Nullable SignIn signIn, AuditLog audit, InstantSource clock) {
        this.token = token;
        this.signIn = signIn;
        this.knocks = new Knocks(audit, clock);
        this.audit = audit;
        this.clock = clock;
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        Rule rule = Rights.of(SameOrigin.reads(request), request.path().path());
        if (rule.kind() == Kind.OPEN) {
            chain.proceed();
            return;
        }
        if (rule.kind() == Kind.NOWHERE) {
            JsonAnswers.problem(response, Status.NOT_FOUND_404, "there is nothing here");
            return;
        }
        try {
            Optional<Visitor> visitor = visitor(rule, request, response);
            if (visitor.isEmpty()) {
                return;
            }
            request.context().register(visitor.get());
        } catch (AuditUnavailableException e) {
            JsonAnswers.problem(
                    response, Status.SERVICE_UNAVAILABLE_503, "the audit log cannot be written, so nothing is shown");
            return;
        }
        chain.proceed();
    }

    /** Who may go on; empty when it was answered that they may not. */
    private Optional<Visitor> visitor(Rule rule, RoutingRequest request, RoutingResponse response) {
        boolean authorization = request.headers().contains(HeaderNames.AUTHORIZATION);
        if (authorization && token != null && token.isKnown(request)) {
            return machine(rule, request, response);
        }
        Optional<Visitor.Person> person = signIn == null ? Optional.empty() : signIn.person(request);
        if (person.isPresent()) {
            return person(rule, person.get(), request, response);
        }
        if (isLocal(request)) {
            return local(rule, request, response);
        }
        turnAway(rule, request, response);
        return Optional.empty();
    }

    private Optional<Visitor> machine(Rule rule, RoutingRequest request, RoutingResponse response) {
        boolean localPage = rule.kind() == Kind.PAGE && !rule.signedInOnly() && signIn == null && Peer.isLocal(request);
        if (!rule.machines() && !localPage) {
            JsonAnswers.problem(
                    response, Status.FORBIDDEN_403, "the token is for programs: a person signs in for this");
            return Optional.empty();
        }
        if (!SameOrigin.reads(request) && SameOrigin.byBrowser(request) && !SameOrigin.permits(request)) {
            return foreign(response);
        }
        return Optional.of(new Visitor.Machine(Caller.of(request), Peer.address(request)));
    }

    private Optional<Visitor> person(
            Rule rule, Visitor.Person person, RoutingRequest request, RoutingResponse response) {
        String refusal = null;
        if (!SameOrigin.permits(request)) {
            refusal = "another site made this request";
        } else if (Collections.disjoint(rule.roles(), person.roles())) {
            refusal = "this is not for the role " + Role.words(person.roles());
        }
        boolean studyPage = rule.signedInOnly();
        if (refusal != null || rule.kind() == Kind.PAGE && !studyPage) {
            audit.record(event(rule, person, request, refusal));
        }
        if (refusal == null) {
            return Optional.of(person);
        }
        if (rule.kind() == Kind.PAGE) {
            Notice.plain(
                    response, Status.FORBIDDEN_403, "This page is not for you", "It was refused: " + refusal + ".");
        } else {
            JsonAnswers.problem(response, Status.FORBIDDEN_403, refusal);
        }
        return Optional.empty();
    }

    private AuditEvent event(Rule rule, Visitor.Person person, RoutingRequest request, @Nullable String refusal) {
        About about = About.user(person.user());
        Outcome outcome = refusal == null ? Outcome.SUCCESS : Outcome.SERIOUS_FAILURE;
        return SameOrigin.reads(request)
                ? new AuditEvent.PageViewed(clock.instant(), about, outcome, rule.name(), person.client(), refusal)
                : new AuditEvent.PersonActed(
                        clock.instant(), about, outcome, "POST " + rule.name(), person.client(), null, refusal);
    }

    /** Somebody on this machine who need not say who they are. */
    private boolean isLocal(RoutingRequest request) {
        return token == null
                && Peer.isLocal(request)
                && (signIn == null || signIn.onLoopback() && !SameOrigin.byBrowser(request));
    }

    private Optional<Visitor> local(Rule rule, RoutingRequest request, RoutingResponse response) {
        if (rule.signedInOnly()) {
            turnAway(rule, request, response);
            return Optional.empty();
        }
        if (SameOrigin.byBrowser(request) && !SameOrigin.permits(request)) {
            return foreign(response);
        }
        return Optional.of(new Visitor.Local(Caller.of(request), Peer.address(request)));
    }

    private Optional<Visitor> foreign(RoutingResponse response) {
        JsonAnswers.problem(response, Status.FORBIDDEN_403, "another site made this request");
        return Optional.empty();
    }

    private void turnAway(Rule rule, RoutingRequest request, RoutingResponse response) {
        boolean page = rule.kind() == Kind.PAGE;
        if (page && signIn != null) {
            response.status(Status.SEE_OTHER_303)
                    .header(
                            HeaderNames.LOCATION,
                            "/signin?to=" + SignInTry.page(request.path().path()))
                    .header(HeaderNames.CACHE_CONTROL, "no-store")
                    .send();
            return;
        }
        if (page && (rule.signedInOnly() || !Peer.isLocal(request))) {
            Notice.plain(
                    response,
                    Status.FORBIDDEN_403,
                    "Nobody can sign in here",
                    rule.signedInOnly()
                            ? "This page shows a patient, so it needs a person who signed in. Section sign-in is not configured."
                            : "Section sign-in is not configured, so the pages are for browsers on the server's own machine.");
            return;
        }
        knocks.another();
        if (signIn != null || rule.signedInOnly()) {
            JsonAnswers.send(
                    response,
                    Status.UNAUTHORIZED_401,
                    JsonAnswers.object()
                            .put("error", "nobody is signed in, or the session has ended")
                            .put("signIn", signIn != null));
        } else if (token != null) {
            ApiToken.ask(response);
        } else {
            JsonAnswers.problem(response, Status.FORBIDDEN_403, "only for callers on the server's own machine");
        }
    }
}
