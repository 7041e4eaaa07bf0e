package io.bloodnet.server.signin;

import static io.bloodnet.server.signin.Role.ADMIN;
import static io.bloodnet.server.signin.Role.CLINICIAN;
import static io.bloodnet.server.signin.Role.COMPLIANCE;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Who may have what. The first rule whose path fits decides; what no rule names is refused. */
final class Rights {

    /** What a path leads to. */
    enum Kind {
        /** Has rules of its own, or holds nothing that anybody must not see. */
        OPEN,
        /** A page, for people. */
        PAGE,
        /** Nothing is there. */
        NOWHERE,
        /** For programs and pages. */
        API
    }

    /**
     * One rule.
     *
     * @param name for the audit log, without what identifies
     * @param machines whether programs with the token, and programs on this machine where none is asked for, may
     * @param signedInOnly whether it needs a person who signed in even where nobody else does
     */
    record Rule(String name, Pattern path, Kind kind, Set<Role> roles, boolean machines, boolean signedInOnly) {
        Rule {
            roles = Set.copyOf(roles);
        }
    }

    private static final Set<Role> ALL = EnumSet.allOf(Role.class);

    private static final List<Rule> READS = List.of(
            open("/health", "/health(/.*)?"),
            open("/cds-services", "/cds-services(/.*)?"),
            open("/fhir/events", "/fhir/events(/.*)?"),
            open("sign-in", "/(signin(/callback)?|signed-out|signout|api/me)"),
            open("assets", "/[a-z0-9/_-]+\\.(js|css|svg)|/demo/.*"),
            page("/", "/", ALL, false),
            page("/audit", "/audit", Set.of(COMPLIANCE), false),
            page("/monitoring", "/monitoring", ALL, false),
            page("/studies/{job}", "/studies/[^/]*", Set.of(CLINICIAN), true),
            new Rule("/api/studies", Pattern.compile("/api/studies/.*"), Kind.API, Set.of(CLINICIAN), false, true),
            api("/api/audit", "/api/audit(/.*)?", Set.of(COMPLIANCE)),
            api("/api/worklist", "/api/worklist(/.*)?", ALL),
            api("/api/monitoring", "/api/monitoring(/.*)?", ALL),
            api("/metrics", "/metrics", Set.of(ADMIN)),
            api("/model-card", "/model-card", ALL),
            api("/fhir", "/fhir(/.*)?", Set.of()));

    private static final List<Rule> WRITES = List.of(
            open("/cds-services", "/cds-services(/.*)?"),
            open("/fhir/events", "/fhir/events(/.*)?"),
            open("sign-out", "/signout"),
            api("/api/jobs", "/api/jobs/.*", Set.of(CLINICIAN, ADMIN)),
            new Rule("/api/studies", Pattern.compile("/api/studies/.*"), Kind.API, Set.of(CLINICIAN), false, true),
            api("/fhir", "/fhir(/.*)?", Set.of()));

    private static final Rule NOTHING =
            new Rule("elsewhere", Pattern.compile(".*"), Kind.NOWHERE, Set.of(), false, false);

    private Rights() {}

    /** The rule for a path without its query. */
    static Rule of(boolean reads, String path) {
        return (reads ? READS : WRITES)
                .stream()
                        .filter(rule -> rule.path().matcher(path).matches())
                        .findFirst()
                        .orElse(NOTHING);
    }

    private static Rule open(String name, String path) {
        return new Rule(name, Pattern.compile(path), Kind.OPEN, ALL, true, false);
    }

    private static Rule page(String name, String path, Set<Role> roles, boolean signedInOnly) {
        return new Rule(name, Pattern.compile(path), Kind.PAGE, roles, false, signedInOnly);
    }

    private static Rule api(String name, String path, Set<Role> roles) {
        return new Rule(name, Pattern.compile(path), Kind.API, roles, true, false);
    }
}
