package io.bloodnet.hl7.orderin;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.hl7.FakeOrderInbox;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.Messages;
import io.bloodnet.hl7.mllp.Conversations;
import io.bloodnet.hl7.mllp.Peer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** A link to an {@link OrderReceiver} over an inbox in memory. */
abstract class OnOneLink {

    static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    static final Peer PEER = new Peer("127.0.0.1", List.of());

    final FakeOrderInbox inbox = new FakeOrderInbox();
    final Conversations.Conversation link = conversation(Hl7Config.Site.defaults(), PEER);

    Conversations.Conversation conversation(Hl7Config.Site site, Peer peer) {
        return new OrderReceiver(inbox, site, InstantSource.fixed(NOW)).open(peer);
    }

    String ask(byte[] message) {
        List<byte[]> replies = link.answer(message);
        assertThat(replies).hasSizeLessThanOrEqualTo(1);
        return replies.isEmpty() ? "" : new String(replies.getFirst(), StandardCharsets.UTF_8);
    }

    String ask(String... segments) {
        return ask(Messages.bytes(segments));
    }
}
