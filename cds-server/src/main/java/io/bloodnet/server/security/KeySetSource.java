package io.bloodnet.server.security;

import java.io.IOException;

/** Where an issuer's JWK set is read from. Called by one thread at a time. */
interface KeySetSource {

    /** Most bytes of a JWK set: a hundred RSA keys with certificates stay below. */
    int BYTES_MAX = 256 * 1024;

    /**
     * The JWK set as JSON text.
     *
     * @throws IOException when it cannot be read or is larger than {@link #BYTES_MAX}
     */
    String read() throws IOException;
}
