package io.bloodnet.server.signin;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A sign-in that has begun. It is kept in the cookie of the browser that began it and nowhere else: the code that comes back is of use to
 * that browser only, and whoever begins many fills nothing here.
 *
 * @param state goes through the provider, and must come back to the same browser
 * @param nonce must be in the ID token
 * @param verifier PKCE's (RFC 7636 4.1)
 * @param to the page where the person wanted to go, see {@link #page}
 */
record SignInTry(String state, String nonce, String verifier, String to) {

    private static final Pattern PAGE =
            Pattern.compile("/|/audit|/monitoring|/studies/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{43}");

    /** A new one. */
    static SignInTry to(String wanted) {
        return new SignInTry(SecretText.make(), SecretText.make(), SecretText.make(), page(wanted));
    }

    /** One of our own pages; the worklist for everything else. */
    static String page(String wanted) {
        return PAGE.matcher(wanted).matches() ? wanted : "/";
    }

    /** As a cookie's value. */
    String cookie() {
        String page = Base64.getUrlEncoder().withoutPadding().encodeToString(to.getBytes(StandardCharsets.UTF_8));
        return String.join(".", state, nonce, verifier, page);
    }

    /** The one of a cookie; empty when it is none of ours. */
    static Optional<SignInTry> parse(String cookie) {
        String[] parts = cookie.split("\\.", -1);
        if (parts.length != 4) {
            return Optional.empty();
        }
        for (int i = 0; i < 3; i++) {
            if (!SECRET.matcher(parts[i]).matches()) {
                return Optional.empty();
            }
        }
        try {
            String page = new String(Base64.getUrlDecoder().decode(parts[3]), StandardCharsets.UTF_8);
            return Optional.of(new SignInTry(parts[0], parts[1], parts[2], page(page)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Nothing secret. */
    @Override
    public String toString() {
        return "SignInTry[]";
    }
}
