package io.bloodnet.server.cdshooks.memory;

import io.bloodnet.audit.AuditLog;
import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store over our database. One thread writes: calls that come at one time share one commit, so that a call costs less than a commit.
 * The audit events go into that same transaction. The database decides whether a token is new, so several servers may share it.
 */
public final class JdbiCardStore implements CardStore, AutoCloseable {

    /** Calls that may wait for the writer; beyond that the database is too slow for us. */
    static final int WAITING_MAX = 1024;
    /** Calls in one commit. */
    static final int BATCH_MAX = 64;
    /** Longest wait of a caller; those with a time budget give up earlier by interruption. */
    private static final Duration WAIT_MAX = Duration.ofSeconds(5);
    /** How often dead tokens are forgotten. */
    private static final Duration PRUNE_EVERY = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(JdbiCardStore.class);

    private final Database database;
    private final CallRows rows;
    private final InstantSource clock;
    private final BlockingQueue<Waiting> queue = new ArrayBlockingQueue<>(WAITING_MAX);
    private final Thread writer =
            Thread.ofPlatform().daemon().name("cds-card-store").unstarted(this::writeAll);
    private volatile boolean closed;

    /** Since when the first of those that are being written has waited, ns; 0 while none is. */
    private volatile long writingSinceNs;

    private record Waiting(Call call, CompletableFuture<Written> done, long sinceNs) {}

    /** Starts the writing thread. */
    public JdbiCardStore(Database database, AuditLog audit, InstantSource clock) {
        this.database = database;
        this.rows = new CallRows(audit);
        this.clock = clock;
        writer.start();
    }

    @Override
    public List<Acknowledgement> acknowledgements(Collection<String> jobIds) {
        return jobIds.isEmpty() ? List.of() : read(handle -> CallRows.acknowledgements(handle, jobIds));
    }

    @Override
    public Optional<ShownCard> card(String uuid) {
        return read(handle -> CallRows.card(handle, uuid));
    }

    /** How long the oldest call has waited that is not durable yet; zero when none waits. */
    public Duration oldest() {
        Waiting first = queue.peek();
        long since = writingSinceNs != 0 ? writingSinceNs : first == null ? 0 : first.sinceNs;
        return since == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
    }

    /** False when the thread that writes has ended, though nobody closed this. */
    public boolean isAlive() {
        return closed || writer.isAlive();
    }

    @Override
    public Written write(Call call) {
        Waiting waiting = new Waiting(call, new CompletableFuture<>(), System.nanoTime());
        if (closed) {
            throw new CardStoreException(CardStoreException.Fault.CLOSED, "the server is stopping");
        }
        if (!queue.offer(waiting)) {
            throw new CardStoreException(
                    CardStoreException.Fault.OVERLOADED, "more than " + WAITING_MAX + " calls wait to be written");
        }
        try {
            return waiting.done.get(WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            waiting.done.cancel(false); // what waits still is not written any more
            Thread.currentThread().interrupt();
            throw new CardStoreException(CardStoreException.Fault.TIMEOUT, "the caller's time is over", e);
        } catch (TimeoutException e) {
            waiting.done.cancel(false);
            throw new CardStoreException(CardStoreException.Fault.TIMEOUT, "not written within " + WAIT_MAX, e);
        } catch (ExecutionException e) {
            throw CallRows.translated(e.getCause());
        }
    }

    private <T> T read(Function<Handle, T> query) {
        try {
            return database.read(query);
        } catch (RuntimeException e) {
            throw CallRows.translated(e);
        }
    }

    /** The writing thread's work: take what waits, commit it together, tell those who wait. */
    private void writeAll() {
        long pruneAfterNanos = System.nanoTime();
        List<Waiting> batch = new ArrayList<>(BATCH_MAX);
        while (!closed) {
            try {
                Waiting first = queue.poll(1, TimeUnit.SECONDS);
                if (System.nanoTime() - pruneAfterNanos >= 0) {
                    pruneAfterNanos = System.nanoTime() + PRUNE_EVERY.toNanos();
                    prune();
                }
                if (first == null) {
                    continue;
                }
                batch.add(first);
                writingSinceNs = first.sinceNs;
                queue.drainTo(batch, BATCH_MAX - 1);
                batch.removeIf(waiting -> waiting.done.isDone());
                write(batch);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            } catch (Error e) {
                LOG.error("the card store's thread met an error, next: goes on", e);
                batch.forEach(waiting -> waiting.done.completeExceptionally(e));
            } finally {
                batch.clear();
                writingSinceNs = 0;
            }
        }
        CardStoreException stopping = new CardStoreException(CardStoreException.Fault.CLOSED, "the server is stopping");
        queue.forEach(waiting -> waiting.done.completeExceptionally(stopping));
    }

    private void write(List<Waiting> batch) {
        if (batch.isEmpty()) {
            return;
        }
        try {
            List<Call> calls = batch.stream().map(Waiting::call).toList();
            // a token that another server writes at the same time fails the commit, and is seen when that is done again
            List<Written> written = database.inTransaction(handle -> rows.write(handle, calls, clock.instant()));
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).done.complete(written.get(i));
            }
        } catch (RuntimeException e) {
            if (batch.size() == 1) {
                batch.getFirst().done.completeExceptionally(e);
            } else {
                LOG.debug(
                        "calls not written together ({}), each is written alone",
                        e.getClass().getSimpleName());
                batch.forEach(one -> write(List.of(one))); // one bad call must not fail its neighbours
            }
        }
    }

    private void prune() {
        try {
            database.inTransaction(
                    handle -> CallRows.plain(handle, connection -> UsedTokens.forgetDead(connection, clock.instant())));
        } catch (RuntimeException e) {
            LOG.warn(
                    "dead tokens not forgotten ({}), tried again in {}",
                    e.getClass().getSimpleName(),
                    PRUNE_EVERY);
        }
    }

    /** Ends the writing thread; who waits gets {@link CardStoreException.Fault#CLOSED}. */
    @Override
    public void close() {
        closed = true;
        writer.interrupt();
        try {
            writer.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
