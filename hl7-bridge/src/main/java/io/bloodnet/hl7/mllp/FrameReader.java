package io.bloodnet.hl7.mllp;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads MLLP frames (VT message FS CR; HL7 transport specification, MLLP release 1) from a socket, with a limit on everything. Tolerates
 * what real senders do: line ends and other bytes between two messages, which are passed over, a missing CR behind FS, a message begun again
 * by another VT. For one thread.
 */
final class FrameReader {

    /** How much of a bad frame is kept, bytes. */
    static final int HEAD_BYTES_MAX = 4096;
    /** Most bytes between two messages besides line ends. */
    static final int STRAY_BYTES_MAX = 4096;

    private static final int READ_BYTES = 4096;
    /** How long a CR may be behind its FS. A sender that leaves it out is answered after this. */
    private static final long RETURN_GRACE_NS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final byte[] NOTHING = {};

    /**
     * Someone who ends a wait for the next frame that lasts too long, by closing the socket: then the wait needs no timer of its own, which
     * costs about as much as the message that ends it.
     */
    @FunctionalInterface
    interface Watch {
        /** No wait is watched. */
        long NO_DEADLINE = Long.MAX_VALUE;

        /** Until when the wait that begins may last ({@link System#nanoTime}); {@link #NO_DEADLINE} when it is over. */
        void waitsUntil(long deadlineNs);
    }

    private final Socket socket;
    private final InputStream in;
    private final FrameBudget budget;
    private final int frameBytesMax;
    private final int roomBytes;
    private final long frameNs;
    private final @Nullable Watch watch;
    private long idleNs;
    /** Whether the socket may have a timeout that a watched wait must not have. */
    private boolean timed = true;

    private final byte[] read = new byte[READ_BYTES];
    private int position;
    private int end;
    private byte[] frame = NOTHING;
    private int length;

    /**
     * @param roomBytes what a frame may have of its own, without the budget
     * @param watch who ends waits for the next frame; null when the reader itself does, after {@code idle}
     */
    FrameReader(
            Socket socket,
            FrameBudget budget,
            int frameBytesMax,
            int roomBytes,
            Duration idle,
            Duration wholeFrame,
            @Nullable Watch watch)
            throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.budget = budget;
        this.frameBytesMax = frameBytesMax;
        this.roomBytes = roomBytes;
        this.idleNs = idle.toNanos();
        this.frameNs = wholeFrame.toNanos();
        this.watch = watch;
    }

    /** Waits for the next frame; at most idle time plus frame time. A wait that the watch ends throws {@link IOException}. */
    Frame next() throws IOException {
        clear();
        try {
            Frame outside = skipToStart();
            return outside != null ? outside : readToEnd();
        } catch (SocketTimeoutException e) {
            return fault(FrameFault.TOO_SLOW);
        }
    }

    /** Changes how long {@link #next} waits for a frame to begin. */
    void waitAtMost(Duration idle) {
        idleNs = Math.max(0, idle.toNanos());
    }

    /** Whether bytes were read that belong to no frame given out so far. */
    boolean holdsMore() {
        while (position < end && (read[position] == Frame.RETURN || read[position] == '\n')) {
            position++;
        }
        return position < end;
    }

    /** Gives the buffers back; the reader is not used afterwards. */
    void close() {
        clear();
    }

    /** Null when a VT was found. */
    private @Nullable Frame skipToStart() throws IOException {
        long deadline = System.nanoTime() + idleNs;
        int stray = 0;
        while (true) {
            for (; position < end; position++) {
                byte b = read[position];
                if (b == Frame.START) {
                    position++;
                    return null;
                }
                if (b != Frame.RETURN && b != '\n' && stray++ == STRAY_BYTES_MAX) {
                    return fault(FrameFault.NO_START);
                }
            }
            try {
                boolean more = watch != null ? fillWatched(watch, deadline) : fill(deadline);
                if (!more) {
                    return new Frame.Closed();
                }
            } catch (SocketTimeoutException e) {
                return new Frame.Idle();
            }
        }
    }

    private Frame readToEnd() throws IOException {
        long deadline = System.nanoTime() + frameNs;
        while (true) {
            int from = position;
            while (position < end && read[position] != Frame.END && read[position] != Frame.START) {
                position++;
            }
            FrameFault full = append(from, position - from);
            if (full != null) {
                return fault(full);
            }
            if (position == end) {
                if (!fill(deadline)) {
                    return fault(FrameFault.CUT_OFF);
                }
            } else if (read[position++] == Frame.END) {
                return ended(deadline);
            } else {
                length = 0; // the sender began again: what came before was never whole and is never acknowledged
            }
        }
    }

    private Frame ended(long deadline) throws IOException {
        if (position == end) {
            try {
                fill(Math.min(deadline, System.nanoTime() + RETURN_GRACE_NS));
            } catch (SocketTimeoutException e) {
                return message();
            }
        }
        if (position < end && read[position] != Frame.START) {
            if (read[position] != Frame.RETURN) {
                return fault(FrameFault.END_INSIDE);
            }
            position++;
        }
        return message();
    }

    private @Nullable FrameFault append(int from, int count) {
        int needed = length + count;
        if (needed > frameBytesMax) {
            return FrameFault.TOO_LARGE;
        }
        if (needed > frame.length) {
            int capacity = Math.min(frameBytesMax, Math.max(needed, Math.max(1024, frame.length * 2)));
            if (!budget.take(shared(capacity) - shared(frame.length))) {
                return FrameFault.NO_ROOM;
            }
            frame = Arrays.copyOf(frame, capacity);
        }
        System.arraycopy(read, from, frame, length, count);
        length = needed;
        return null;
    }

    private void clear() {
        length = 0;
        if (frame.length > roomBytes) {
            budget.giveBack(shared(frame.length));
            frame = NOTHING;
        }
    }

    private long shared(int capacity) {
        return Math.max(0, capacity - roomBytes);
    }

    private Frame message() {
        return new Frame.Message(Arrays.copyOf(frame, length));
    }

    private Frame fault(FrameFault fault) {
        return new Frame.Fault(fault, Arrays.copyOf(frame, Math.min(length, HEAD_BYTES_MAX)));
    }

    /** False at the link's end. */
    private boolean fill(long deadline) throws IOException {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()) + 1;
        if (millis <= 0) {
            throw new SocketTimeoutException();
        }
        socket.setSoTimeout((int) Math.min(millis, Integer.MAX_VALUE));
        timed = true;
        return fill();
    }

    private boolean fillWatched(Watch by, long deadline) throws IOException {
        if (timed) {
            socket.setSoTimeout(0);
            timed = false;
        }
        by.waitsUntil(deadline);
        try {
            return fill();
        } finally {
            by.waitsUntil(Watch.NO_DEADLINE);
        }
    }

    private boolean fill() throws IOException {
        int count = in.read(read, 0, read.length);
        position = 0;
        end = Math.max(count, 0);
        return count >= 0;
    }
}
