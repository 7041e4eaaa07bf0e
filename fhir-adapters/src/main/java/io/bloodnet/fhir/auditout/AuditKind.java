package io.bloodnet.fhir.auditout;

import io.bloodnet.audit.AuditEvent;
import java.util.Locale;
import java.util.regex.Pattern;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventAction;
import org.hl7.fhir.r4.model.Coding;
import org.jspecify.annotations.Nullable;

/**
 * What kind of FHIR AuditEvent one of our events is (DICOM PS3.15 A.5 and IHE BALP).
 *
 * @param type DICOM event id, or {@code rest}
 * @param subtype DICOM event type, REST interaction, or a code of ours
 * @param action C, R, U or E
 * @param peer the other side, null when nobody else took part
 * @param peerActs whether the other side asked and we answered
 */
record AuditKind(
        Coding type,
        Coding subtype,
        AuditEventAction action,
        @Nullable String peer,
        boolean peerActs) {

    private static final String DCM = "http://dicom.nema.org/resources/ontology/DCM";
    private static final String INTERACTION = "http://hl7.org/fhir/restful-interaction";
    private static final String EVENT_TYPE = "http://terminology.hl7.org/CodeSystem/audit-event-type";
    private static final String OURS = "urn:bloodnet:codes";
    private static final Pattern WORD_START = Pattern.compile("(?<=.)(?=[A-Z])");

    private static final Coding APPLICATION = new Coding(DCM, "110100", "Application Activity");
    private static final Coding AUDIT_LOG_USED = new Coding(DCM, "110101", "Audit Log Used");
    private static final Coding INSTANCES_TRANSFERRED = new Coding(DCM, "110104", "DICOM Instances Transferred");
    private static final Coding EXPORT = new Coding(DCM, "110106", "Export");
    private static final Coding IMPORT = new Coding(DCM, "110107", "Import");
    private static final Coding QUERY = new Coding(DCM, "110112", "Query");
    private static final Coding SECURITY_ALERT = new Coding(DCM, "110113", "Security Alert");
    private static final Coding AUTHENTICATION = new Coding(DCM, "110114", "User Authentication");
    private static final Coding NODE = new Coding(DCM, "110126", "Node Authentication");
    private static final Coding REST = new Coding(EVENT_TYPE, "rest", "Restful Operation");

    static AuditKind of(AuditEvent event) {
        return switch (event) {
            case AuditEvent.ServerStarted _ -> us(APPLICATION, dcm("110120", "Application Start"), AuditEventAction.E);
            case AuditEvent.ServerStopped _ -> us(APPLICATION, dcm("110121", "Application Stop"), AuditEventAction.E);
            case AuditEvent.ConfigurationChanged e -> us(SECURITY_ALERT, ours(e), AuditEventAction.U);
            case AuditEvent.KeyRotated e -> us(SECURITY_ALERT, ours(e), AuditEventAction.U);
            case AuditEvent.LinkOpened e -> from(AUTHENTICATION, NODE, AuditEventAction.E, e.peer());
            case AuditEvent.LinkRefused e -> from(SECURITY_ALERT, NODE, AuditEventAction.E, e.peer());
            case AuditEvent.MessageReceived e ->
                from(IMPORT, dcm("110109", "Order Record"), AuditEventAction.C, e.sender());
            case AuditEvent.JobStateChanged e -> us(APPLICATION, ours(e), AuditEventAction.U);
            case AuditEvent.StudyQueried e -> to(QUERY, ours(e), AuditEventAction.E, e.system());
            case AuditEvent.StudyFetched e -> to(INSTANCES_TRANSFERRED, ours(e), AuditEventAction.R, e.system());
            case AuditEvent.StudyAnalyzed e -> us(APPLICATION, ours(e), AuditEventAction.E);
            case AuditEvent.DeliveryIntended e -> to(EXPORT, ours(e), AuditEventAction.E, e.destination());
            case AuditEvent.DeliveryEnded e -> delivery(e);
            case AuditEvent.EhrRead e -> to(REST, interaction(e.what()), action(e.what()), e.system());
            case AuditEvent.CardsShown e -> from(REST, ours(e), AuditEventAction.R, e.caller());
            case AuditEvent.CardFeedback e -> from(REST, ours(e), AuditEventAction.C, e.caller());
            case AuditEvent.AccessRefused e -> us(SECURITY_ALERT, ours(e), AuditEventAction.E);
            case AuditEvent.TokenObtained e ->
                to(AUTHENTICATION, dcm("110122", "Login"), AuditEventAction.E, e.system());
            case AuditEvent.HumanReportLinked e -> us(APPLICATION, ours(e), AuditEventAction.R);
            case AuditEvent.SignedIn e -> from(AUTHENTICATION, dcm("110122", "Login"), AuditEventAction.E, e.client());
            case AuditEvent.SignedOut e ->
                from(AUTHENTICATION, dcm("110123", "Logout"), AuditEventAction.E, e.client());
            case AuditEvent.PageViewed e -> from(REST, ours(e), AuditEventAction.R, e.client());
            case AuditEvent.PersonActed e -> from(REST, ours(e), AuditEventAction.U, e.client());
            case AuditEvent.WorklistViewed _ -> us(REST, interaction("search"), AuditEventAction.E);
            case AuditEvent.AuditRead e -> from(AUDIT_LOG_USED, ours(e), AuditEventAction.R, e.by());
            case AuditEvent.PartClosed e -> us(AUDIT_LOG_USED, ours(e), AuditEventAction.U);
            case AuditEvent.RestoreAccepted e -> us(SECURITY_ALERT, ours(e), AuditEventAction.U);
            case AuditEvent.DataErased e -> us(APPLICATION, ours(e), AuditEventAction.D);
        };
    }

    private static AuditKind delivery(AuditEvent.DeliveryEnded e) {
        return switch (e.destination()) {
            case "ehr" ->
                to(REST, new Coding(INTERACTION, "transaction", "transaction"), AuditEventAction.C, e.destination());
            case "pacs" -> to(INSTANCES_TRANSFERRED, ours(e), AuditEventAction.C, e.destination());
            default -> to(EXPORT, ours(e), AuditEventAction.C, e.destination());
        };
    }

    private static Coding interaction(String what) {
        return isSearch(what)
                ? new Coding(INTERACTION, "search-type", "search-type")
                : new Coding(INTERACTION, "read", "read");
    }

    /** BALP: a search is an execution, a read is a read. */
    private static AuditEventAction action(String what) {
        return isSearch(what) ? AuditEventAction.E : AuditEventAction.R;
    }

    private static boolean isSearch(String what) {
        return what.startsWith("search") || what.startsWith("list");
    }

    private static Coding dcm(String code, String display) {
        return new Coding(DCM, code, display);
    }

    /** {@code StudyAnalyzed} as {@code study-analyzed}. */
    private static Coding ours(AuditEvent event) {
        String words = WORD_START.matcher(event.type()).replaceAll(" ").toLowerCase(Locale.ROOT);
        return new Coding(OURS, words.replace(' ', '-'), words);
    }

    private static AuditKind us(Coding type, Coding subtype, AuditEventAction action) {
        return new AuditKind(type.copy(), subtype, action, null, false);
    }

    private static AuditKind to(Coding type, Coding subtype, AuditEventAction action, String peer) {
        return new AuditKind(type.copy(), subtype, action, peer, false);
    }

    private static AuditKind from(Coding type, Coding subtype, AuditEventAction action, String peer) {
        return new AuditKind(type.copy(), subtype.copy(), action, peer, true);
    }
}
