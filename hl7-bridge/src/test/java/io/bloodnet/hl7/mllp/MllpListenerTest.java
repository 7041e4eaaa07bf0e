package io.bloodnet.hl7.mllp;

import static io.bloodnet.hl7.RawPeer.CLOSED;
import static io.bloodnet.hl7.RawPeer.TIMEOUT;
import static io.bloodnet.hl7.RawPeer.framed;
import static io.bloodnet.hl7.RawPeer.msa;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.hl7.FakeOrderInbox;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.Messages;
import io.bloodnet.hl7.RawPeer;
import io.bloodnet.hl7.orderin.OrderReceiver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The framing rows of C-MLLP on real sockets: each is answered or closed, and the next good message is answered. */
class MllpListenerTest {

    private static final Hl7Config.Limits LIMITS = new Hl7Config.Limits(
            64 << 10,
            128 << 10,
            50,
            Duration.ofSeconds(20),
            Duration.ofMillis(700),
            Duration.ofMillis(700),
            Duration.ofSeconds(5));

    private final FakeOrderInbox inbox = new FakeOrderInbox();
    private final RecordingAuditLog audit = new RecordingAuditLog();
    private MllpListener listener = listener(LIMITS);

    private MllpListener listener(Hl7Config.Limits limits) {
        return new MllpListener(
                new Hl7Config.Listen("127.0.0.1", 0, limits, null),
                new OrderReceiver(inbox, Hl7Config.Site.defaults(), InstantSource.system()),
                audit,
                InstantSource.system());
    }

    @BeforeEach
    void start() {
        listener.start();
    }

    @AfterEach
    void stop() {
        listener.close();
    }

    private RawPeer peer() throws IOException {
        return new RawPeer(listener.port());
    }

    private void stillServes() throws IOException {
        try (RawPeer peer = peer()) {
            String id = "GOOD" + System.nanoTime();
            assertThat(msa(peer.ask(Messages.orm(id)))).isEqualTo("AA " + id);
        }
    }

    @Test
    void answers_a_message_split_at_every_byte() throws IOException {
        byte[] frame = framed(Messages.orm("X"));
        try (RawPeer peer = peer()) {
            for (int at = 1; at < frame.length; at++) {
                peer.send(java.util.Arrays.copyOfRange(frame, 0, at));
                peer.send(java.util.Arrays.copyOfRange(frame, at, frame.length));
                assertThat(msa(peer.reply())).as("cut at %d", at).isEqualTo("AA X");
            }
        }
        assertThat(inbox.received()).hasSize(1);
    }

