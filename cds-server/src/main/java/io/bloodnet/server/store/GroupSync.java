package io.bloodnet.server.store;

/**
 * Lets many committers share one sync to disk: whoever comes first syncs for all who came before the sync began, the others wait. Safe
 * for all threads.
 */
final class GroupSync {

    private final Runnable sync;
    private long requested;
    private long synced;
    private boolean running;

    /** @param sync makes everything that was committed before its start durable; throws when it cannot */
    GroupSync(Runnable sync) {
        this.sync = sync;
    }

    /** Returns when everything that this thread committed before is durable. */
    void await() {
        long mine;
        synchronized (this) {
            mine = ++requested;
            while (running && synced < mine) {
                waitQuietly();
            }
            if (synced >= mine) {
                return;
            }
            running = true;
        }
        lead(mine);
    }

    private void lead(long mine) {
        long upTo;
        synchronized (this) {
            upTo = requested;
        }
        boolean done = false;
        try {
            sync.run();
            done = true;
        } finally {
            synchronized (this) {
                running = false;
                if (done) {
                    synced = Math.max(synced, upTo);
                }
                notifyAll();
            }
        }
        assert upTo >= mine : "the leader's own commit is part of its sync";
    }

    private void waitQuietly() {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while waiting for the disk", e);
        }
    }
}
