package io.bloodnet.server.cdshooks;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Lets calls that come at the same time share one query for their acknowledgements: on PostgreSQL the trip is what a call's read costs.
 * A query starts at once when none is on its way; who comes meanwhile goes with the next one, so every caller sees what was committed
 * before it asked. A query that fails, is slow, or finds more than one caller may get, is left, and each reads alone. Safe for all threads.
 */
final class SharedReads {

    /** Jobs in one query; beyond it callers read alone. */
    static final int JOBS_MAX = 1024;
    /** The usual wait for a shared query: a hung connection must not hold up everybody. */
    static final Duration WAIT_MAX = Duration.ofMillis(100);

    private final Function<Collection<String>, List<Acknowledgement>> query;
    private final Duration waitMax;
    private Batch next = new Batch();
    private boolean reading;

    private static final class Batch {
        final Set<String> jobIds = new HashSet<>();
        final CompletableFuture<List<Acknowledgement>> found = new CompletableFuture<>();
    }

    /**
     * @param query oldest first and at most {@link CardStore#ACKNOWLEDGEMENTS_MAX}; runs in a thread that nobody interrupts, or a caller's
     * @param waitMax how long a caller waits for a shared query before it reads alone
     */
    SharedReads(Function<Collection<String>, List<Acknowledgement>> query, Duration waitMax) {
        this.query = query;
        this.waitMax = waitMax;
    }

    /**
     * What {@code query} finds for these jobs.
     *
     * @throws CardStoreException when the caller is interrupted
     */
    List<Acknowledgement> of(Collection<String> jobIds) {
        CompletableFuture<List<Acknowledgement>> shared = join(jobIds);
        try {
            List<Acknowledgement> found = shared.get(waitMax.toMillis(), TimeUnit.MILLISECONDS);
            if (found.size() < CardStore.ACKNOWLEDGEMENTS_MAX) {
                return found.stream()
                        .filter(one -> jobIds.contains(one.topic().jobId()))
                        .toList();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CardStoreException(CardStoreException.Fault.TIMEOUT, "the caller's time is over", e);
        } catch (ExecutionException | TimeoutException e) {
            return query.apply(jobIds); // which says what is wrong, where something is
        }
        return query.apply(
                jobIds); // as many rows as there may be: another caller's may have taken the place of this one's
    }

    private synchronized CompletableFuture<List<Acknowledgement>> join(Collection<String> jobIds) {
        if (next.jobIds.size() + jobIds.size() > JOBS_MAX) {
            return CompletableFuture.failedFuture(new IllegalStateException("too many jobs for one query"));
        }
        next.jobIds.addAll(jobIds);
        if (!reading) {
            Thread.ofVirtual().name("cds-acknowledgements").start(this::readAll);
            reading = true;
        }
        return next.found;
    }

    /** Until nobody waits any more. */
    private void readAll() {
        for (Batch batch = take(); !batch.jobIds.isEmpty(); batch = take()) {
            try {
                batch.found.complete(query.apply(batch.jobIds));
            } catch (RuntimeException | Error e) {
                batch.found.completeExceptionally(e);
            }
        }
    }

    private synchronized Batch take() {
        Batch batch = next;
        next = new Batch();
        reading = !batch.jobIds.isEmpty();
        return batch;
    }
}
