package io.bloodnet.hl7.message;

import io.bloodnet.hl7.er7.Er7Segment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One order or one report in a message: an ORC, at most one OBR, and what belongs to them. {@link OrderGroups} cuts a message into them.
 *
 * @param pid the patient under whom it stands; null when the message names none
 * @param pv1 the visit under which it stands; null when absent
 * @param orc null only in reports (ORU)
 * @param obr null when the order is named by ORC alone, as cancellations may be
 * @param tq1 null when absent
 * @param ipc imaging procedure control segments, in order
 * @param zds IHE's 2.3.1 segment with the Study Instance UID; in an order one ZDS in a message speaks for all its orders
 * @param obx the observations under this OBR, in order
 */
public record OrderGroup(
        @Nullable Er7Segment pid,
        @Nullable Er7Segment pv1,
        @Nullable Er7Segment orc,
        @Nullable Er7Segment obr,
        @Nullable Er7Segment tq1,
        List<Er7Segment> ipc,
        @Nullable Er7Segment zds,
        List<Er7Segment> obx) {

    /** Copies the lists. */
    public OrderGroup {
        ipc = List.copyOf(ipc);
        obx = List.copyOf(obx);
    }
}
