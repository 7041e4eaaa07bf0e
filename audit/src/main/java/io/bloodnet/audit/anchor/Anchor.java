package io.bloodnet.audit.anchor;

import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.SignedNote;
import java.util.List;
import java.util.Optional;

/** A place outside the database that remembers checkpoints, so that whoever rewrites the database cannot rewrite the past. */
public interface Anchor {

    /** A name for logs and status, without secrets. */
    String name();

    /** The newest checkpoint that this place remembers and can tell at once; empty when there is none or it cannot tell. */
    Optional<SignedNote> newest();

    /**
     * Hands over a newer checkpoint. Called by one thread, never for a smaller log than before.
     *
     * @throws AnchorUnavailableException the place cannot be reached: it is asked again with the next checkpoint
     */
    Answer keep(SignedNote checkpoint, Growth growth);

    /** What the place said. */
    sealed interface Answer {
        /** It remembers the checkpoint. */
        record Kept() implements Answer {}

        /** It remembers the checkpoint and signed that it follows from all that it saw before. */
        record Cosigned(SignedNote.Signature signature) implements Answer {}

        /** What it remembers does not fit to this log: the log was shortened, rewritten or forked. */
        record Refused(String reason) implements Answer {}
    }

    /** Proofs that the log only grew. */
    interface Growth {
        /** How many entries the database has now. */
        long size();

        /** The consistency proof from a smaller to a larger size of this log. */
        List<Hash> proof(long from, long to);
    }
}
