package io.bloodnet.audit;

import static io.bloodnet.audit.AuditText.*;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened: when, about whom and what, with what outcome. One record for each step of an order's way and for each thing
 * that people and peers do. The record's simple name is its {@link #type()} in the log, and the components are the fields of its line:
 * renaming either makes old logs unreadable.
 *
 * <p>Events hold identifiers, digests and counts: never names, message bodies or query values that identify a patient. Text is limited by
 * {@link AuditText} and refused beyond that; use {@link AuditText#fit} for text that peers sent. Digests are SHA-256 in lower-case hex.
 */
public sealed interface AuditEvent {

    /** When it happened; the log keeps microseconds. */
    Instant at();

    About about();

    Outcome outcome();

    /** The name of this kind of event in the log and in searches, such as {@code StudyFetched}. */
    default String type() {
        return getClass().getSimpleName();
    }

    /** The server is ready, with this model. {@code modelSha256} is the digest of the weights, {@code threshold} the operating point in use. */
    record ServerStarted(
            Instant at,
            About about,
            Outcome outcome,
            String version,
            String modelId,
            String modelVersion,
            String modelSha256,
            double threshold)
            implements AuditEvent {
        public ServerStarted {
            at = common(at, about, outcome);
            identifier("version", version);
            identifier("modelId", modelId);
            identifier("modelVersion", modelVersion);
            digest("modelSha256", modelSha256);
            probability("threshold", threshold);
        }
    }

    /** The server stops in order; {@code reason} such as {@code SIGTERM}. */
    record ServerStopped(Instant at, About about, Outcome outcome, String version, String reason)
            implements AuditEvent {
        public ServerStopped {
            at = common(at, about, outcome);
            identifier("version", version);
            sentence("reason", reason);
        }
    }

    /** The server runs with another configuration than before; {@code summary} names the keys, never secrets. */
    record ConfigurationChanged(Instant at, About about, Outcome outcome, String configSha256, String summary)
            implements AuditEvent {
        public ConfigurationChanged {
            at = common(at, about, outcome);
            digest("configSha256", configSha256);
            sentence("summary", summary);
        }
    }

    /** From the checkpoint over this entry on, another key signs. Key ids are those of the signature lines; the key is base64 of 32 bytes. */
    record KeyRotated(Instant at, About about, Outcome outcome, String oldKeyId, String newKeyId, String newPublicKey)
            implements AuditEvent {
        public KeyRotated {
            at = common(at, about, outcome);
            identifier("oldKeyId", oldKeyId);
            identifier("newKeyId", newKeyId);
            identifier("newPublicKey", newPublicKey);
        }
    }

    /** A peer connected; {@code channel} such as {@code mllp}, {@code peer} its address or certificate's name. */
    record LinkOpened(Instant at, About about, Outcome outcome, String channel, String peer) implements AuditEvent {
        public LinkOpened {
            at = common(at, about, outcome);
            identifier("channel", channel);
            identifier("peer", peer);
        }
    }

    /** A peer was not let in. */
    record LinkRefused(Instant at, About about, Outcome outcome, String channel, String peer, String reason)
            implements AuditEvent {
        public LinkRefused {
            at = common(at, about, outcome);
            identifier("channel", channel);
            identifier("peer", peer);
            sentence("reason", reason);
        }
    }

    /** An order or a notification came in; {@code sha256} is the digest of its raw bytes, {@code messageId} is absent where it had none. */
    record MessageReceived(
            Instant at,
            About about,
            Outcome outcome,
            String channel,
            String sender,
            @Nullable String messageId,
            String sha256,
            Disposition disposition,
            @Nullable String reason)
            implements AuditEvent {
        public MessageReceived {
            at = common(at, about, outcome);
            identifier("channel", channel);
            identifier("sender", sender);
            identifierOrAbsent("messageId", messageId);
            digest("sha256", sha256);
            Objects.requireNonNull(disposition, "disposition");
            sentenceOrAbsent("reason", reason);
        }
    }

    /** A job went from one JobState to another; {@code from} is absent at its creation. */
    record JobStateChanged(
            Instant at,
            About about,
            Outcome outcome,
            @Nullable String from,
            String to,
            @Nullable String reason) implements AuditEvent {
        public JobStateChanged {
            at = common(at, about, outcome);
            identifierOrAbsent("from", from);
            identifier("to", to);
            sentenceOrAbsent("reason", reason);
        }
    }

    /** A PACS was asked what it has; {@code query} describes the question without values that identify a patient. */
    record StudyQueried(
            Instant at,
            About about,
            Outcome outcome,
            String system,
            String query,
            int hits,
            @Nullable String reason) implements AuditEvent {
        public StudyQueried {
            at = common(at, about, outcome);
            identifier("system", system);
            sentence("query", query);
            range("hits", hits, 0, Integer.MAX_VALUE);
            sentenceOrAbsent("reason", reason);
        }
    }

    /** Images were fetched, or were tried to be; {@code inputDigest} is over what was fetched, absent on failure. */
    record StudyFetched(
            Instant at,
            About about,
            Outcome outcome,
            String system,
            int instances,
            long bytes,
            @Nullable String inputDigest,
            @Nullable String reason)
            implements AuditEvent {
        public StudyFetched {
            at = common(at, about, outcome);
            identifier("system", system);
            range("instances", instances, 0, Integer.MAX_VALUE);
            range("bytes", bytes, 0, Long.MAX_VALUE);
            digestOrAbsent("inputDigest", inputDigest);
            sentenceOrAbsent("reason", reason);
        }
    }

    /** The model ran, or could not; {@code result} is positive, negative or not_analyzed; the output's digest is absent when it did not run. */
    record StudyAnalyzed(
            Instant at,
            About about,
            Outcome outcome,
            String modelId,
            String modelVersion,
            String modelSha256,
            @Nullable String inputDigest,
            @Nullable String outputDigest,
            double threshold,
            String executionProvider,
            long durationMs,
            String result,
            @Nullable String reason)
            implements AuditEvent {
        public StudyAnalyzed {
            at = common(at, about, outcome);
            identifier("modelId", modelId);
            identifier("modelVersion", modelVersion);
            digest("modelSha256", modelSha256);
            digestOrAbsent("inputDigest", inputDigest);
            digestOrAbsent("outputDigest", outputDigest);
            probability("threshold", threshold);
            identifier("executionProvider", executionProvider);
            range("durationMs", durationMs, 0, Long.MAX_VALUE);
            identifier("result", result);
            sentenceOrAbsent("reason", reason);
        }
    }

    /** A result is about to be sent. Committed before the first byte leaves; {@code attempt} counts from 1. */
    record DeliveryIntended(
            Instant at,
            About about,
            Outcome outcome,
            String destination,
            String idempotencyKey,
            int attempt,
            String payloadSha256)
            implements AuditEvent {
        public DeliveryIntended {
            at = common(at, about, outcome);
            identifier("destination", destination);
            identifier("idempotencyKey", idempotencyKey);
            range("attempt", attempt, 1, Integer.MAX_VALUE);
            digest("payloadSha256", payloadSha256);
        }
    }

    /** What the destination answered; {@code resultCode} such as {@code HTTP 200}, {@code AA}, {@code timeout}. */
    record DeliveryEnded(
            Instant at,
            About about,
            Outcome outcome,
            String destination,
            String idempotencyKey,
            int attempt,
            String payloadSha256,
            String resultCode,
            @Nullable String reason)
            implements AuditEvent {
        public DeliveryEnded {
            at = common(at, about, outcome);
            identifier("destination", destination);
            identifier("idempotencyKey", idempotencyKey);
            range("attempt", attempt, 1, Integer.MAX_VALUE);
            digest("payloadSha256", payloadSha256);
            identifier("resultCode", resultCode);
            sentenceOrAbsent("reason", reason);
        }
    }

    /** The EHR was read; {@code what} names resource types and the purpose, without values that identify a patient. */
    record EhrRead(
            Instant at,
            About about,
            Outcome outcome,
            String system,
            String what,
            @Nullable String reason) implements AuditEvent {
        public EhrRead {
            at = common(at, about, outcome);
            identifier("system", system);
            sentence("what", what);
            sentenceOrAbsent("reason", reason);
        }
    }

    /** One card as it was shown; {@code indicator} is info, warning or critical. */
    record CardShown(String uuid, String indicator) {
        public CardShown {
            identifier("uuid", uuid);
            identifier("indicator", indicator);
        }
    }

    /** Cards were answered to a CDS Hooks call; the list may be empty. */
    record CardsShown(
            Instant at,
            About about,
            Outcome outcome,
            String caller,
            String hook,
            String hookInstance,
            List<CardShown> cards,
            long latencyMs)
            implements AuditEvent {
        /** More cards than this in one answer are refused. */
        public static final int CARDS_MAX = 50;

        public CardsShown {
            at = common(at, about, outcome);
            identifier("caller", caller);
            identifier("hook", hook);
            identifier("hookInstance", hookInstance);
            cards = List.copyOf(cards);
            range("cards", cards.size(), 0, CARDS_MAX);
            range("latencyMs", latencyMs, 0, Long.MAX_VALUE);
        }
    }

    /** What a person did with a card; {@code feedback} is accepted or overridden, {@code reasonCode} the override's code. */
    record CardFeedback(
            Instant at,
            About about,
            Outcome outcome,
            String caller,
            String cardUuid,
            String feedback,
            @Nullable String reasonCode)
            implements AuditEvent {
        public CardFeedback {
            at = common(at, about, outcome);
            identifier("caller", caller);
            identifier("cardUuid", cardUuid);
            identifier("feedback", feedback);
            identifierOrAbsent("reasonCode", reasonCode);
        }
    }

    /** A call was refused for who made it: no token, a bad one, a used one, not allowed. */
    record AccessRefused(Instant at, About about, Outcome outcome, String channel, String reason)
            implements AuditEvent {
        public AccessRefused {
            at = common(at, about, outcome);
            identifier("channel", channel);
            sentence("reason", reason);
        }
    }

    /** We asked for an access token; {@code reason} when it was refused. */
    record TokenObtained(
            Instant at,
            About about,
            Outcome outcome,
            String system,
            String scope,
            @Nullable String reason) implements AuditEvent {
        public TokenObtained {
            at = common(at, about, outcome);
            identifier("system", system);
            sentence("scope", scope);
            sentenceOrAbsent("reason", reason);
        }
    }

    /** A person's report on the same study was found; {@code agreement} says whether it agrees with ours, absent when unknown. */
    record HumanReportLinked(
            Instant at,
            About about,
            Outcome outcome,
            String system,
            String report,
            @Nullable String agreement) implements AuditEvent {
        public HumanReportLinked {
            at = common(at, about, outcome);
            identifier("system", system);
            identifier("report", report);
            identifierOrAbsent("agreement", agreement);
        }
    }

    /**
     * A person signed in, or was refused. {@code about} names the person where the provider did.
     *
     * @param provider who vouches for the person
     * @param client the address from which they came
     * @param roles what they may be here, comma-separated; absent when refused
     * @param reason why they were refused; absent when they were not
     */
    record SignedIn(
            Instant at,
            About about,
            Outcome outcome,
            String provider,
            String client,
            @Nullable String roles,
            @Nullable String reason)
            implements AuditEvent {
        public SignedIn {
            at = common(at, about, outcome);
            identifier("provider", provider);
            identifier("client", client);
            identifierOrAbsent("roles", roles);
            sentenceOrAbsent("reason", reason);
        }
    }

    /** A person's session ended; {@code how} such as {@code by the person}. */
    record SignedOut(Instant at, About about, Outcome outcome, String client, String how) implements AuditEvent {
        public SignedOut {
            at = common(at, about, outcome);
            identifier("client", client);
            sentence("how", how);
        }
    }

    /** A person opened a page, or was refused it; {@code page} is its pattern, such as {@code /studies/{job}}. */
    record PageViewed(
            Instant at,
            About about,
            Outcome outcome,
            String page,
            String client,
            @Nullable String reason) implements AuditEvent {
        public PageViewed {
            at = common(at, about, outcome);
            identifier("page", page);
            identifier("client", client);
            sentenceOrAbsent("reason", reason);
        }
    }

    /**
     * A person did something on a page, or was refused it.
     *
     * @param act what, such as {@code seen} or {@code POST /api/jobs/{id}/retry}
     * @param detail what they chose, without patient data; absent when there was nothing to choose
     */
    record PersonActed(
            Instant at,
            About about,
            Outcome outcome,
            String act,
            String client,
            @Nullable String detail,
            @Nullable String reason)
            implements AuditEvent {
        public PersonActed {
            at = common(at, about, outcome);
            identifier("act", act);
            identifier("client", client);
            sentenceOrAbsent("detail", detail);
            sentenceOrAbsent("reason", reason);
        }
    }

    /** Somebody looked at the worklist, with this many items on it. */
    record WorklistViewed(Instant at, About about, Outcome outcome, String channel, int items) implements AuditEvent {
        public WorklistViewed {
            at = common(at, about, outcome);
            identifier("channel", channel);
            range("items", items, 0, Integer.MAX_VALUE);
        }
    }

    /** Somebody read, exported or verified the log itself; {@code what} describes it. */
    record AuditRead(Instant at, About about, Outcome outcome, String what, String by) implements AuditEvent {
        public AuditRead {
            at = common(at, about, outcome);
            sentence("what", what);
            identifier("by", by);
        }
    }

    /** Entries {@code first} to {@code last} were moved to an archive file with this digest; proofs for them come from there. */
    record PartClosed(Instant at, About about, Outcome outcome, long first, long last, String archiveSha256)
            implements AuditEvent {
        public PartClosed {
            at = common(at, about, outcome);
            range("first", first, 0, last);
            digest("archiveSha256", archiveSha256);
        }
    }

    /**
     * Somebody decided to go on with an older state of the database, or another one of the same log: {@code anchor} remembered
     * {@code rememberedSize} entries with this root, the log had {@code size} entries. What was in the others is lost, but that they were is not.
     */
    record RestoreAccepted(
            Instant at,
            About about,
            Outcome outcome,
            String anchor,
            long rememberedSize,
            String rememberedRoot,
            long size)
            implements AuditEvent {
        public RestoreAccepted {
            at = common(at, about, outcome);
            identifier("anchor", anchor);
            range("rememberedSize", rememberedSize, 0, Long.MAX_VALUE);
            digest("rememberedRoot", rememberedRoot);
            range("size", size, 0, Long.MAX_VALUE);
        }
    }

    /** What the site's retention no longer allows was erased; {@code what} such as {@code order}, {@code rule} such as {@code older than 90 days}. */
    record DataErased(Instant at, About about, Outcome outcome, String what, long rows, String rule)
            implements AuditEvent {
        public DataErased {
            at = common(at, about, outcome);
            identifier("what", what);
            range("rows", rows, 1, Long.MAX_VALUE);
            sentence("rule", rule);
        }
    }

    private static Instant common(Instant at, About about, Outcome outcome) {
        Objects.requireNonNull(about, "about");
        Objects.requireNonNull(outcome, "outcome");
        return Objects.requireNonNull(at, "at").truncatedTo(ChronoUnit.MICROS);
    }
}
