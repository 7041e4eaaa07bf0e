package io.bloodnet.hl7.mllp;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditText;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records who was let in and who was not. Refusals are cheap to cause, so that one entry a second is written at most, with the number left
 * out. Safe for all threads.
 */
final class LinkAudit {

    private static final Logger LOG = LoggerFactory.getLogger(LinkAudit.class);
    private static final String CHANNEL = "mllp";
    private static final Duration REFUSAL_PAUSE = Duration.ofSeconds(1);

    private final AuditLog audit;
    private final InstantSource clock;
    private @Nullable Instant lastRefusal;
    private int leftOut;

    LinkAudit(AuditLog audit, InstantSource clock) {
        this.audit = audit;
        this.clock = clock;
    }

    /** False when the log cannot be written: to be tried again at the next message. The message itself is then refused by the inbox. */
    boolean opened(Peer peer) {
        return record(
                new AuditEvent.LinkOpened(clock.instant(), About.nothing(), Outcome.SUCCESS, CHANNEL, name(peer)));
    }

    void refused(Peer peer, String reason) {
        Instant now = clock.instant();
        String more;
        synchronized (this) {
            if (lastRefusal != null && now.isBefore(lastRefusal.plus(REFUSAL_PAUSE))) {
                leftOut++;
                return;
            }
            more = leftOut == 0 ? "" : " (and " + leftOut + " more refusals)";
            lastRefusal = now;
            leftOut = 0;
        }
        LOG.warn("mllp link refused: {}{}, next: waiting for links", AuditText.fit(reason, 200), more);
        record(new AuditEvent.LinkRefused(
                now,
                About.nothing(),
                Outcome.SERIOUS_FAILURE,
                CHANNEL,
                name(peer),
                AuditText.fit(reason + more, AuditText.SENTENCE_CHARS_MAX)));
    }

    private boolean record(AuditEvent event) {
        try {
            audit.record(event);
            return true;
        } catch (AuditUnavailableException e) {
            LOG.error("mllp link not recorded, audit log unavailable ({}), next: messages are refused", e.fault());
            return false;
        }
    }

    private static String name(Peer peer) {
        return AuditText.fit(peer.name(), AuditText.IDENTIFIER_CHARS_MAX);
    }
}
