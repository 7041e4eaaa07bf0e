package io.bloodnet.hl7.orderin;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.Delimiters;
import io.bloodnet.hl7.er7.Er7Message;
import io.bloodnet.hl7.er7.Er7Segment;
import io.bloodnet.hl7.er7.MessageRefusedException;
import io.bloodnet.hl7.er7.Refusal;
import io.bloodnet.hl7.er7.SegmentText;
import io.bloodnet.hl7.message.Batch;
import io.bloodnet.hl7.message.Envelope;
import io.bloodnet.hl7.message.Header;
import io.bloodnet.hl7.message.SequenceNumbers;
import io.bloodnet.hl7.mllp.Conversations;
import io.bloodnet.hl7.mllp.FrameFault;
import io.bloodnet.hl7.mllp.Peer;
import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderInbox;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.Origin;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers messages: reads what they say, hands it to the inbox, and acknowledges only what the inbox has made durable. One conversation per
 * link; each runs in its link's thread.
 */
public final class OrderReceiver implements Conversations {

    private static final Logger LOG = LoggerFactory.getLogger(OrderReceiver.class);
    private static final String UNKNOWN = "unknown";

    private final Hl7Config.Site site;
    private final OrderInbox inbox;
    private final InstantSource clock;
    private final Interpreter interpreter;
    private final ReplyWriter replies;
    private final RefusalCounts refusals = new RefusalCounts();

    /** @param inbox where messages become durable */
    public OrderReceiver(OrderInbox inbox, Hl7Config.Site site, InstantSource clock) {
        this.inbox = inbox;
        this.site = site;
        this.clock = clock;
        this.interpreter = new Interpreter(site);
        this.replies = new ReplyWriter(site);
    }

    @Override
    public Optional<String> refusal(Peer peer) {
        boolean known = peer.certificateNames().isEmpty()
                || site.senders().isEmpty()
                || site.senders().stream().anyMatch(s -> Interpreter.isCertificateOf(s, peer));
        return known ? Optional.empty() : Optional.of("the certificate belongs to no sender");
    }

    @Override
    public Conversation open(Peer peer) {
        return new Link(peer);
    }

    private final class Link implements Conversation {
        private final Peer peer;
        private final SequenceNumbers sequence = new SequenceNumbers();

        Link(Peer peer) {
            this.peer = peer;
        }

        @Override
        public List<byte[]> answer(byte[] message) {
            return Batch.begins(message) ? answerBatch(message) : answerOne(message);
        }

        @Override
        public Optional<String> ended() {
            int leftOut = refusals.takeLeftOut(peer.address());
            return leftOut == 0
                    ? Optional.empty()
                    : Optional.of(leftOut + " more messages were refused, too many to be recorded each");
        }

        @Override
        public List<byte[]> refuse(FrameFault fault, byte[] head) {
            Refusal refusal = fault.mayPass()
                    ? Refusal.tryAgain(fault.sentence())
                    : Refusal.of(Condition.DATA_TYPE, null, fault.sentence());
            try {
                Header header = Envelope.open(head).header();
                header.check();
                return refuse(header, head, refusal, clock.instant());
            } catch (MessageRefusedException e) {
                return refuseUnreadable(head, refusal, clock.instant());
            }
        }

        private List<byte[]> answerOne(byte[] bytes) {
            Instant at = clock.instant();
            Header header = null;
            try {
                Envelope envelope = Envelope.open(bytes);
                header = envelope.header();
                if (header.isAcknowledgement()) {
                    record(peer, message(header, bytes, at), "ACKNOWLEDGEMENT_NOT_EXPECTED", "");
                    return List.of();
                }
                Interpreter.Interpretation read = interpreter.interpret(envelope, peer, at);
                header = read.header();
                sequence.check(header.sequence());
                return deliver(read, bytes, at);
            } catch (MessageRefusedException e) {
                return header == null
                        ? refuseUnreadable(bytes, e.refusal(), at)
                        : refuse(header, bytes, e.refusal(), at);
            } catch (RuntimeException e) {
                return failed(header, at, e);
            }
        }

        private List<byte[]> deliver(Interpreter.Interpretation read, byte[] bytes, Instant at) {
            Header header = read.header();
            String expected = sequence.expectedAfter(header.sequence());
            Receipt receipt = inbox.receive(
                    message(header, bytes, at),
                    read.events(),
                    outcomes -> replies.accepted(header, read.understood(), outcomes, at, expected));
            return switch (receipt) {
                case Receipt.Recorded(String reply, var _) -> taken(header, reply);
                case Receipt.Repeated(String reply) -> taken(header, reply);
                case Receipt.IdReused() ->
                    refuse(
                            header,
                            bytes,
                            Refusal.of(
                                    Condition.DUPLICATE_KEY,
                                    "MSH-10",
                                    "this control id was used before for another message"),
                            at);
            };
        }

        private List<byte[]> taken(Header header, String reply) {
            sequence.taken(header.sequence());
            return ReplyWriter.messages(reply, header);
        }

        /** Only once it is recorded that it was refused. */
        private List<byte[]> refuse(Header header, byte[] bytes, Refusal refusal, Instant at) {
            String reply = replies.refused(header, refusal, at, sequence.expected(header.sequence()));
            return record(peer, message(header, bytes, at), refusal.code(), reply)
                    ? ReplyWriter.messages(reply, header)
                    : ReplyWriter.messages(
                            replies.refused(header, notRecorded(), at, sequence.expected(header.sequence())), header);
        }

