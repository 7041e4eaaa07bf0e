package io.bloodnet.hl7.orderin;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.Er7Segment;
import io.bloodnet.hl7.er7.MessageRefusedException;
import io.bloodnet.hl7.message.Fields;
import io.bloodnet.hl7.message.Header;
import io.bloodnet.hl7.message.OrderGroup;
import io.bloodnet.hl7.message.Times;
import io.bloodnet.imaging.order.EhrReferences;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.Origin;
import io.bloodnet.imaging.order.Priority;
import io.bloodnet.imaging.order.Procedure;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads one order of a message. Field by field as in the table of docs/hl7-conformance.md. */
final class OrderReader {

    private static final String EMERGENCY = "E";
    private static final String PRODUCTION = "P";
    /**
     * LOINC codes in OBR-4 that name no procedure but a report of radiology: study report, diagnostic imaging study, radiology report,
     * findings, impression; and those of a head CT without saying whether with contrast.
     */
    private static final Set<String> REPORT_CODES =
            Set.of("11528-7", "18748-4", "68604-8", "59776-5", "19005-8", "47045-0", "24725-4");

    private final Hl7Config.Site site;
    private final Set<String> headCtCodes;
    private final PatientReader patients;

    OrderReader(Hl7Config.Site site, PatientReader patients) {
        this.site = site;
        this.patients = patients;
        this.headCtCodes = new HashSet<>(site.headCtCodes());
        headCtCodes.add(Hl7Config.Site.LOINC_HEAD_CT);
    }

    /**
     * An order that was read.
     *
     * @param hold why a person must decide first, null to go on
     */
    record Order(ImagingOrder order, @Nullable String hold) {}

    /** How the order or report is named, and whom it is about. */
    OrderIdentity identity(OrderGroup group) {
        return OrderIdentity.of(group, site.accessionFields(), patients.named(group.pid()));
    }

    /**
     * Whether a head CT is ordered.
     *
     * @throws MessageRefusedException when no procedure is named
     */
    boolean isForUs(OrderGroup group) {
        return procedure(group).isAnyOf(headCtCodes);
    }

    /**
     * Whether a report's procedure is clearly something else than a head CT: it has codes, none of them is one of a head CT, and none only
     * says that this is a radiology report.
     */
    boolean isOnOtherProcedure(Er7Segment obr) {
        List<Procedure.Coding> codings = codings(obr);
        return !codings.isEmpty()
                && !new Procedure(codings).isAnyOf(headCtCodes)
                && codings.stream().noneMatch(c -> REPORT_CODES.contains(c.code()));
    }

    /** @throws MessageRefusedException when it cannot be an order: no patient, nothing that finds its images */
    Order read(Header header, OrderGroup group, OrderIdentity identity, Instant receivedAt) {
        PatientReader.Known patient = patients.patient(group.pid());
        Er7Segment pv1 = group.pv1();
        String patientClass = pv1 == null ? null : Fields.text(pv1, 2, 1);
        if (identity.key().studyUid() == null && identity.key().accession() == null) {
            throw MessageRefusedException.of(
                    Condition.REQUIRED_FIELD_MISSING,
                    "OBR-18",
                    "neither an accession number of 1 to 16 characters nor a Study Instance UID: images cannot be found");
        }
        ImagingOrder order = Fields.make(
                "OBR",
                () -> new ImagingOrder(
                        identity.key(),
                        patient.patient(),
                        patientClass,
                        pv1 == null ? null : Fields.text(pv1, 19, 1),
                        procedure(group),
                        EMERGENCY.equals(patientClass) ? Priority.STAT : priority(group),
                        null,
                        orderedAt(header, group, receivedAt),
                        header.processingId().equals(PRODUCTION),
                        EhrReferences.none(),
                        new Origin(Origin.Channel.HL7, header.sender(), header.controlId()),
                        scheduledAt(header, group)));
        String hold = identity.conflict() == null
                ? patient.doubt()
                : patient.doubt() == null ? identity.conflict() : identity.conflict() + "; " + patient.doubt();
        return new Order(order, hold);
    }

    /** OBR-4, then OBR-44; both codings of each. */
    private static Procedure procedure(OrderGroup group) {
        Er7Segment obr = group.obr();
        if (obr == null) {
            throw MessageRefusedException.of(Condition.REQUIRED_FIELD_MISSING, "OBR", "the order has no OBR");
        }
        List<Procedure.Coding> codings = codings(obr);
        if (codings.isEmpty()) {
            throw MessageRefusedException.of(
                    Condition.REQUIRED_FIELD_MISSING, "OBR-4", "the order names no procedure code");
        }
        return new Procedure(codings);
    }

    private static List<Procedure.Coding> codings(Er7Segment obr) {
        List<Procedure.Coding> codings = new ArrayList<>();
        for (int field : new int[] {4, 44}) {
            for (int first : new int[] {1, 4}) {
                String code = Fields.text(obr, field, first);
                if (code != null) {
                    codings.add(new Procedure.Coding(
                            code, Fields.text(obr, field, first + 1), Fields.text(obr, field, first + 2)));
                }
            }
        }
        return codings;
    }

    /** TQ1-9, else ORC-7.6, else OBR-27.6 (HL7 table 0485). */
    private static Priority priority(OrderGroup group) {
        String code = group.tq1() == null ? "" : group.tq1().text(9);
        if (code.isEmpty() && group.orc() != null) {
            code = group.orc().text(7, 6);
        }
        if (code.isEmpty() && group.obr() != null) {
            code = group.obr().text(27, 6);
        }
        String upper = code.toUpperCase(Locale.ROOT);
        if (upper.equals("S") || upper.equals("STAT") || upper.startsWith("T")) {
            return Priority.STAT; // T and TS<n>: timing critical
        }
        return upper.equals("A") || upper.equals("ASAP") || upper.equals("U") ? Priority.URGENT : Priority.ROUTINE;
    }

    /** OBR-36, else TQ1-7, ORC-7.4, OBR-27.4: when the examination is planned. Null when nobody says. */
    private @Nullable Instant scheduledAt(Header header, OrderGroup group) {
        return Stream.of(
                        text(group.obr(), 36, 1),
                        text(group.tq1(), 7, 1),
                        text(group.orc(), 7, 4),
                        text(group.obr(), 27, 4))
                .flatMap(time -> Times.instant(time, header.zone(site.zone())).stream())
                .findFirst()
                .orElse(null);
    }

    private static String text(@Nullable Er7Segment segment, int field, int component) {
        return segment == null ? "" : segment.text(field, component);
    }

    /** ORC-9, never in the future: the age of an order decides when it is overdue. */
    private Instant orderedAt(Header header, OrderGroup group, Instant receivedAt) {
        String time = group.orc() == null ? "" : group.orc().text(9);
        return Times.instant(time, header.zone(site.zone()))
                .filter(at -> at.isBefore(receivedAt))
                .orElse(receivedAt);
    }
}
