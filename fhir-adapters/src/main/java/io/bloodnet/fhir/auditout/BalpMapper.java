package io.bloodnet.fhir.auditout;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Outcome;
import io.bloodnet.fhir.FhirConfig;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Date;
import java.util.Set;
import java.util.TimeZone;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventAction;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventAgentComponent;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventEntityComponent;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventOutcome;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.InstantType;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.StringType;

/**
 * Our audit events as FHIR R4 AuditEvents after the patterns of IHE's Basic Audit Log Patterns: who asked whom, about which patient, study
 * and order, with what outcome. Identifiers only. Safe for all threads.
 */
public final class BalpMapper {

    private static final String DCM = "http://dicom.nema.org/resources/ontology/DCM";
    private static final String ENTITY_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
    private static final String ROLE = "http://terminology.hl7.org/CodeSystem/object-role";
    private static final Coding SOURCE = new Coding(DCM, "110153", "Source Role ID");
    private static final Coding DESTINATION = new Coding(DCM, "110152", "Destination Role ID");
    private static final Set<String> COMMON = Set.of("at", "about", "outcome");

    private final FhirConfig.Naming naming;

    public BalpMapper(FhirConfig.Naming naming) {
        this.naming = naming;
    }

    /** The event with its number in the log as id. */
    public org.hl7.fhir.r4.model.AuditEvent toFhir(long seq, AuditEvent event) {
        AuditKind kind = AuditKind.of(event);
        var fhir = new org.hl7.fhir.r4.model.AuditEvent();
        fhir.setId(Long.toString(seq));
        fhir.setType(kind.type());
        fhir.addSubtype(kind.subtype());
        fhir.setAction(kind.action());
        fhir.setRecordedElement(new InstantType(
                Date.from(event.at()), ca.uhn.fhir.model.api.TemporalPrecisionEnum.MILLI, TimeZone.getTimeZone("UTC")));
        fhir.setOutcome(outcome(event.outcome()));
        agents(fhir, kind, event.about());
        fhir.getSource().setObserver(us());
        fhir.getSource()
                .addType(new Coding(
                        "http://terminology.hl7.org/CodeSystem/security-source-type", "4", "Application Server"));
        entities(fhir, event);
        return fhir;
    }

    /** BALP: data flows from Source to Destination, so whoever reads is the Destination. */
    private void agents(org.hl7.fhir.r4.model.AuditEvent fhir, AuditKind kind, About about) {
        boolean dataComesIn = kind.action() == AuditEventAction.R != kind.peerActs();
        boolean user = about.user() != null;
        agent(fhir, dataComesIn ? DESTINATION : SOURCE, us(), !kind.peerActs() && !user);
        if (kind.peer() != null) {
            agent(fhir, dataComesIn ? SOURCE : DESTINATION, named("peer", kind.peer()), kind.peerActs() && !user);
        }
        if (about.user() != null) {
            AuditEventAgentComponent agent = fhir.addAgent();
            agent.setType(new CodeableConcept(new Coding(
                    "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", "information recipient")));
            agent.setWho(named("user", about.user()));
            agent.setRequestor(true);
        }
    }

    private static void agent(org.hl7.fhir.r4.model.AuditEvent fhir, Coding role, Reference who, boolean requestor) {
        fhir.addAgent().setType(new CodeableConcept(role.copy())).setWho(who).setRequestor(requestor);
    }

    private void entities(org.hl7.fhir.r4.model.AuditEvent fhir, AuditEvent event) {
        About about = event.about();
        if (about.patientId() != null) {
            entity(fhir, "1", "Person", "1", "Patient", new Identifier().setValue(about.patientId()));
        }
        if (about.studyUid() != null) {
            Identifier study = new Identifier().setSystem("urn:dicom:uid").setValue("urn:oid:" + about.studyUid());
            entity(fhir, "2", "System Object", "3", "Report", study);
        }
        if (about.accessionNumber() != null) {
            Identifier order = new Identifier().setValue(about.accessionNumber());
            order.setType(new CodeableConcept(
                    new Coding("http://terminology.hl7.org/CodeSystem/v2-0203", "ACSN", "Accession ID")));
            entity(fhir, "2", "System Object", "4", "Domain Resource", order);
        }
        Identifier job = new Identifier().setSystem(naming.system("job"));
        job.setValue(about.jobId() != null ? about.jobId() : "none");
        details(entity(fhir, "2", "System Object", "20", "Job", job), event);
    }

    private static AuditEventEntityComponent entity(
            org.hl7.fhir.r4.model.AuditEvent fhir,
            String type,
            String typeName,
            String role,
            String roleName,
            Identifier what) {
        return fhir.addEntity()
                .setType(new Coding(ENTITY_TYPE, type, typeName))
                .setRole(new Coding(ROLE, role, roleName))
                .setWhat(new Reference().setIdentifier(what));
    }

    /** What only this kind of event says: the components of its record, under their names in the log. */
    private static void details(AuditEventEntityComponent entity, AuditEvent event) {
        entity.addDetail().setType("event").setValue(new StringType(event.type()));
        for (RecordComponent component : event.getClass().getRecordComponents()) {
            Object value = COMMON.contains(component.getName()) ? null : value(component, event);
            String text = value == null ? "" : value.toString();
            if (!text.isBlank()) {
                entity.addDetail().setType(component.getName()).setValue(new StringType(text));
            }
        }
    }

    private static Object value(RecordComponent component, AuditEvent event) {
        try {
            return component.getAccessor().invoke(event);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("a public record's accessor cannot be called", e);
        }
    }

    private static AuditEventOutcome outcome(Outcome outcome) {
        return switch (outcome) {
            case SUCCESS -> AuditEventOutcome._0;
            case MINOR_FAILURE -> AuditEventOutcome._4;
            case SERIOUS_FAILURE -> AuditEventOutcome._8;
            case MAJOR_FAILURE -> AuditEventOutcome._12;
        };
    }

    private Reference us() {
        return named("organization", "performer").setDisplay("BloodNet CDS at " + naming.organizationName());
    }

    private Reference named(String kind, String value) {
        return new Reference()
                .setIdentifier(new Identifier().setSystem(naming.system(kind)).setValue(value))
                .setDisplay(value);
    }
}
