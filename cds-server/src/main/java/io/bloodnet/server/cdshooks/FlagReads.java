package io.bloodnet.server.cdshooks;

import java.time.Instant;

/** What people's final reports said of studies that we flagged. Implemented over our own database. */
public interface FlagReads {

    /** The final reports of that time and later, on studies whose finding is positive. */
    Reads since(Instant begin);

    /**
     * Reports by what they say; those of which we cannot tell are left out.
     *
     * @param confirmed reports that say hemorrhage
     * @param denied reports that say there is none
     */
    record Reads(long confirmed, long denied) {

        long total() {
            return confirmed + denied;
        }

        /** Positive predictive value, 0..1; 0 without reports. */
        double ppv() {
            return total() == 0 ? 0 : (double) confirmed / total();
        }
    }
}
