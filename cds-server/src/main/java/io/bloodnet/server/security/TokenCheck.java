package io.bloodnet.server.security;

/** What became of a token: good but for its replay, which only the store of uses can tell, or refused. */
public sealed interface TokenCheck {

    /** Issuer, key, signature, audience and times hold. The caller MUST record the use before it acts. */
    record Accepted(TokenUse use) implements TokenCheck {}

    /** Not to be served. */
    record Refused(TokenFault fault) implements TokenCheck {}
}
