package io.bloodnet.server.job;

import io.bloodnet.imaging.order.EhrReferences;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.Priority;
import io.bloodnet.imaging.order.Procedure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Orders changed in one part. */
public final class Orders {

    /** An examination that is planned for later than this is a slip of the pen: images are expected then at the latest. */
    static final Duration PLANNED_AHEAD_MAX = Duration.ofDays(31);

    private Orders() {}

    /** When the images of an order can be expected at the earliest. */
    public static Instant imagesFrom(ImagingOrder o, Instant now) {
        Instant planned = o.scheduledAt();
        if (planned == null || planned.isBefore(now)) {
            return now;
        }
        Instant latest = now.plus(PLANNED_AHEAD_MAX);
        return planned.isAfter(latest) ? latest : planned;
    }

    public static ImagingOrder withKey(ImagingOrder o, OrderKey key) {
        return changed(o, draft -> draft.key = key);
    }

    /** The order without what its message said of the patient besides: the order has its patient. */
    public static ImagingOrder ofItsPatient(ImagingOrder o) {
        return o.key().patient() == null && o.key().alsoKnownAs().isEmpty()
                ? o
                : withKey(o, o.key().about(null, List.of()));
    }

    /** The order of that patient. What the EHR calls another patient is forgotten: it is learned anew. */
    public static ImagingOrder withPatient(ImagingOrder o, Patient patient, @Nullable String patientClass) {
        return changed(o, draft -> {
            draft.patient = patient;
            draft.patientClass = patientClass == null ? o.patientClass() : patientClass;
            draft.priority = "E".equals(patientClass) ? Priority.STAT : o.priority();
            if (!patient.id().matches(o.patient().id())) {
                draft.ehr = new EhrReferences(
                        null,
                        o.ehr().encounter(),
                        o.ehr().serviceRequest(),
                        o.ehr().imagingStudy());
            }
        });
    }

    /** The order with what the EHR was found to call its patient; what it says itself stays. */
    static ImagingOrder withEhrPatient(ImagingOrder o, @Nullable String learned) {
        return learned == null || o.ehr().patient() != null
                ? o
                : changed(o, draft -> draft.ehr = o.ehr().orElse(new EhrReferences(learned, null, null, null)));
    }

    public static ImagingOrder withExpected(ImagingOrder o, @Nullable Integer instances) {
        return instances == null ? o : changed(o, draft -> draft.expected = instances);
    }

    /** The order as urgent as the other, if that is more urgent. */
    public static ImagingOrder asUrgentAs(ImagingOrder o, ImagingOrder other) {
        return changed(o, draft -> draft.priority = moreUrgent(o.priority(), other.priority()));
    }

    /** What is known, completed by what another source says of the same order: gaps are filled, the more urgent priority wins. */
    public static ImagingOrder merged(ImagingOrder known, ImagingOrder said) {
        return changed(known, draft -> {
            draft.key = merged(known.key(), said.key());
            draft.patientClass = known.patientClass() != null ? known.patientClass() : said.patientClass();
            draft.visitNumber = known.visitNumber() != null ? known.visitNumber() : said.visitNumber();
            draft.procedure = known.procedure().codings().isEmpty() ? said.procedure() : known.procedure();
            draft.priority = moreUrgent(known.priority(), said.priority());
            draft.expected = larger(known.expectedInstances(), said.expectedInstances());
            draft.production = known.production() && said.production();
            draft.ehr = known.ehr().orElse(said.ehr());
            draft.scheduledAt = known.scheduledAt() != null ? known.scheduledAt() : said.scheduledAt();
        });
    }

    private static Priority moreUrgent(Priority a, Priority b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    private static OrderKey merged(OrderKey a, OrderKey b) {
        boolean samePlacer = a.placerNumber() == null || a.placerNumber().equals(b.placerNumber());
        boolean sameFiller = a.fillerNumber() == null || a.fillerNumber().equals(b.fillerNumber());
        return new OrderKey(
                a.studyUid() != null ? a.studyUid() : b.studyUid(),
                a.accession() != null ? a.accession() : b.accession(),
                a.placerNumber() != null ? a.placerNumber() : b.placerNumber(),
                a.placerNamespace() == null && samePlacer ? b.placerNamespace() : a.placerNamespace(),
                a.fillerNumber() != null ? a.fillerNumber() : b.fillerNumber(),
                a.fillerNamespace() == null && sameFiller ? b.fillerNamespace() : a.fillerNamespace(),
                null);
    }

    private static @Nullable Integer larger(@Nullable Integer a, @Nullable Integer b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return Math.max(a, b);
    }

    private static ImagingOrder changed(ImagingOrder order, Consumer<Draft> change) {
        Draft draft = new Draft(order);
        change.accept(draft);
        return draft.order(order);
    }

    /** What may change of an order. Lives for one change, in one thread. */
    private static final class Draft {
        private OrderKey key;
        private Patient patient;
        private @Nullable String patientClass;
        private @Nullable String visitNumber;
        private Procedure procedure;
        private Priority priority;
        private @Nullable Integer expected;
        private boolean production;
        private EhrReferences ehr;
        private @Nullable Instant scheduledAt;

        Draft(ImagingOrder o) {
            key = o.key();
            patient = o.patient();
            patientClass = o.patientClass();
            visitNumber = o.visitNumber();
            procedure = o.procedure();
            priority = o.priority();
            expected = o.expectedInstances();
            production = o.production();
            ehr = o.ehr();
            scheduledAt = o.scheduledAt();
        }

        ImagingOrder order(ImagingOrder o) {
            return new ImagingOrder(
                    key,
                    patient,
                    patientClass,
                    visitNumber,
                    procedure,
                    priority,
                    expected,
                    o.orderedAt(),
                    production,
                    ehr,
                    o.origin(),
                    scheduledAt);
        }
    }
}
