package io.bloodnet.fhir.ehr;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The configured base of the EHR and the one place that decides whether an address belongs to it. Addresses are compared part by part after
 * parsing, never by how their text starts: {@code https://ehr.org.evil.tld} starts with {@code https://ehr.org}.
 */
public final class EhrBase {

    private static final Pattern REFERENCE =
            Pattern.compile("([A-Z][A-Za-z]{1,39})/([A-Za-z0-9\\-.]{1,64})(?:/_history/[A-Za-z0-9\\-.]{1,64})?");

    private final URI base;

    /** @throws IllegalArgumentException when the URL is not an absolute http(s) URL without user, query and fragment */
    public EhrBase(URI fhirUrl) {
        if (!isPlainHttp(fhirUrl)) {
            throw new IllegalArgumentException(
                    "fhir-url must be an absolute http or https URL without user, query and fragment");
        }
        String text = fhirUrl.toString();
        base = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    }

    /** The base without a slash at its end. */
    public URI uri() {
        return base;
    }

    /** Scheme, host and port, for logs and the audit log: {@code https://ehr.example:8443}. */
    public String origin() {
        int port = base.getPort();
        return base.getScheme().toLowerCase(Locale.ROOT) + "://" + base.getHost() + (port < 0 ? "" : ":" + port);
    }

    /**
     * The resource that a reference names, when it names one here: relative, or absolute under our own base. Empty for everything else;
     * such a reference must not be contacted.
     */
    public Optional<ResourceId> resourceOf(String reference) {
        String relative = reference;
        if (reference.indexOf(':') >= 0) {
            Optional<String> under = pathUnderBase(reference);
            if (under.isEmpty()) {
                return Optional.empty();
            }
            relative = under.get();
        }
        Matcher m = REFERENCE.matcher(relative);
        return m.matches() && !m.group(2).matches("\\.+")
                ? Optional.of(new ResourceId(m.group(1), m.group(2)))
                : Optional.empty();
    }

    /** Path and query of an address under our base ({@code ImagingStudy?page=2}), or empty: it is somebody else's. */
    public Optional<String> relative(String address) {
        try {
            URI uri = new URI(address);
            if (uri.getFragment() != null || !sameOrigin(uri)) {
                return Optional.empty();
            }
            return under(uri).map(path -> uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery());
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /**
     * Where the next page of a search is: path and query under our base, or empty when the link leads elsewhere. A relative link is taken
     * as one to the base (FHIR R4 3.1.1.5), one of a query alone as one to the same type.
     *
     * @param type what was searched for
     */
    Optional<String> nextPage(String link, String type) {
        String text = link.strip();
        if (text.isEmpty() || text.startsWith("//") || text.indexOf('\\') >= 0) {
            return Optional.empty();
        }
        if (text.startsWith("?")) {
            return relative(base + "/" + type + text);
        }
        if (text.startsWith("/")) {
            return relative(base.getScheme() + "://" + base.getRawAuthority() + text);
        }
        boolean absolute = text.matches("(?i)[a-z][a-z0-9+.\\-]*:.*");
        return relative(absolute ? text : base + "/" + (text.startsWith("./") ? text.substring(2) : text));
    }

    private Optional<String> pathUnderBase(String address) {
        return relative(address).filter(path -> path.indexOf('?') < 0);
    }

    private Optional<String> under(URI uri) {
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        String prefix = base.getRawPath() + "/";
        boolean plain = !path.contains("%") && !path.contains("//") && !path.contains("/../") && !path.contains("/./");
        if (!plain || !path.startsWith(prefix) && !path.equals(base.getRawPath())) {
            return Optional.empty();
        }
        return Optional.of(path.length() <= prefix.length() ? "" : path.substring(prefix.length()));
    }

    /** Whether the address has our scheme, host and effective port, and no user in front of the host. */
    public boolean sameOrigin(URI other) {
        return isHttp(other)
                && other.getRawUserInfo() == null
                && base.getScheme().equalsIgnoreCase(other.getScheme())
                && base.getHost().equalsIgnoreCase(other.getHost())
                && port(base) == port(other);
    }

    /** Whether the URL is absolute http(s) with a host and without user, query and fragment. */
    static boolean isPlainHttp(URI uri) {
        return isHttp(uri) && uri.getRawUserInfo() == null && uri.getRawQuery() == null && uri.getRawFragment() == null;
    }

    private static boolean isHttp(URI uri) {
        String scheme = uri.getScheme();
        return ("http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme)) && uri.getHost() != null;
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }

    /** A resource by type and id. */
    public record ResourceId(String type, String id) {
        /** {@code Patient/123}. */
        public String reference() {
            return type + "/" + id;
        }
    }
}
