package io.bloodnet.server.signin;

import io.bloodnet.audit.AuditText;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who somebody is, as the provider says.
 *
 * @param user for the audit log
 * @param name for people
 * @param roles here; may be none
 * @param idToken the provider's own words, to sign out there
 */
record Identity(String user, String name, Set<Role> roles, String idToken) {

    /** Longest name kept, in characters. */
    static final int NAME_MAX = 200;

    Identity {
        roles = Set.copyOf(roles);
    }

    /** A claim's text, made to fit; empty when it is absent or blank. */
    static Optional<String> text(@Nullable Object claim) {
        return claim instanceof String text && !text.isBlank()
                ? Optional.of(AuditText.fit(text.strip(), NAME_MAX))
                : Optional.empty();
    }

    /** The texts at this path of the claims: one text or a list of them; none when it is anything else. */
    static Set<String> values(Map<String, Object> claims, List<String> path) {
        Object at = claims;
        for (String step : path) {
            at = at instanceof Map<?, ?> map ? map.get(step) : null;
        }
        Set<String> values = new HashSet<>();
        if (at instanceof String one) {
            values.add(one);
        } else if (at instanceof Collection<?> many) {
            many.forEach(value -> values.add(String.valueOf(value)));
        }
        return values;
    }

    /** Nothing that identifies. */
    @Override
    public String toString() {
        return "Identity[" + Role.words(roles) + "]";
    }
}
