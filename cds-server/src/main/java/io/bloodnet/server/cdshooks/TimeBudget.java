package io.bloodnet.server.cdshooks;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs work that must not keep the caller waiting. What is late is interrupted and given up; it keeps its place among the works at once
 * until it really ends, so a stalled database cannot pile up threads. Safe for all threads.
 */
final class TimeBudget implements AutoCloseable {

    /** How much of the budget may go into waiting for a place. */
    private static final int PLACE_SHARE = 4;

    private final Duration budget;
    private final Semaphore places;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();

    TimeBudget(Duration budget, int atOnceMax) {
        this.budget = budget;
        this.places = new Semaphore(atOnceMax, true);
    }

    /** What became of the work. */
    sealed interface Result<T> {

        /** It ended in time. */
        record Done<T>(T value) implements Result<T> {}

        /** It failed. */
        record Failed<T>(Throwable cause) implements Result<T> {}

        /** It did not end in time. */
        record Late<T>() implements Result<T> {}

        /** It did not begin: too much is in work. */
        record Overloaded<T>() implements Result<T> {}
    }

    /** Runs the work in another thread and returns within the budget. */
    <T> Result<T> run(Callable<T> work) {
        long end = System.nanoTime() + budget.toNanos();
        try {
            if (!places.tryAcquire(budget.toNanos() / PLACE_SHARE, TimeUnit.NANOSECONDS)) {
                return new Result.Overloaded<>();
            }
            Future<T> future = submit(work);
            try {
                return new Result.Done<>(future.get(end - System.nanoTime(), TimeUnit.NANOSECONDS));
            } catch (TimeoutException e) {
                future.cancel(true);
                return new Result.Late<>();
            } catch (ExecutionException e) {
                return new Result.Failed<>(e.getCause() == null ? e : e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Result.Late<>();
        }
    }

    private <T> Future<T> submit(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        boolean given = false;
        try {
            // around the task, not in it: a task that is given up before its thread gets to run never calls its work
            workers.execute(() -> {
                try {
                    task.run();
                } finally {
                    places.release();
                }
            });
            given = true;
            return task;
        } finally {
            if (!given) {
                places.release();
            }
        }
    }

    /** Places that are free now. */
    int free() {
        return places.availablePermits();
    }

    /** Interrupts what is in work and does not wait for it. */
    @Override
    public void close() {
        workers.shutdownNow();
    }
}
