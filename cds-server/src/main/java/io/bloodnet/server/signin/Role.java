package io.bloodnet.server.signin;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What a person is at this site, as the identity provider says. A person may be several. */
public enum Role {
    /** Reads studies: sees patients, says "seen", agrees or disagrees. */
    CLINICIAN,
    /** Reads the audit log. */
    COMPLIANCE,
    /** Looks after the server: tries jobs again, reads metrics. Sees no patients. */
    ADMIN;

    /** The role's name in the configuration, in the database and in the audit log. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Several in one text, comma-separated. */
    static String words(Set<Role> roles) {
        return roles.stream().map(Role::word).collect(Collectors.joining(","));
    }

    /** The roles of {@link #words}. */
    static Set<Role> parse(String words) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (String word : words.split(",")) {
            if (!word.isBlank()) {
                roles.add(valueOf(word.toUpperCase(Locale.ROOT)));
            }
        }
        return roles;
    }
}
