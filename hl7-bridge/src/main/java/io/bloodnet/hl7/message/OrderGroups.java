package io.bloodnet.hl7.message;

import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.Er7Message;
import io.bloodnet.hl7.er7.Er7Segment;
import io.bloodnet.hl7.er7.MessageRefusedException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a message into its orders or reports. ORM, OMG and OMI differ in their groups and senders differ in how they keep them, so the order
 * of the segments alone decides: each OBR makes an order, with the ORC before it. Whose order it is must never be a guess: an order message
 * is about one patient, a report message (HL7 v2.5.1 7.3.1) says anew by each PID about whom the reports behind it are. For one thread.
 */
public final class OrderGroups {

    /** Most orders or reports in one message. */
    static final int ORDERS_MAX = 100;
    /** Most identifiers of a patient that are compared. */
    private static final int REPETITIONS_MAX = 50;

    /** What a second PID in a message means. */
    private enum Patients {
        /** ORM, OMI: nothing that could be understood. */
        ONE,
        /** OMG: prior results of the same patient follow (HL7 v2.5.1 4.4.4). */
        ONE_WITH_PRIOR_RESULTS,
        /** ORU: reports on another patient follow. */
        SEVERAL
    }

    private final Patients patients;
    private final @Nullable Er7Segment sharedZds;
    private final List<Builder> found = new ArrayList<>();
    private @Nullable Builder current;
    private @Nullable Er7Segment pid;
    private @Nullable Er7Segment pv1;
    /** Whose prior results are being read; null when none are. */
    private @Nullable Er7Segment priorPid;
    /** Whether the first of them has begun. */
    private boolean priorBegun;

    private OrderGroups(Patients patients, @Nullable Er7Segment sharedZds) {
        this.patients = patients;
        this.sharedZds = sharedZds;
    }

    /**
     * The orders of an order message, prior results left out.
     *
     * @throws MessageRefusedException when there are too many, or a second patient
     */
    public static List<OrderGroup> ofOrders(Header header, Er7Message message) {
        Er7Segment zds = message.all("ZDS").size() == 1 ? message.first("ZDS").orElseThrow() : null;
        boolean priorResults = header.type().equals("OMG");
        return new OrderGroups(priorResults ? Patients.ONE_WITH_PRIOR_RESULTS : Patients.ONE, zds).read(message);
    }

    /** The reports of a report message. @throws MessageRefusedException when there are too many */
    public static List<OrderGroup> ofReports(Er7Message message) {
        return new OrderGroups(Patients.SEVERAL, null).read(message);
    }

    private List<OrderGroup> read(Er7Message message) {
        for (Er7Segment segment : message.segments()) {
            switch (segment.name()) {
                case "PID" -> patient(segment);
                case "PV1" -> visit(segment);
                case "ORC" -> control(segment);
                case "OBR" -> request(segment);
                case "TQ1", "IPC", "ZDS", "OBX" -> {
                    if (current != null) {
                        current.take(segment);
                    }
                }
                default -> {} // nothing that we need
            }
        }
        return found.stream().map(this::built).toList();
    }

    private void patient(Er7Segment segment) {
        switch (patients) {
            case SEVERAL -> {
                pid = segment;
                pv1 = null;
                current = null;
            }
            case ONE -> {
                if (pid != null) {
                    throw secondPatient();
                }
                pid = segment;
            }
            case ONE_WITH_PRIOR_RESULTS -> {
                if (found.isEmpty()) {
                    if (pid != null) {
                        throw secondPatient();
                    }
                    pid = segment;
                } else {
                    priorPid = segment;
                    priorBegun = false;
                    current = null;
                }
            }
        }
    }

    private void visit(Er7Segment segment) {
        if (priorPid == null && pv1 == null) {
            pv1 = segment;
        }
    }

    private void control(Er7Segment orc) {
        if (priorPid != null) {
            String code = orc.text(1);
            boolean result =
                    code.isEmpty() ? !priorBegun : OrderControl.of(code).action() == OrderControl.Action.STORE;
            if (result) {
                priorBegun = true;
                return;
            }
            if (!priorBegun || !sharesIdentifier(pid, priorPid)) {
                throw secondPatient(); // not a result but an order: whose?
            }
            priorPid = null;
        }
        current = begin(orc);
    }

    private static boolean sharesIdentifier(@Nullable Er7Segment a, Er7Segment b) {
        for (int i = 0; a != null && i < Math.min(a.repetitions(3), REPETITIONS_MAX); i++) {
            for (int k = 0; k < Math.min(b.repetitions(3), REPETITIONS_MAX); k++) {
                String value = a.text(3, i, 1, 1);
                if (!value.isEmpty() && value.equals(b.text(3, k, 1, 1))) {
                    return true;
                }
            }
        }
        return false;
    }

    private void request(Er7Segment obr) {
        if (priorPid != null) {
            priorBegun = true;
        } else if (current == null || patients == Patients.SEVERAL && current.obr != null) {
            current = begin(null);
            current.obr = obr;
        } else if (current.obr == null) {
            current.obr = obr;
        } else if (patients == Patients.ONE_WITH_PRIOR_RESULTS && isResult(obr)) {
            current = null; // a prior result without PID and ORC
        } else {
            current = begin(current.orc);
            current.obr = obr;
        }
    }

    /** Whether results are known of what the OBR requests: it has their time or their status. */
    private static boolean isResult(Er7Segment obr) {
        return !obr.text(22).isEmpty() || !obr.text(25).isEmpty();
    }

    private Builder begin(@Nullable Er7Segment orc) {
        if (found.size() == ORDERS_MAX) {
            throw MessageRefusedException.of(Condition.DATA_TYPE, null, "more than " + ORDERS_MAX + " orders");
        }
        Builder builder = new Builder(orc, pid, pv1);
        found.add(builder);
        return builder;
    }

    private OrderGroup built(Builder b) {
        boolean own = patients == Patients.SEVERAL;
        return new OrderGroup(
                own ? b.pid : pid,
                own ? b.pv1 : pv1,
                b.orc,
                b.obr,
                b.tq1,
                b.ipc,
                b.zds != null ? b.zds : sharedZds,
                b.obx);
    }

    private static MessageRefusedException secondPatient() {
        return MessageRefusedException.of(
                Condition.SEGMENT_SEQUENCE, "PID", "the message is about a second patient: send a message for each");
    }

    private static final class Builder {
        private final @Nullable Er7Segment orc;
        private final @Nullable Er7Segment pid;
        private final @Nullable Er7Segment pv1;
        private @Nullable Er7Segment obr;
        private @Nullable Er7Segment tq1;
        private final List<Er7Segment> ipc = new ArrayList<>();
        private final List<Er7Segment> obx = new ArrayList<>();
        private @Nullable Er7Segment zds;

        Builder(@Nullable Er7Segment orc, @Nullable Er7Segment pid, @Nullable Er7Segment pv1) {
            this.orc = orc;
            this.pid = pid;
            this.pv1 = pv1;
        }

        void take(Er7Segment segment) {
            switch (segment.name()) {
                case "TQ1" -> tq1 = tq1 == null ? segment : tq1;
                case "IPC" -> ipc.add(segment);
                case "OBX" -> {
                    if (obr != null) {
                        obx.add(segment);
                    }
                }
                default -> zds = segment;
            }
        }
    }
}
