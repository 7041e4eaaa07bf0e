package io.bloodnet.hl7.orderin;

import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.Er7Message;
import io.bloodnet.hl7.er7.Er7Segment;
import io.bloodnet.hl7.er7.MessageRefusedException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The segments of one order in a message: an ORC, at most one OBR, and what belongs to them. ORM, OMG and OMI differ in their groups and
 * senders differ in how they keep them, so the order of the segments alone decides: each OBR makes an order, with the ORC before it.
 *
 * @param orc null only in reports (ORU)
 * @param obr null when the order is named by ORC alone, as cancellations may be
 * @param tq1 null when absent
 * @param ipc imaging procedure control segments, in order
 * @param zds IHE's 2.3.1 segment with the Study Instance UID; one ZDS in a message speaks for all its orders
 */
record OrderGroup(
        @Nullable Er7Segment orc,
        @Nullable Er7Segment obr,
        @Nullable Er7Segment tq1,
        List<Er7Segment> ipc,
        @Nullable Er7Segment zds) {

    /** Most orders in one message. */
    static final int ORDERS_MAX = 100;

    OrderGroup {
        ipc = List.copyOf(ipc);
    }

    /** The message's orders. @throws MessageRefusedException when there are too many */
    static List<OrderGroup> of(Er7Message message) {
        List<OrderGroup> groups = new ArrayList<>();
        Er7Segment shared =
                message.all("ZDS").size() == 1 ? message.first("ZDS").orElseThrow() : null;
        Builder current = null;
        for (Er7Segment segment : message.segments()) {
            switch (segment.name()) {
                case "ORC" -> {
                    add(groups, current, shared);
                    current = new Builder(segment);
                }
                case "OBR" -> {
                    if (current == null || current.obr != null) {
                        Er7Segment orc = current == null ? null : current.orc;
                        add(groups, current, shared);
                        current = new Builder(orc);
                    }
                    current.obr = segment;
                }
                case "TQ1", "IPC", "ZDS" -> {
                    if (current != null) {
                        current.take(segment);
                    }
                }
                default -> {} // patient and visit are read from the message
            }
        }
        add(groups, current, shared);
        return groups;
    }

    private static void add(List<OrderGroup> groups, @Nullable Builder builder, @Nullable Er7Segment sharedZds) {
        if (builder == null) {
            return;
        }
        if (groups.size() == ORDERS_MAX) {
            throw MessageRefusedException.of(Condition.DATA_TYPE, null, "more than " + ORDERS_MAX + " orders");
        }
        groups.add(new OrderGroup(
                builder.orc, builder.obr, builder.tq1, builder.ipc, builder.zds != null ? builder.zds : sharedZds));
    }

    private static final class Builder {
        private final @Nullable Er7Segment orc;
        private @Nullable Er7Segment obr;
        private @Nullable Er7Segment tq1;
        private final List<Er7Segment> ipc = new ArrayList<>();
        private @Nullable Er7Segment zds;

        Builder(@Nullable Er7Segment orc) {
            this.orc = orc;
        }

        void take(Er7Segment segment) {
            switch (segment.name()) {
                case "TQ1" -> tq1 = tq1 == null ? segment : tq1;
                case "IPC" -> ipc.add(segment);
                default -> zds = segment;
            }
        }
    }
}
