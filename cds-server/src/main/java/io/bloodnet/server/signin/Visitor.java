package io.bloodnet.server.signin;

import io.bloodnet.server.http.Caller;
import io.helidon.webserver.http.ServerRequest;
import java.util.Set;

/** Who makes a request, as the {@link Door} found out. */
public sealed interface Visitor {

    /** The address from which the request came, for the audit log. */
    String client();

    /** The name for the audit log. */
    String user();

    /** Whether patients may be shown to them by name. */
    default boolean seesPatients() {
        return false;
    }

    /**
     * A person who signed in.
     *
     * @param user the provider's name for the person, at most 200 characters
     * @param name for people to read, at most 200 characters
     * @param roles at least one
     * @param session names the session in the store; no secret
     */
    record Person(String user, String name, Set<Role> roles, String client, String session) implements Visitor {
        public Person {
            roles = Set.copyOf(roles);
        }

        @Override
        public boolean seesPatients() {
            return roles.contains(Role.CLINICIAN);
        }
    }

    /** A program with the site's token; the name is what it says of itself. */
    record Machine(String user, String client) implements Visitor {}

    /** Somebody on this machine, where nobody need sign in. */
    record Local(String user, String client) implements Visitor {}

    /** Who makes this request; where no door stands in front, as in tests of single routes, somebody on this machine. */
    static Visitor of(ServerRequest request) {
        return request.context()
                .get(Visitor.class)
                .orElseGet(() -> new Local(Caller.of(request), Peer.address(request)));
    }
}
