package io.bloodnet.server.cdshooks;

import io.bloodnet.server.security.TokenFault;
import org.jspecify.annotations.Nullable;

/**
 * What is decided about one call's token, told by the thread that works to the one that answers: a refusal stands although its audit
 * event, or anything else after it, is late.
 */
final class Verdict {

    private volatile @Nullable TokenFault refusal;

    void refuse(TokenFault fault) {
        refusal = fault;
    }

    /** Null while nothing speaks against the token, which does not say that it is good. */
    @Nullable
    TokenFault refusal() {
        return refusal;
    }
}
