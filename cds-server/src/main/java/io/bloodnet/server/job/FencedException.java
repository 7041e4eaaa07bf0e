package io.bloodnet.server.job;

/** The job was changed by somebody else since this run began: this run's write must not happen, and its work is dropped. */
public final class FencedException extends RuntimeException {
    public FencedException(String jobId) {
        super("job " + jobId + " was changed since this run began; its write is dropped");
    }
}
