package io.bloodnet.imaging.dicomweb;

import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How to get in.
 *
 * @param signIn who we say we are
 * @param tls own certificate and trusted authorities; null for the JDK's authorities and no certificate of ours
 */
public record ArchiveAccess(ArchiveSignIn signIn, @Nullable SSLContext tls) {

    /** No sign-in, and the JDK's authorities. */
    public static final ArchiveAccess OPEN = new ArchiveAccess(ArchiveSignIn.none(), null);

    /** Nothing secret. */
    @Override
    public String toString() {
        return "ArchiveAccess[tls=" + (tls != null) + "]";
    }
}