        private List<byte[]> refuseUnreadable(byte[] bytes, Refusal refusal, Instant at) {
            String reply = replies.unreadable(refusal, at);
            IncomingMessage message =
                    new IncomingMessage(new Origin(Origin.Channel.HL7, UNKNOWN, ""), UNKNOWN, bytes, at);
            String told = record(peer, message, refusal.code(), reply) ? reply : replies.unreadable(notRecorded(), at);
            return List.of(told.getBytes(StandardCharsets.UTF_8));
        }

        /** The world broke, or we did: the sender keeps the message and tries again. */
        private List<byte[]> failed(@Nullable Header header, Instant at, RuntimeException e) {
            // Without the exception's text, which may hold what the message holds.
            LOG.error(
                    "hl7 message not recorded ({} at {}), next: sender is told to try again",
                    e.getClass().getSimpleName(),
                    e.getStackTrace().length == 0 ? "?" : e.getStackTrace()[0]);
            Refusal refusal = Refusal.tryAgain("the message could not be recorded, try again");
            return header == null
                    ? List.of(replies.unreadable(refusal, at).getBytes(StandardCharsets.UTF_8))
                    : ReplyWriter.messages(
                            replies.refused(header, refusal, at, sequence.expected(header.sequence())), header);
        }

        private List<byte[]> answerBatch(byte[] bytes) {
            Instant at = clock.instant();
            try {
                List<Batch> batches = Batch.open(bytes);
                List<Er7Segment> headers = batches.stream().map(Link::header).toList();
                List<byte[]> replies = new ArrayList<>();
                for (int i = 0; i < batches.size(); i++) {
                    answerBatch(batches.get(i), headers.get(i)).ifPresent(replies::add);
                }
                return replies.size() < 2 ? replies : List.of(fileReply(headers.getFirst(), replies));
            } catch (MessageRefusedException e) {
                return refuseUnreadable(bytes, e.refusal(), at);
            }
        }

        private static Er7Segment header(Batch batch) {
            return Er7Message.parse(batch.header(), Delimiters.of(batch.header()))
                    .header();
        }

        private Optional<byte[]> answerBatch(Batch batch, Er7Segment header) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            int count = 0;
            for (byte[] message : batch.messages()) {
                for (byte[] reply : answerOne(message)) {
                    all.writeBytes(reply);
                    count++;
                }
            }
            return count == 0 ? Optional.empty() : Optional.of(batchReply(header, all.toByteArray(), count));
        }

        /** Several batches are answered by as many, in a file. */
        private byte[] fileReply(Er7Segment header, List<byte[]> batches) {
            ByteArrayOutputStream reply = new ByteArrayOutputStream();
            reply.writeBytes(replyHeader("FHS", header));
            batches.forEach(reply::writeBytes);
            reply.writeBytes(SegmentText.of("FTS")
                    .field(1, String.valueOf(batches.size()))
                    .toString()
                    .getBytes(StandardCharsets.UTF_8));
            return reply.toByteArray();
        }

        /** FHS and BHS have the same fields. */
        private byte[] replyHeader(String name, Er7Segment asked) {
            return SegmentText.of(name)
                    .field(3, asked.text(5).isEmpty() ? site.application() : asked.text(5))
                    .field(4, asked.text(6).isEmpty() ? site.facility() : asked.text(6))
                    .field(5, asked.text(3))
                    .field(6, asked.text(4))
                    .field(12, asked.text(11))
                    .toString()
                    .getBytes(StandardCharsets.UTF_8);
        }

        private byte[] batchReply(Er7Segment bhs, byte[] messages, int count) {
            ByteArrayOutputStream reply = new ByteArrayOutputStream();
            reply.writeBytes(replyHeader("BHS", bhs));
            reply.writeBytes(messages);
            reply.writeBytes(SegmentText.of("BTS")
                    .field(1, String.valueOf(count))
                    .toString()
                    .getBytes(StandardCharsets.UTF_8));
            return reply.toByteArray();
        }
    }

    private static Refusal notRecorded() {
        return Refusal.tryAgain("the refusal could not be recorded, try again");
    }

    private static IncomingMessage message(Header header, byte[] bytes, Instant at) {
        Origin origin = new Origin(Origin.Channel.HL7, header.soundSender(), header.soundControlId());
        return new IncomingMessage(origin, header.messageType(), bytes, at);
    }

    /** True when it may be told: it is recorded, or one of too many that are counted. */
    private boolean record(Peer peer, IncomingMessage message, String reason, String reply) {
        OptionalInt leftOut = refusals.admit(peer.address(), message.receivedAt());
        if (leftOut.isEmpty()) {
            return true;
        }
        String more = leftOut.getAsInt() == 0 ? "" : " (and " + leftOut.getAsInt() + " more refusals before)";
        LOG.warn("hl7 message refused: {}{}, next: answering the sender", reason, more);
        try {
            inbox.refuse(message, reason + more, reply);
            return true;
        } catch (RuntimeException e) {
            LOG.error(
                    "hl7 refusal not recorded ({}), next: sender is told to try again",
                    e.getClass().getSimpleName());
            return false;
        }
    }
}
