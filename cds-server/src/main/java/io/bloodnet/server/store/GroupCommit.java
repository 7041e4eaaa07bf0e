package io.bloodnet.server.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Lets callers that come at the same time share one transaction, and so one sync to disk. Whoever finds nobody at work leads: it takes all
 * who wait, does their work in one transaction, commits, and only then lets them go; the next leader is one of those who came meanwhile.
 * When the work of a group fails, nothing of it was done and each of its items is done again alone: so one item's failure harms no other.
 * Safe for all threads.
 *
 * @param <I> what is to be done
 * @param <R> what came of it
 */
public final class GroupCommit<I, R> {

    /** Items in one transaction: beyond it a commit costs each of them little, and a lock held for long costs others much. */
    static final int GROUP_MAX = 64;
    /** Callers that may wait; more are refused. */
    static final int WAITING_MAX = 4_096;
    /** A caller whose turn does not come waits no longer, ns. */
    private static final long WAIT_MAX_NS = TimeUnit.SECONDS.toNanos(30);
    /** Part of the last commit's length that a leader waits for those who came along last time. */
    private static final int PATIENCE_DIVISOR = 8;
    /** ... and never longer, ns. */
    private static final long PATIENCE_MAX_NS = TimeUnit.MILLISECONDS.toNanos(5);

    /** What is done with a group. */
    public interface Work<I, R> {
        /**
         * Does all items in the handle's transaction, with no effect outside it: it may be rolled back and done again.
         *
         * @return one result for each item, in their order
         */
        List<R> apply(Handle handle, List<I> items);
    }

    private enum Turn {
        WAITING,
        TAKEN,
        LEADS,
        ALONE,
        DONE
    }

    private final class Caller {
        final I item;
        final Condition changed = lock.newCondition();
        final long sinceNs = System.nanoTime();
        Turn turn = Turn.WAITING;

        @Nullable
        R result;

        @Nullable
        Throwable failure;

        Caller(I item) {
            this.item = item;
        }
    }

    private final Database database;
    private final Work<I, R> work;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition came = lock.newCondition();
    private final Deque<Caller> waiting = new ArrayDeque<>();
    /** Those whose transaction runs now. */
    private List<Caller> atWork = List.of();

    private boolean led;
    /** How many came along last time, and how long their commit took: what the next leader waits for. */
    private int expected;

    private long lastNs;

    /** @param work what to do with a group; see {@link Work} */
    public GroupCommit(Database database, Work<I, R> work) {
        this.database = database;
        this.work = work;
    }

    /**
     * Does the item and returns when it is durable.
     *
     * @throws StoreException when too many wait, or the turn does not come in time: then nothing was done
     * @throws RuntimeException what the work throws for this item; nothing was done then. When the commit itself fails, nobody knows
     *     whether it was done
     */
    public R run(I item) {
        Caller mine = new Caller(item);
        if (await(mine) == Turn.LEADS) {
            lead();
        }
        return switch (mine.turn) {
            case ALONE -> alone(item);
            case DONE -> outcome(mine);
            case WAITING, TAKEN, LEADS -> throw new IllegalStateException("a group ended without one of its items");
        };
    }

    /** How long the item has waited that came first of those which are not durable yet; zero when there is none. */
    public Duration oldest() {
        lock.lock();
        try {
            Caller first = atWork.isEmpty() ? waiting.peekFirst() : atWork.getFirst();
            return first == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - first.sinceNs);
        } finally {
            lock.unlock();
        }
    }

    /** Does the item in a transaction of its own. */
    public R alone(I item) {
        return database.inTransaction(
                handle -> work.apply(handle, List.of(item)).getFirst());
    }

    private R outcome(Caller mine) {
        if (mine.failure != null) {
            throw new StoreException("the commit of a group failed", mine.failure);
        }
        R result = mine.result;
        if (result == null) {
            throw new IllegalStateException("the work gave no result for an item");
        }
        return result;
    }

    private Turn await(Caller mine) {
        lock.lock();
        boolean interrupted = false;
        try {
            enter(mine);
            for (long left = WAIT_MAX_NS; mine.turn == Turn.WAITING; ) {
                if (interrupted || left <= 0) {
                    waiting.remove(mine);
                    throw new StoreException("no turn at the database" + (interrupted ? ": interrupted" : " in time"));
                }
                try {
                    left = mine.changed.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            while (mine.turn == Turn.TAKEN) {
                mine.changed.awaitUninterruptibly(); // it is being done: how that ends must be told
            }
            return mine.turn;
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void enter(Caller mine) {
        if (waiting.size() >= WAITING_MAX) {
            throw new StoreException(WAITING_MAX + " callers wait for the database already");
        }
        waiting.addLast(mine);
        if (led) {
            came.signal();
        } else {
            led = true;
            mine.turn = Turn.LEADS;
        }
    }

    private void lead() {
        List<Caller> group = takeGroup();
        long begin = System.nanoTime();
        Turn turn = Turn.DONE;
        long tookNs = 0;
        try {
            Optional<List<R>> results = together(group);
            if (results.isPresent()) {
                for (int i = 0; i < group.size(); i++) {
                    group.get(i).result = results.get().get(i);
                }
                tookNs = System.nanoTime() - begin;
            } else {
                turn = Turn.ALONE;
            }
        } catch (RuntimeException | Error e) {
            group.forEach(caller -> caller.failure = e);
        } finally {
            end(group, turn, tookNs);
        }
    }

    /** Those who wait now, and those who are about to come when the last group is a guide. */
    private List<Caller> takeGroup() {
        lock.lock();
        try {
            long left = Math.min(lastNs / PATIENCE_DIVISOR, PATIENCE_MAX_NS);
            while (waiting.size() < Math.min(expected, GROUP_MAX) && left > 0) {
                left = came.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // those who are here are enough
        } finally {
            lock.unlock();
        }
        return take();
    }

    private List<Caller> take() {
        lock.lock();
        try {
            List<Caller> group = new ArrayList<>(Math.min(waiting.size(), GROUP_MAX));
            while (group.size() < GROUP_MAX && !waiting.isEmpty()) {
                Caller next = waiting.removeFirst();
                next.turn = Turn.TAKEN;
                group.add(next);
            }
            atWork = group;
            return group;
        } finally {
            lock.unlock();
        }
    }

    /** The results after the commit; empty when the work failed and nothing was done. */
    private Optional<List<R>> together(List<Caller> group) {
        List<I> items = group.stream().map(caller -> caller.item).toList();
        return database.tryInTransaction(handle -> {
            List<R> results = work.apply(handle, items);
            if (results.size() != items.size()) {
                throw new IllegalStateException(results.size() + " results for " + items.size() + " items");
            }
            return results;
        });
    }

    private void end(List<Caller> group, Turn turn, long tookNs) {
        lock.lock();
        try {
            for (Caller caller : group) {
                caller.turn = turn;
                caller.changed.signal();
            }
            atWork = List.of();
            expected = group.size() + waiting.size();
            lastNs = tookNs;
            Caller next = waiting.peekFirst();
            led = next != null;
            if (next != null) {
                next.turn = Turn.LEADS;
                next.changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }
}
