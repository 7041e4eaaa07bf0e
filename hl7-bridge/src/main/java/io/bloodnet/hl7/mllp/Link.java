package io.bloodnet.hl7.mllp;

import io.bloodnet.hl7.Hl7Config;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One accepted connection, on its own virtual thread: read a message, answer it, and only then read the next. So replies leave in the order
 * of the messages, whatever a sender pipelines. {@link #overdue}, {@link #idleTooLong}, {@link #finish} and {@link #close} are for other threads.
 */
final class Link implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Link.class);
    /** What the kernel holds for a link, each way: else it grows to megabytes for a peer that does not read. */
    static final int SOCKET_BUFFER_BYTES = 64 << 10;

    private static final long NO_DEADLINE = FrameReader.Watch.NO_DEADLINE;
    /** What is still taken from a peer after its link was given up, so that it can read why, before the connection is reset. */
    private static final int LINGER_BYTES_MAX = 64 << 10;

    private static final int LINGER_MS = 300;

    private enum State {
        WAITING,
        ANSWERING,
        CLOSED
    }

    private final Socket socket;
    private final @Nullable TlsLinks tls;
    private final Conversations conversations;
    private final Hl7Config.Limits limits;
    private final FrameBudget budget;
    private final LinkAudit audit;
    private final long openedNs = System.nanoTime();
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
    private volatile boolean proven;
    private volatile long deadlineNs = NO_DEADLINE;
    private volatile long idleUntilNs = NO_DEADLINE;

    Link(
            Socket socket,
            @Nullable TlsLinks tls,
            Conversations conversations,
            Hl7Config.Limits limits,
            FrameBudget budget,
            LinkAudit audit) {
        this.socket = socket;
        this.tls = tls;
        this.conversations = conversations;
        this.limits = limits;
        this.budget = budget;
        this.audit = audit;
    }

    @Override
    public void run() {
        try (socket) {
            socket.setTcpNoDelay(true);
            socket.setSendBufferSize(SOCKET_BUFFER_BYTES);
            Peer peer = new Peer(socket.getInetAddress().getHostAddress(), List.of());
            Socket talking = socket;
            if (tls != null) {
                SSLSocket secured = tls.server(socket);
                Peer named = handshake(secured, peer);
                if (named == null) {
                    return;
                }
                talking = secured;
                peer = named;
            }
            Optional<String> refusal = conversations.refusal(peer);
            if (refusal.isPresent()) {
                audit.refused(peer, refusal.get());
                return;
            }
            talk(talking, peer);
        } catch (IOException e) {
            LOG.debug(
                    "mllp link ended: {}, next: waiting for links", e.getClass().getSimpleName());
        } finally {
            state.set(State.CLOSED);
        }
    }

    /** Who it is; null when it is not let in. */
    private @Nullable Peer handshake(SSLSocket secured, Peer unnamed) throws IOException {
        setDeadline();
        try {
            secured.startHandshake();
            Peer named = TlsLinks.peer(secured);
            deadlineNs = NO_DEADLINE;
            return named;
        } catch (SSLException e) {
            audit.refused(unnamed, "TLS: " + e.getMessage());
            return null;
        }
    }

    private void talk(Socket talking, Peer peer) throws IOException {
        FrameReader reader = new FrameReader(
                talking,
                budget,
                limits.frameBytesMax(),
                limits.roomBytes(),
                limits.idleTimeout(),
                limits.frameTimeout(),
                until -> idleUntilNs = until);
        Conversations.Conversation conversation = conversations.open(peer);
        boolean recorded = false;
        try {
            while (true) {
                Frame frame = reader.next();
                if (!state.compareAndSet(State.WAITING, State.ANSWERING)) {
                    return;
                }
                switch (frame) {
                    case Frame.Message(byte[] bytes) -> {
                        recorded = recorded || audit.opened(peer);
                        write(talking, conversation.answer(bytes));
                        proven = true;
                    }
                    case Frame.Fault(FrameFault fault, byte[] head) -> {
                        LOG.warn("mllp frame refused: {}, next: closing the link", fault);
                        if (fault == FrameFault.NO_START) { // there is no message that could be answered
                            audit.refused(peer, fault.sentence());
                            return;
                        }
                        write(talking, conversation.refuse(fault, head));
                        linger(talking);
                        return;
                    }
                    case Frame.Closed() -> {
                        return;
                    }
                    case Frame.Idle() -> {
                        return;
                    }
                }
                if (!state.compareAndSet(State.ANSWERING, State.WAITING)) {
                    return;
                }
            }
        } finally {
            reader.close();
            conversation.ended().ifPresent(sentence -> audit.refused(peer, sentence));
        }
    }

    private void write(Socket talking, List<byte[]> replies) throws IOException {
        if (replies.isEmpty()) {
            return;
        }
        byte[] bytes = Frame.around(replies.getFirst());
        if (replies.size() > 1) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (byte[] reply : replies) {
                all.writeBytes(Frame.around(reply));
            }
            bytes = all.toByteArray();
        }
        setDeadline();
        talking.getOutputStream().write(bytes);
        deadlineNs = NO_DEADLINE;
    }

    private void linger(Socket talking) throws IOException {
        setDeadline();
        talking.shutdownOutput();
        talking.setSoTimeout(LINGER_MS);
        byte[] thrownAway = new byte[4096];
        int taken = 0;
        while (taken < LINGER_BYTES_MAX) {
            int count = talking.getInputStream().read(thrownAway);
            if (count < 0) {
                return;
            }
            taken += count;
        }
    }

    private void setDeadline() {
        deadlineNs = System.nanoTime() + limits.writeTimeout().toNanos();
    }

    /** Whether what the link does now has taken too long; reads within a message have their own timeouts. */
    boolean overdue(long nowNs) {
        return isPast(deadlineNs, nowNs);
    }

    /** Whether no message has begun for too long. */
    boolean idleTooLong(long nowNs) {
        return isPast(idleUntilNs, nowNs);
    }

    private static boolean isPast(long deadline, long nowNs) {
        return deadline != NO_DEADLINE && nowNs - deadline > 0;
    }

    /** Whether it never brought a message, so that it may go when room is needed. */
    boolean unproven() {
        return !proven && state.get() == State.WAITING;
    }

    /** Nanoseconds since it was accepted. */
    long ageNs(long nowNs) {
        return nowNs - openedNs;
    }

    /** Ends the link after the reply that is being made, at once when there is none. */
    void finish() {
        if (state.getAndSet(State.CLOSED) == State.WAITING) {
            close();
        }
    }

    /** Ends the link at once. */
    void close() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("mllp link: close failed: {}", e.getClass().getSimpleName());
        }
    }
}
