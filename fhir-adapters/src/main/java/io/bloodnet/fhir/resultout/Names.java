package io.bloodnet.fhir.resultout;

import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.ModelId;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.hl7.fhir.r4.model.Identifier;

/**
 * The identifiers of everything that one report files. All follow from the {@code ResultKey}, so that sending again finds what was sent
 * before (promise 3). Values are free of {@code | , $}, which FHIR searches would have to escape.
 */
final class Names {

    private final FhirConfig.Naming naming;
    private final String key;
    private final String model;
    private final String studyUid;
    private final String modelVersion;

    Names(FhirConfig.Naming naming, FindingReport report) {
        this.naming = naming;
        this.key = report.key().identifier();
        this.model = modelName(report.model());
        this.studyUid = report.key().studyUid().value();
        this.modelVersion = report.key().modelVersion();
    }

    /** The report's own identifier. */
    Identifier report() {
        return identifier("report", key);
    }

    /** Identifier of the report that this one corrects. */
    Identifier report(String otherKey) {
        return identifier("report", otherKey);
    }

    Identifier observation(String role) {
        return identifier("observation", key + "-" + role);
    }

    Identifier mask() {
        return identifier("mask", key);
    }

    /** Known before there is a result, so that the Task which told of the order is the one that tells of its end. */
    Identifier task() {
        return task(naming, studyUid, modelVersion);
    }

    static Identifier task(FhirConfig.Naming naming, String studyUid, String modelVersion) {
        return new Identifier()
                .setSystem(naming.system("task"))
                .setValue((studyUid + "-" + modelVersion).replaceAll("[^A-Za-z0-9.\\-_]", "_"));
    }

    Identifier alert() {
        return identifier("alert", key);
    }

    Identifier device() {
        return identifier("device", model);
    }

    Identifier modelCard() {
        return identifier("model-card", model);
    }

    /** The study as DICOM names it, in the form that IHE and HL7 Europe use. */
    Identifier study() {
        return new Identifier().setSystem(Code.Systems.DICOM_UID).setValue("urn:oid:" + studyUid);
    }

    /** Provenance has no identifier in R4, so its id is ours: letters and digits, at most 64. */
    String provenanceId(FindingReport.Kind kind) {
        return "bn-" + uuid("provenance-" + kind + "-" + key).toString();
    }

    /** The name of an entry inside the Bundle; the same report gives the same name. */
    static String fullUrl(Identifier identifier) {
        return "urn:uuid:" + uuid(identifier.getSystem() + "|" + identifier.getValue());
    }

    /** Search by identifier, encoded for a URL inside the Bundle: {@code identifier=system%7Cvalue}. */
    static String query(Identifier identifier) {
        return "identifier=" + URLEncoder.encode(token(identifier), StandardCharsets.UTF_8);
    }

    /** {@code system|value}. */
    static String token(Identifier identifier) {
        return identifier.getSystem() + "|" + identifier.getValue();
    }

    private Identifier identifier(String kind, String value) {
        return new Identifier().setSystem(naming.system(kind)).setValue(value);
    }

    private static String modelName(ModelId model) {
        String digest = model.sha256().substring(0, Math.min(8, model.sha256().length()));
        return (model.id() + "-" + model.version() + "-" + digest).replaceAll("[^A-Za-z0-9.\\-_]", "_");
    }

    private static UUID uuid(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
    }
}
