package io.bloodnet.hl7.orderin;

import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.Er7Message;
import io.bloodnet.hl7.er7.MessageRefusedException;
import io.bloodnet.hl7.message.Header;
import io.bloodnet.hl7.message.OrderControl;
import io.bloodnet.hl7.message.OrderGroup;
import io.bloodnet.hl7.message.OrderGroups;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** From order control codes to order events (ORM^O01, OMG^O19, OMI^O23). */
final class OrderControlReader {

    private final OrderReader orders;

    OrderControlReader(OrderReader orders) {
        this.orders = orders;
    }

    /**
     * What the message says of its orders.
     *
     * @throws MessageRefusedException when one of them cannot be understood: then nothing of the message is done
     */
    List<Understood> of(Header header, Er7Message message, Instant receivedAt) {
        List<OrderGroup> groups = OrderGroups.ofOrders(header, message);
        if (groups.isEmpty()) {
            throw MessageRefusedException.of(Condition.REQUIRED_FIELD_MISSING, "ORC", "the message holds no order");
        }
        Reading reading = new Reading(header, receivedAt, groups);
        List<Understood> all = new ArrayList<>();
        for (int i = 0; i < groups.size(); i++) {
            i = reading.next(i, all);
        }
        return merged(all);
    }

    /** One pass over the orders of one message. */
    private final class Reading {
        private final Header header;
        private final Instant receivedAt;
        private final List<OrderGroup> groups;

        Reading(Header header, Instant receivedAt, List<OrderGroup> groups) {
            this.header = header;
            this.receivedAt = receivedAt;
            this.groups = groups;
        }

        /** Understands the order at {@code i}, with its replacements where it has some; gives the place of the last one used. */
        int next(int i, List<Understood> all) {
            OrderGroup group = groups.get(i);
            OrderControl control = control(group);
            if (control.action() != OrderControl.Action.REPLACE) {
                all.add(new Understood(events(group, control), List.of(group), control));
                return i;
            }
            int last = i;
            while (last + 1 < groups.size()
                    && control(groups.get(last + 1)).action() == OrderControl.Action.REPLACEMENT) {
                last++;
            }
            if (last == i) {
                // Replaced by itself: the numbers stay, the content changes.
                all.add(new Understood(changed(group), List.of(group), control));
                return i;
            }
            all.add(new Understood(
                    replaced(group, groups.subList(i + 1, last + 1)), groups.subList(i, last + 1), control));
            return last;
        }

        private OrderControl control(OrderGroup group) {
            if (group.orc() == null) {
                throw MessageRefusedException.of(
                        Condition.REQUIRED_FIELD_MISSING, "ORC", "an OBR has no ORC before it");
            }
            return OrderControl.of(group.orc().text(1));
        }

        private List<OrderEvent> events(OrderGroup group, OrderControl control) {
            return switch (control.action()) {
                case PLACE, REPLACEMENT -> List.of(placed(group));
                case PARENT -> List.of(parent(group));
                case CHANGE, REPLACE -> changed(group);
                case CANCEL -> List.of(new OrderEvent.Cancelled(key(group), code(group)));
                case HOLD -> List.of(new OrderEvent.Held(key(group), code(group)));
                case RELEASE -> List.of(new OrderEvent.Released(key(group)));
                case STATUS -> List.of(status(group));
                case STORE -> List.of(new OrderEvent.NotForUs("order control " + code(group)));
            };
        }

        private OrderEvent placed(OrderGroup group) {
            if (!orders.isForUs(group)) {
                return new OrderEvent.NotForUs("procedure is not a head CT");
            }
            OrderReader.Order order = read(group);
            return new OrderEvent.Placed(order.order(), order.hold());
        }

        /** Parents stand for their children where these are in the message. */
        private OrderEvent parent(OrderGroup group) {
            boolean children = groups.stream()
                    .anyMatch(g -> g.orc() != null && g.orc().text(1).equals("CH"));
            return children ? new OrderEvent.NotForUs("parent of the orders in this message") : placed(group);
        }

        private List<OrderEvent> changed(OrderGroup group) {
            if (!orders.isForUs(group)) {
                return List.of(new OrderEvent.Cancelled(key(group), "changed to a procedure that is not a head CT"));
            }
            OrderReader.Order order = read(group);
            OrderEvent updated = new OrderEvent.Updated(order.order());
            return order.hold() == null
                    ? List.of(updated)
                    : List.of(
                            updated,
                            new OrderEvent.Held(
                                    order.order()
                                            .key()
                                            .about(order.order().patient().id()),
                                    order.hold()));
        }

        private List<OrderEvent> replaced(OrderGroup old, List<OrderGroup> replacements) {
            Optional<OrderGroup> headCt =
                    replacements.stream().filter(orders::isForUs).findFirst();
            if (headCt.isEmpty()) {
                return List.of(new OrderEvent.Cancelled(key(old), "replaced by a procedure that is not a head CT"));
            }
            OrderReader.Order order = read(headCt.get());
            return List.of(new OrderEvent.Replaced(key(old), order.order(), order.hold()));
        }

        /** ORC-5 (HL7 table 0038). */
        private OrderEvent status(OrderGroup group) {
            String status = group.orc() == null ? "" : group.orc().text(5);
            return switch (status) {
                case "CM" -> new OrderEvent.ImagesComplete(key(group), null);
                case "CA", "DC", "RP" -> new OrderEvent.Cancelled(key(group), "order status " + status);
                case "HD" -> new OrderEvent.Held(key(group), "order status HD");
                case "IP", "SC", "A", "ER" -> new OrderEvent.NotForUs("order status " + status);
                case "" ->
                    throw MessageRefusedException.of(
                            Condition.REQUIRED_FIELD_MISSING, "ORC-5", "a status change without a status");
                default ->
                    throw MessageRefusedException.of(
                            Condition.TABLE_VALUE, "ORC-5", "the order status is not in table 0038");
            };
        }

        private OrderReader.Order read(OrderGroup group) {
            return orders.read(header, group, orders.identity(group), receivedAt);
        }

        private OrderKey key(OrderGroup group) {
            return orders.identity(group).key();
        }

        private static String code(OrderGroup group) {
            return group.orc() == null ? "" : "ORC-1 " + group.orc().text(1);
        }
    }

    /**
     * Several OBR of one study (a head CT with its reconstruction, two steps of one procedure) are one order: the first that is for us
     * speaks, the others are answered with it.
     */
    private static List<Understood> merged(List<Understood> all) {
        List<Understood> merged = new ArrayList<>();
        for (Understood next : all) {
            int same = sameStudy(merged, next);
            if (same < 0) {
                merged.add(next);
                continue;
            }
            List<OrderGroup> groups = new ArrayList<>(merged.get(same).groups());
            groups.addAll(next.groups());
            merged.set(same, new Understood(merged.get(same).events(), groups, next.control()));
        }
        return merged;
    }

    private static int sameStudy(List<Understood> merged, Understood next) {
        OrderKey key = placedKey(next);
        for (int i = 0; key != null && i < merged.size(); i++) {
            OrderKey before = placedKey(merged.get(i));
            if (before != null && OrderIdentity.same(before, key)) {
                return i;
            }
        }
        return -1;
    }

    private static @Nullable OrderKey placedKey(Understood understood) {
        return understood.events().getFirst() instanceof OrderEvent.Placed(var order, var _) ? order.key() : null;
    }
}
