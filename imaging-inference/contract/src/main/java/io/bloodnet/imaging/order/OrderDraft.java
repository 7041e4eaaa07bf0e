package io.bloodnet.imaging.order;

import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What may change of an order. Lives for one change, in one thread. */
final class OrderDraft {

    OrderKey key;
    Patient patient;

    @Nullable
    String patientClass;

    @Nullable
    String visitNumber;

    Procedure procedure;
    Priority priority;

    @Nullable
    Integer expected;

    boolean production;
    EhrReferences ehr;

    @Nullable
    Instant scheduledAt;

    private OrderDraft(ImagingOrder order) {
        key = order.key();
        patient = order.patient();
        patientClass = order.patientClass();
        visitNumber = order.visitNumber();
        procedure = order.procedure();
        priority = order.priority();
        expected = order.expectedInstances();
        production = order.production();
        ehr = order.ehr();
        scheduledAt = order.scheduledAt();
    }

    /** The order with that change. */
    static ImagingOrder changed(ImagingOrder order, Consumer<OrderDraft> change) {
        OrderDraft draft = new OrderDraft(order);
        change.accept(draft);
        return new ImagingOrder(
                draft.key,
                draft.patient,
                draft.patientClass,
                draft.visitNumber,
                draft.procedure,
                draft.priority,
                draft.expected,
                order.orderedAt(),
                draft.production,
                draft.ehr,
                order.origin(),
                draft.scheduledAt);
    }
}
