package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.Priority;
import org.jspecify.annotations.Nullable;

/** Orders changed in one part. */
final class Orders {

    private Orders() {}

    static ImagingOrder withKey(ImagingOrder o, OrderKey key) {
        return new ImagingOrder(
                key,
                o.patient(),
                o.patientClass(),
                o.visitNumber(),
                o.procedure(),
                o.priority(),
                o.expectedInstances(),
                o.orderedAt(),
                o.production(),
                o.ehr(),
                o.origin());
    }

    static ImagingOrder withPatient(ImagingOrder o, Patient patient, @Nullable String patientClass) {
        boolean emergency = "E".equals(patientClass);
        return new ImagingOrder(
                o.key(),
                patient,
                patientClass == null ? o.patientClass() : patientClass,
                o.visitNumber(),
                o.procedure(),
                emergency ? Priority.STAT : o.priority(),
                o.expectedInstances(),
                o.orderedAt(),
                o.production(),
                o.ehr(),
                o.origin());
    }

    static ImagingOrder withExpected(ImagingOrder o, @Nullable Integer instances) {
        return instances == null
                ? o
                : new ImagingOrder(
                        o.key(),
                        o.patient(),
                        o.patientClass(),
                        o.visitNumber(),
                        o.procedure(),
                        o.priority(),
                        instances,
                        o.orderedAt(),
                        o.production(),
                        o.ehr(),
                        o.origin());
    }

    /** What is known, completed by what another source says of the same order: gaps are filled, the more urgent priority wins. */
    static ImagingOrder merged(ImagingOrder known, ImagingOrder said) {
        OrderKey a = known.key();
        OrderKey b = said.key();
        OrderKey key = merged(a, b);
        Priority priority = known.priority().compareTo(said.priority()) <= 0 ? known.priority() : said.priority();
        Integer expected = larger(known.expectedInstances(), said.expectedInstances());
        return new ImagingOrder(
                key,
                known.patient(),
                known.patientClass() != null ? known.patientClass() : said.patientClass(),
                known.visitNumber() != null ? known.visitNumber() : said.visitNumber(),
                known.procedure().codings().isEmpty() ? said.procedure() : known.procedure(),
                priority,
                expected,
                known.orderedAt(),
                known.production() && said.production(),
                known.ehr().orElse(said.ehr()),
                known.origin());
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
}
