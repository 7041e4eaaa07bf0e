package io.bloodnet.audit.testing;

import io.bloodnet.audit.testing.FaultProxy.Weather;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Each way in which a peer behind a {@link FaultProxy} does not answer, for tables of peers by troubles in tests. */
public enum PeerTrouble {
    /** The process stands still; connections are accepted. */
    FROZEN,
    /** The cable is cut; connections are accepted. */
    SWALLOWED,
    /** The answer comes, ten bytes a second. */
    DRIPPING,
    /** Nobody listens, and what was open is gone. */
    REFUSED,
    /** Connections are reset. */
    RESET,
    /** The connection ends in order before the answer. */
    CUT_BEFORE,
    /** The connection ends in order a few bytes before the answer does. */
    CUT_INSIDE,
    /** The peer takes the question and closes its side. */
    HALF_CLOSED;

    private static final int DRIP = 10;
    private static final int CUT_OFF_BYTES = 10;
    private static final Duration GRACE = Duration.ofMillis(1_500);
    /** Kept connections that died in the trouble may be found out one by one; and a machine may be busy. */
    private static final int TRIES = 6;

    /** A client of ours, connected to the peer as we do it. */
    public interface Client extends AutoCloseable {
        /** Asks once; false, or any exception, when the peer did not answer as it should. */
        boolean ask() throws Exception;

        @Override
        default void close() {}
    }

    /**
     * A peer.
     *
     * @param port where it really listens, on loopback
     * @param limit within which our client must give up
     * @param dial makes our client; given the port to connect to
     */
    public record Peer(String name, int port, Duration limit, IntFunction<Client> dial) {}

    private Weather weather(long answerBytes) {
        return switch (this) {
            case FROZEN -> new Weather.Frozen();
            case SWALLOWED -> new Weather.Blackhole();
            case DRIPPING -> new Weather.Drip(DRIP);
            case REFUSED -> new Weather.Refused();
            case RESET -> new Weather.Reset();
            case CUT_BEFORE -> new Weather.Cut(0);
            case CUT_INSIDE -> new Weather.Cut(Math.max(1, answerBytes - CUT_OFF_BYTES));
            case HALF_CLOSED -> new Weather.HalfClosed();
        };
    }

    /**
     * Asks each peer in fair weather, in each trouble and after it, all troubles at the same time: in trouble the client gives up within its
     * limit, afterwards it goes on by itself. Returns what is not so.
     */
    public static List<String> table(Collection<Peer> peers) throws InterruptedException {
        List<String> wrong = new ArrayList<>();
        for (Peer peer : peers) {
            wrong.addAll(row(peer));
        }
        return wrong;
    }

    private static List<String> row(Peer peer) throws InterruptedException {
        List<Future<String>> cells = new ArrayList<>();
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            for (PeerTrouble trouble : values()) {
                cells.add(each.submit(() -> cell(peer, trouble)));
            }
        }
        List<String> wrong = new ArrayList<>();
        for (Future<String> cell : cells) {
            try {
                wrong.add(cell.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException("a cell of the table broke", e);
            }
        }
        wrong.removeIf(String::isEmpty);
        return wrong;
    }

    private static String cell(Peer peer, PeerTrouble trouble) {
        String name = peer.name() + " " + trouble + ": ";
        try (FaultProxy proxy = new FaultProxy(peer.port());
                Client client = peer.dial().apply(proxy.port())) {
            if (!answersAtLast(client)) {
                return name + "does not answer in fair weather";
            }
            long before = proxy.bytesToClient();
            answers(client); // without what is said once for a connection
            proxy.set(trouble.weather(proxy.bytesToClient() - before));
            if (trouble == REFUSED) {
                proxy.resetOpen();
            }
            long began = System.nanoTime();
            boolean answered = answers(client);
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            if (answered) {
                return name + "answers";
            }
            if (took.compareTo(peer.limit().plus(GRACE)) > 0) {
                return name + "the client gives up after " + took + ", its limit is " + peer.limit();
            }
            proxy.set(new Weather.Fair());
            proxy.resetOpen();
            return answersAtLast(client) ? "" : name + "does not answer after the trouble";
        }
    }

    private static boolean answersAtLast(Client client) {
        for (int tries = 0; tries < TRIES; tries++) {
            if (answers(client)) {
                return true;
            }
        }
        return false;
    }

    private static boolean answers(Client client) {
        try {
            return client.ask();
        } catch (Exception e) {
            return false;
        }
    }
}
