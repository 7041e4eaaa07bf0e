package io.bloodnet.audit.atna;

import io.bloodnet.audit.Outcome;
import io.bloodnet.audit.ledger.LineFields;
import io.bloodnet.audit.store.AuditEntry;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.jspecify.annotations.Nullable;

/**
 * One entry as an audit message (DICOM PS3.15 A.5). It is written from what the line says, not from the kinds that this version knows, so
 * that lines of any version can be sent. The last participant object is the entry itself: its place, and its exact line in base64, which
 * whoever keeps the messages can check against the log's checkpoints.
 */
final class AuditMessage {

    private static final XMLOutputFactory XML = XMLOutputFactory.newFactory();

    private final XMLStreamWriter xml;

    private AuditMessage(XMLStreamWriter xml) {
        this.xml = xml;
    }

    /** What happened in the words of DICOM: event id, and what was done (Create, Read, Update, Execute). */
    private record Kind(String code, String meaning, String action) {}

    private static Kind kind(String type) {
        return switch (type) {
            case "MessageReceived" -> new Kind("110107", "Import", "C");
            case "StudyQueried" -> new Kind("110112", "Query", "E");
            case "StudyFetched" -> new Kind("110104", "DICOM Instances Transferred", "R");
            case "DeliveryIntended", "DeliveryEnded" -> new Kind("110106", "Export", "C");
            case "EhrRead", "CardsShown", "WorklistViewed", "PageViewed" -> new Kind("110110", "Patient Record", "R");
            case "CardFeedback", "HumanReportLinked", "PersonActed" -> new Kind("110110", "Patient Record", "U");
            case "DataErased" -> new Kind("110110", "Patient Record", "D");
            case "LinkOpened", "LinkRefused" -> new Kind("110126", "Node Authentication", "E");
            case "AccessRefused", "TokenObtained", "SignedIn", "SignedOut" ->
                new Kind("110114", "User Authentication", "E");
            case "AuditRead" -> new Kind("110101", "Audit Log Used", "R");
            case "ConfigurationChanged", "KeyRotated", "PartClosed", "RestoreAccepted" ->
                new Kind("110113", "Security Alert", "E");
            default -> new Kind("110100", "Application Activity", "E");
        };
    }

    /**
     * The message as XML without a declaration.
     *
     * @param origin the log's name, which is the audit source
     * @param withLine whether the entry's line is part of it
     */
    static String of(String origin, AuditEntry entry, boolean withLine) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter writer = XML.createXMLStreamWriter(text);
            new AuditMessage(writer).write(origin, entry, withLine);
            writer.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("every entry can be written as XML", e);
        }
        return text.toString();
    }

    private void write(String origin, AuditEntry entry, boolean withLine) throws XMLStreamException {
        LineFields fields = entry.fields();
        xml.writeStartElement("AuditMessage");
        event(fields);
        participant(origin, fields.user() == null, "110150", "Application");
        if (fields.user() != null) {
            participant(fields.user(), true, "110153", "Source Role ID");
        }
        xml.writeStartElement("AuditSourceIdentification");
        xml.writeAttribute("AuditSourceID", origin);
        code("AuditSourceTypeCode", "4", "DCM", "Application server");
        xml.writeEndElement();
        object(fields.patientId(), "1", "1", "2", "RFC-3881", "Patient Number");
        object(fields.studyUid(), "2", "3", "110180", "DCM", "Study Instance UID");
        object(fields.jobId(), "2", "20", "job", "bloodnet-cds", "Job");
        entry(origin, entry, withLine);
        xml.writeEndElement();
    }

    private void event(LineFields fields) throws XMLStreamException {
        Kind kind = kind(fields.type());
        xml.writeStartElement("EventIdentification");
        xml.writeAttribute("EventActionCode", kind.action());
        xml.writeAttribute("EventDateTime", fields.happenedAt().toString());
        xml.writeAttribute("EventOutcomeIndicator", Integer.toString(outcome(fields)));
        code("EventID", kind.code(), "DCM", kind.meaning());
        code("EventTypeCode", fields.type(), "bloodnet-cds", fields.type());
        xml.writeEndElement();
    }

    /** 0, 4, 8 or 12; an outcome that only a newer version knows is not taken for success. */
    static int outcome(LineFields fields) {
        try {
            return Outcome.valueOf(fields.outcome()).code();
        } catch (IllegalArgumentException e) {
            return Outcome.MAJOR_FAILURE.code();
        }
    }

    private void participant(String id, boolean requestor, String role, String meaning) throws XMLStreamException {
        xml.writeStartElement("ActiveParticipant");
        xml.writeAttribute("UserID", legal(id));
        xml.writeAttribute("UserIsRequestor", Boolean.toString(requestor));
        code("RoleIDCode", role, "DCM", meaning);
        xml.writeEndElement();
    }

    private void object(@Nullable String id, String type, String role, String code, String system, String meaning)
            throws XMLStreamException {
        if (id != null) {
            startObject(id, type, role);
            code("ParticipantObjectIDTypeCode", code, system, meaning);
            xml.writeEndElement();
        }
    }

    private void entry(String origin, AuditEntry entry, boolean withLine) throws XMLStreamException {
        startObject(origin + "#" + entry.seq(), "2", "13");
        code("ParticipantObjectIDTypeCode", "12", "RFC-3881", "URI");
        if (withLine) {
            xml.writeEmptyElement("ParticipantObjectDetail");
            xml.writeAttribute("type", "line");
            xml.writeAttribute(
                    "value", Base64.getEncoder().encodeToString(entry.line().getBytes(StandardCharsets.UTF_8)));
        }
        xml.writeEndElement();
    }

    private void startObject(String id, String type, String role) throws XMLStreamException {
        xml.writeStartElement("ParticipantObjectIdentification");
        xml.writeAttribute("ParticipantObjectID", legal(id));
        xml.writeAttribute("ParticipantObjectTypeCode", type);
        xml.writeAttribute("ParticipantObjectTypeCodeRole", role);
    }

    /** Without the two characters that an identifier may have and XML 1.0 may not. */
    private static String legal(String id) {
        return id.replaceAll("[\\uFFFE\\uFFFF]", "?");
    }

    private void code(String element, String code, String system, String meaning) throws XMLStreamException {
        xml.writeEmptyElement(element);
        xml.writeAttribute("csd-code", code);
        xml.writeAttribute("codeSystemName", system);
        xml.writeAttribute("originalText", meaning);
    }
}