    @Test
    void answers_pipelined_messages_once_each_and_in_order() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 10; i++) {
            all.writeBytes(framed(Messages.orm("N" + i)));
        }
        try (RawPeer peer = peer()) {
            peer.send(all.toByteArray());
            for (int i = 0; i < 10; i++) {
                assertThat(msa(peer.reply())).isEqualTo("AA N" + i);
            }
            assertThat(peer.reply(200)).isEqualTo(TIMEOUT);
        }
    }

    @Test
    void passes_over_stray_bytes_before_a_message() throws IOException {
        try (RawPeer peer = peer()) {
            peer.send("\r\nHELLO garbage\r").send(framed(Messages.orm("S1")));
            assertThat(msa(peer.reply())).isEqualTo("AA S1");
        }
    }

    @Test
    void answers_messages_whose_end_has_no_carriage_return() throws IOException {
        byte[] frame = framed(Messages.orm("NOCR"));
        byte[] cut = java.util.Arrays.copyOf(frame, frame.length - 1);
        try (RawPeer peer = peer()) {
            assertThat(msa(peer.send(cut).reply())).isEqualTo("AA NOCR");
            peer.send(cut).send(framed(Messages.orm("NEXT")));
            assertThat(msa(peer.reply())).isEqualTo("AA NOCR");
            assertThat(msa(peer.reply())).isEqualTo("AA NEXT");
        }
    }

    @Test
    void a_message_begun_again_counts_only_from_its_last_begin() throws IOException {
        byte[] half = java.util.Arrays.copyOf(framed(Messages.orm("HALF")), 60);
        try (RawPeer peer = peer()) {
            peer.send(half).send(framed(Messages.orm("WHOLE")));
            assertThat(msa(peer.reply())).isEqualTo("AA WHOLE");
            assertThat(msa(peer.send("\u000b")
                            .send(framed(Messages.orm("TWICE")))
                            .reply()))
                    .isEqualTo("AA TWICE");
        }
        assertThat(inbox.received()).hasSize(2);
    }

    @Test
    void refuses_an_end_block_inside_a_message() throws IOException {
        try (RawPeer peer = peer()) {
            String message = new String(Messages.orm("FSIN"), StandardCharsets.ISO_8859_1);
            peer.send("\u000b" + message.substring(0, 90) + "\u001c" + message.substring(90) + "\u001c\r");
            assertThat(msa(peer.reply())).isEqualTo("AR FSIN");
            assertThat(peer.reply()).isEqualTo(CLOSED);
        }
        assertThat(inbox.received()).isEmpty();
        assertThat(inbox.refused()).hasSize(1);
        stillServes();
    }

    @Test
    void never_answers_bytes_between_two_messages() throws IOException {
        try (RawPeer peer = peer()) {
            peer.send(Messages.orm("NOVT")).send("\u001c\r").send("GET / HTTP/1.1\r\n\r\n\u001c");
            assertThat(peer.reply(300)).isEqualTo(TIMEOUT);
            assertThat(msa(peer.ask(Messages.orm("AFTER")))).isEqualTo("AA AFTER");
            peer.send("\0\0 \u001c\u001c\r");
            assertThat(peer.reply(300)).isEqualTo(TIMEOUT);
            assertThat(msa(peer.ask(Messages.orm("AGAIN")))).isEqualTo("AA AGAIN");
        }
        assertThat(inbox.received()).hasSize(2);
        assertThat(inbox.refused()).isEmpty();
    }

    @Test
    void closes_a_link_that_brings_bytes_without_end_and_no_message() throws IOException {
        try (RawPeer peer = peer()) {
            assertThat(peer.send("x".repeat(5_000)).reply()).isEqualTo(CLOSED);
        }
        assertThat(audit.events(AuditEvent.LinkRefused.class)).hasSize(1);
        assertThat(inbox.refused()).isEmpty();
        stillServes();
    }

    @Test
    void counts_refusals_that_are_too_many_and_says_how_many_there_were() throws IOException {
        try (RawPeer peer = peer()) {
            for (int i = 0; i < 100; i++) {
                assertThat(msa(peer.ask("garbage".getBytes(StandardCharsets.US_ASCII))))
                        .isEqualTo("AR");
            }
            assertThat(msa(peer.ask(Messages.orm("GOOD")))).isEqualTo("AA GOOD");
        }
        awaitNoLinks();
        assertThat(inbox.refused()).hasSizeBetween(20, 40);
        int left = 100 - inbox.refused().size();
        assertThat(audit.events(AuditEvent.LinkRefused.class))
                .singleElement()
                .satisfies(e -> assertThat(e.reason()).contains(left + " more messages were refused"));
    }

    private void awaitNoLinks() {
        long begin = System.nanoTime();
        while (listener.links() > 0 && System.nanoTime() - begin < 10_000_000_000L) {
            Thread.onSpinWait();
        }
    }

    @Test
    void tells_a_sender_whose_message_was_cut_off_to_try_again() throws IOException {
        byte[] frame = framed(Messages.orm("CUT"));
        try (RawPeer peer = peer()) {
            peer.send(java.util.Arrays.copyOf(frame, frame.length - 40)).endOutput();
            assertThat(msa(peer.reply())).isEqualTo("AE CUT");
            assertThat(peer.reply()).isEqualTo(CLOSED);
        }
        assertThat(inbox.received()).isEmpty();
    }

    @Test
    void refuses_a_message_over_the_limit_and_takes_no_more_of_it() throws IOException {
        try (RawPeer peer = peer()) {
            byte[] chunk = "x".repeat(8 << 10).getBytes(StandardCharsets.US_ASCII);
            String end = TIMEOUT;
            peer.send("\u000b").send(Messages.orm("BIG")).send("NTE|1||");
            try {
                for (int sent = 0; sent < 1000; sent++) {
                    peer.send(chunk);
                }
            } catch (IOException e) {
                end = CLOSED;
            }
            assertThat(end.equals(CLOSED) || msa(peer.reply()).equals("AR BIG")).isTrue();
        }
        stillServes();
        assertThat(inbox.refused()).hasSize(1);
    }

    @Test
    void tells_a_sender_why_its_message_is_too_large() throws IOException {
        try (RawPeer peer = peer()) {
            peer.send("\u000b").send(Messages.orm("BIG")).send("NTE|1||" + "x".repeat(65 << 10));
            String reply = peer.reply();
            assertThat(msa(reply)).isEqualTo("AR BIG");
            assertThat(reply).contains("size limit");
        }
    }

    @Test
    void closes_a_link_that_drips_bytes() throws IOException {
        try (RawPeer peer = peer()) {
            peer.send("\u000bMSH|^~");
            assertThat(msa(peer.reply())).isEqualTo("AE");
            assertThat(peer.reply()).isEqualTo(CLOSED);
        }
        stillServes();
    }

    @Test
    void closes_links_on_which_no_message_begins_and_no_others() throws IOException {
        listener.close();
        listener = listener(new Hl7Config.Limits(
                64 << 10,
                128 << 10,
                50,
                Duration.ofMillis(300),
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                Duration.ofSeconds(5)));
        listener.start();
        try (RawPeer begun = peer();
                RawPeer silent = peer();
                RawPeer answered = peer()) {
            begun.send("\u000bMSH|^~");
            assertThat(msa(answered.ask(Messages.orm("I1")))).isEqualTo("AA I1");
            assertThat(silent.reply()).isEqualTo(CLOSED);
            assertThat(answered.reply()).isEqualTo(CLOSED);
            assertThat(msa(begun.reply())).as("a slow message is told so").isEqualTo("AE");
        }
        stillServes();
    }

    @Test
    void idle_and_stuck_links_hold_up_nobody() throws IOException {
        List<RawPeer> links = new ArrayList<>();
        try {
            for (int i = 0; i < LIMITS.linksMax() + 20; i++) {
                RawPeer link = peer();
                links.add(link);
                if (i % 10 == 0) {
                    link.send("\u000bMSH|^~");
                }
            }
            stillServes();
            stillServes();
            assertThat(listener.links()).isLessThanOrEqualTo(LIMITS.linksMax());
        } finally {
            for (RawPeer link : links) {
                link.close();
            }
        }
    }

    @Test
    void refuses_a_link_when_all_are_in_use_by_senders() throws IOException {
        List<RawPeer> links = new ArrayList<>();
        try {
            for (int i = 0; i < LIMITS.linksMax(); i++) {
                RawPeer link = peer();
                links.add(link);
                assertThat(msa(link.ask(Messages.orm("L" + i)))).isEqualTo("AA L" + i);
            }
            try (RawPeer onemore = peer()) {
                assertThat(onemore.reply()).isEqualTo(CLOSED);
            }
            assertThat(audit.events(AuditEvent.LinkRefused.class)).hasSize(1);
            assertThat(msa(links.getFirst().ask(Messages.orm("AGAIN")))).isEqualTo("AA AGAIN");
        } finally {
            for (RawPeer link : links) {
                link.close();
            }
        }
    }

    @Test
    void large_half_messages_share_a_budget_and_small_ones_always_have_room() throws IOException {
        List<RawPeer> links = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                RawPeer link = peer();
                links.add(link);
                link.send("\u000b").send(Messages.orm("HOG" + i)).send("NTE|1||" + "x".repeat(60 << 10));
            }
            List<String> told = new ArrayList<>();
            for (RawPeer link : links) {
                told.add(msa(link.reply(300)));
            }
            assertThat(told).anyMatch(t -> t.startsWith("AE HOG"));
            stillServes();
        } finally {
            for (RawPeer link : links) {
                link.close();
            }
        }
    }

    @Test
    void a_peer_that_takes_no_replies_is_closed() throws IOException {
        byte[] frame = framed(Messages.orm("R"));
        try (RawPeer peer = peer()) {
            try {
                for (int i = 0; i < 200_000; i++) {
                    peer.send(frame);
                }
                throw new AssertionError("the listener read on while its replies were not taken");
            } catch (IOException closed) {
                assertThat(closed).isNotNull();
            }
        }
        stillServes();
    }

    @Test
    void a_slow_inbox_holds_up_only_its_own_link_and_close_waits_for_it() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (RawPeer slow = peer();
                RawPeer idle = peer()) {
            stillServes();
            inbox.holdUntil(gate);
            slow.send(framed(Messages.orm("SLOW")));
            assertThat(slow.reply(100)).isEqualTo(TIMEOUT);
            Thread closing = Thread.ofVirtual().start(listener::close);
            assertThat(idle.reply()).isEqualTo(CLOSED);
            assertThat(closing.isAlive()).isTrue();
            gate.countDown();
            assertThat(msa(slow.reply())).isEqualTo("AA SLOW");
            assertThat(slow.reply()).isEqualTo(CLOSED);
            closing.join();
            assertThatThrownBy(this::peer).isInstanceOf(IOException.class);
        }
    }

    @Test
    void records_who_opened_a_link_once_and_not_who_only_looked() throws IOException {
        try (RawPeer looked = peer();
                RawPeer talked = peer()) {
            talked.ask(Messages.orm("A"));
            talked.ask(Messages.orm("B"));
            assertThat(audit.events(AuditEvent.LinkOpened.class))
                    .singleElement()
                    .satisfies(e -> assertThat(e.peer()).isEqualTo("127.0.0.1"));
            assertThat(looked).isNotNull();
        }
    }

    @Test
    void says_where_it_cannot_bind() {
        MllpListener second = new MllpListener(
                Hl7Config.Listen.plain("127.0.0.1", listener.port()),
                new OrderReceiver(inbox, Hl7Config.Site.defaults(), InstantSource.system()),
                audit,
                InstantSource.system());
        assertThatThrownBy(second::start).hasMessageContaining("hl7.listen").hasMessageContaining("" + listener.port());
    }
}
