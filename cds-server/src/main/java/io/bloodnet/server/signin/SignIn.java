package io.bloodnet.server.signin;

import io.bloodnet.audit.AuditLog;
import io.bloodnet.server.store.Database;
import io.helidon.webserver.http.ServerRequest;
import java.net.URI;
import java.time.InstantSource;
import java.util.Optional;

/** Sign-in of people, where it is configured: the provider, the sessions, and who a request's cookie stands for. Safe for all threads. */
public final class SignIn implements AutoCloseable {

    private final SignInSettings settings;
    private final Provider provider;
    private final SessionStore sessions;
    private final AuditLog audit;
    private final InstantSource clock;

    /** Dials nothing. */
    public SignIn(SignInSettings settings, Database database, AuditLog audit, InstantSource clock) {
        this.settings = settings;
        this.provider = new Provider(settings, clock);
        this.sessions = new SessionStore(database, settings.idle(), settings.absolute(), clock);
        this.audit = audit;
        this.clock = clock;
    }

    SignInSettings settings() {
        return settings;
    }

    Provider provider() {
        return provider;
    }

    SessionStore sessions() {
        return sessions;
    }

    AuditLog audit() {
        return audit;
    }

    InstantSource clock() {
        return clock;
    }

    /** Whether the configured address is this machine's own, so that programs on it may go on without a token. */
    boolean onLoopback() {
        return settings.onLoopback();
    }

    /** The person whose session the request's cookie names. */
    Optional<Visitor.Person> person(ServerRequest request) {
        return Cookies.read(request, Cookies.SESSION)
                .flatMap(sessions::use)
                .map(session -> new Visitor.Person(
                        session.who().user(),
                        session.who().name(),
                        session.who().roles(),
                        Peer.address(request),
                        session.id()));
    }

    /** Whether a visitor may go on following what they follow: a person's session may have ended meanwhile. */
    public boolean goesOn(Visitor visitor) {
        return switch (visitor) {
            case Visitor.Person person -> sessions.goesOn(person.session());
            case Visitor.Machine _, Visitor.Local _ -> true;
        };
    }

    /** Ends a person's session here. Returns where the browser goes to end it at the provider too. */
    URI end(String cookie) {
        Optional<SessionStore.Session> session = sessions.use(cookie);
        session.ifPresent(s -> sessions.end(s.id()));
        return session.flatMap(s -> provider.signOut(s.who().idToken())).orElse(settings.signedOut());
    }

    @Override
    public void close() {
        provider.close();
    }
}
