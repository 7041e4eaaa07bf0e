package io.bloodnet.hl7.mllp;

import java.util.List;

/**
 * Who is at the other end of a link.
 *
 * @param address IP address
 * @param certificateNames what its certificate can be called: SHA-256 in lower-case hex, then its subject (RFC 2253); empty without TLS
 */
public record Peer(String address, List<String> certificateNames) {

    /** Copies the list. */
    public Peer {
        certificateNames = List.copyOf(certificateNames);
    }

    /** The name for logs and the audit log. */
    public String name() {
        return certificateNames.size() > 1 ? address + " " + certificateNames.get(1) : address;
    }
}
