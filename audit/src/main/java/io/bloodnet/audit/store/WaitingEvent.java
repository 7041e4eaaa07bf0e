package io.bloodnet.audit.store;

import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/** An event on its way from the thread that records it to the one that writes it. Either side ends it once. */
final class WaitingEvent {

    private final Unplaced unplaced;
    private final CompletableFuture<Void> durable = new CompletableFuture<>();
    private final AtomicBoolean taken = new AtomicBoolean();
    private final long sinceNanos = System.nanoTime();

    WaitingEvent(Unplaced unplaced) {
        this.unplaced = unplaced;
    }

    Unplaced unplaced() {
        return unplaced;
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - sinceNanos);
    }

    /** False when the caller has given up: then the event must not be written. */
    boolean take() {
        return taken.compareAndSet(false, true);
    }

    void done() {
        durable.complete(null);
    }

    void failed(AuditUnavailableException cause) {
        durable.completeExceptionally(cause);
    }

    /** @throws AuditUnavailableException when it was not written, or nobody knows whether it was */
    void await(Duration timeout) {
        try {
            durable.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            AuditFault fault =
                    e.getCause() instanceof AuditUnavailableException known ? known.fault() : AuditFault.DATABASE;
            throw new AuditUnavailableException(fault, "the event was not recorded", e.getCause());
        } catch (TimeoutException e) {
            taken.compareAndSet(false, true);
            throw new AuditUnavailableException(AuditFault.TIMEOUT, "the event was not durable in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AuditUnavailableException(AuditFault.CLOSED, "interrupted before the event was durable", e);
        }
    }
}
