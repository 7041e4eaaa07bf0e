package io.bloodnet.hl7.orderin;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.Messages;
import io.bloodnet.hl7.message.Envelope;
import io.bloodnet.hl7.mllp.Peer;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads messages into events, as a site with its own procedure code does. */
final class Reading {

    static final Instant RECEIVED = Instant.parse("2026-11-23T12:30:00Z");
    static final Peer PEER = new Peer("127.0.0.1", List.of());
    static final String OBR = Messages.obr(Messages.HEAD_CT);

    static Hl7Config.Site site(@Nullable String authority) {
        return new Hl7Config.Site(
                "BLOODNET",
                "HOSP",
                Set.of("CTHEADWO", "SITE9"),
                List.of(),
                StandardCharsets.UTF_8,
                authority,
                ZoneOffset.UTC,
                EnumSet.of(
                        Hl7Config.AccessionField.IPC_1,
                        Hl7Config.AccessionField.OBR_18,
                        Hl7Config.AccessionField.ORC_3),
                false);
    }

    static List<OrderEvent> read(byte[] message) {
        return read(site(null), message);
    }

    static List<OrderEvent> read(Hl7Config.Site site, byte[] message) {
        return new Interpreter(site)
                .interpret(Envelope.open(message), PEER, RECEIVED)
                .events();
    }

    static List<OrderEvent> orm(String... segments) {
        String[] all = new String[segments.length + 1];
        all[0] = Messages.msh("ORM^O01", "2.5.1", "1");
        System.arraycopy(segments, 0, all, 1, segments.length);
        return read(Messages.bytes(all));
    }

    static ImagingOrder placed(List<OrderEvent> events) {
        assertThat(events).hasSize(1);
        OrderEvent.Placed placed = (OrderEvent.Placed) events.getFirst();
        assertThat(placed.hold()).isNull();
        return placed.order();
    }

    static @Nullable String hold(List<OrderEvent> events) {
        return ((OrderEvent.Placed) events.getFirst()).hold();
    }

    private Reading() {}
}
