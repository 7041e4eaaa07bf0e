package io.bloodnet.imaging.study;

import java.net.http.HttpTimeoutException;

/** How long whoever reads goes on waiting for an archive that is slow. It is told of each wait and of what came. Used by one thread. */
public interface Patience {

    /** Whose reads it bounds: those of the thread in which it is bound. */
    ScopedValue<Patience> OF_STUDY = ScopedValue.newInstance();

    /** Waits as long as the limits of the call allow. */
    Patience OF_CALL = new Patience() {};

    /** The one of the study that this thread reads; else only the call's own limits hold. */
    static Patience current() {
        return OF_STUDY.orElse(OF_CALL);
    }

    /** So many bytes came. */
    default void received(int count) {}

    /** Nothing came for that long, not counting what was told before. @throws OverException when it is enough */
    default void waited(long nanos) throws HttpTimeoutException {}

    /** The whole study has had its time: asking on for parts of it is of no use now. */
    final class OverException extends HttpTimeoutException {

        private static final long serialVersionUID = 1L;

        OverException(String message) {
            super(message);
        }
    }
}
