package io.bloodnet.audit.ledger;

/** Text that should be a signed note, a checkpoint, a key or a proof is not. The message holds no content. */
public final class MalformedNoteException extends RuntimeException {

    public MalformedNoteException(String message) {
        super(message);
    }
}
