package io.bloodnet.imaging.finding;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Somewhere a finding is told: EHR, HL7 receiver. Owned by the pipeline; implemented by the edges. Safe for many threads; a call blocks
 * its own (virtual) thread for a bounded time.
 */
public interface Destination {

    /** Short name used in states, metrics and the audit log ({@code ehr}, {@code hl7}). */
    String name();

    /**
     * Tells the finding. MUST be idempotent by {@link FindingReport#key()} and {@link FindingReport#kind()}: the pipeline repeats it
     * after crashes, timeouts and lost answers. Never throws for what the other side does; exceptions are bugs.
     */
    Outcome deliver(FindingReport report);

    /** What became of one attempt. Codes are short, of a closed set per destination, and hold no patient data. */
    sealed interface Outcome {
        /** It is there. {@code receipt}: the receiver's name for it (resource id, acknowledged control id). */
        record Delivered(String receipt) implements Outcome {}

        /** Try again: refused for now, broken, or unknown. {@code after}: what the receiver asked for (Retry-After), else null. */
        record Retry(String code, @Nullable Duration after) implements Outcome {

            /** Codes, in small letters, of tries that nobody answered, or that were answered with "not now". */
            private static final Set<String> AWAY = Set.of(
                    "unreachable",
                    "timeout",
                    "busy",
                    "connect",
                    "tls",
                    "link_broken",
                    "ack_timeout",
                    "http-429",
                    "http-502",
                    "http-503",
                    "http-504");

            /** Whether the whole peer seems to be away, so that others need not try now; else it may be about this one report. */
            public boolean peerIsAway() {
                return AWAY.contains(code.toLowerCase(Locale.ROOT));
            }
        }

        /** The receiver will never take it: a person must look. */
        record Refused(String code) implements Outcome {}

        /** Patient or order there contradict ours: nothing was filed; the job goes on hold. */
        record Mismatch(String code) implements Outcome {}
    }
}
