package io.bloodnet.fhir.resultout;

import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingReport;
import java.util.ArrayList;
import java.util.List;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.DocumentReference;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;

/**
 * One report as one transaction. What is ours alone is updated conditionally on its identifier, what is shared (Device, model card,
 * ImagingStudy) is created only where it is missing; so the same Bundle again changes nothing. Pure: the same arguments give the same
 * bytes.
 */
final class ReportBundle {

    private final FindingReport report;
    private final Names names;
    private final Filing filing;
    private final AiMark mark;
    private final FhirConfig.Naming naming;
    private final boolean alerts;
    private final boolean tasks;
    private final AiSystem system;
    private final Bundle bundle = new Bundle();

    private ReportBundle(FindingReport report, Filing filing, EhrProfile can, FhirConfig config, AiSystem system) {
        this.report = report;
        this.naming = config.naming();
        this.alerts = config.results().alerts();
        this.names = new Names(naming, report);
        this.filing = filing;
        this.mark = can.mark();
        this.tasks = can.tasks();
        this.system = system;
    }

    /** The transaction. The DiagnosticReport is its first entry. */
    static Bundle of(FindingReport report, Filing filing, EhrProfile can, FhirConfig config, AiSystem system) {
        return new ReportBundle(report, filing, can, config, system).build();
    }

    private Bundle build() {
        bundle.setType(Bundle.BundleType.TRANSACTION);
        AiDevice machine = new AiDevice(system, names, naming);
        ReportResources resources = new ReportResources(report, names, mark, filing, naming);
        Reference self = to(names.report());
        Reference device = to(names.device());
        Reference card = to(names.modelCard());
        Reference study = filing.study() != null ? filing.study() : to(names.study());

        Reference mask = report.mask() == null ? null : to(names.mask());
        var frame = new Observations.Frame(report, names, mark, filing, study, device, resources.performer());
        List<Observation> observations = new Observations(frame).all(report.readableMask() == null ? null : mask);
        List<Reference> results =
                observations.stream().map(o -> to(o.getIdentifierFirstRep())).toList();

        update(names.report(), resources.diagnosticReport(study.copy(), copies(results)));
        observations.forEach(o -> update(o.getIdentifierFirstRep(), o));
        List<Reference> made = new ArrayList<>(List.of(self));
        made.addAll(results);
        if (mask != null && report.mask() != null) {
            DocumentReference doc = machine.mask(
                    report,
                    report.mask(),
                    mark,
                    study.copy(),
                    device.copy(),
                    filing.patient().copy());
            update(names.mask(), doc);
            made.add(mask);
        }
        if (tasks) {
            update(names.task(), resources.task(self.copy()));
        }
        if (alerts && report.finding() instanceof Finding.Analyzed a && a.positive()) {
            update(names.alert(), resources.alert(self.copy(), device.copy()));
        }
        createOnce(names.device(), machine.device(report.model(), card.copy()));
        createOnce(names.modelCard(), machine.modelCard(report.model()));
        if (filing.study() == null) {
            createOnce(names.study(), resources.imagingStudy(system.archive()));
        }
        Resource provenance = resources.provenance(copies(made), study.copy(), device.copy(), card.copy());
        putById(provenance);
        return bundle;
    }

    private void update(Identifier identifier, Resource resource) {
        entry(Names.fullUrl(identifier), resource)
                .getRequest()
                .setMethod(Bundle.HTTPVerb.PUT)
                .setUrl(resource.fhirType() + "?" + Names.query(identifier));
    }

    private void createOnce(Identifier identifier, Resource resource) {
        entry(Names.fullUrl(identifier), resource)
                .getRequest()
                .setMethod(Bundle.HTTPVerb.POST)
                .setUrl(resource.fhirType())
                .setIfNoneExist(Names.query(identifier));
    }

    private void putById(Resource resource) {
        String id = resource.getIdElement().getIdPart();
        entry("urn:uuid:" + id.substring("bn-".length()), resource)
                .getRequest()
                .setMethod(Bundle.HTTPVerb.PUT)
                .setUrl(resource.fhirType() + "/" + id);
    }

    private Bundle.BundleEntryComponent entry(String fullUrl, Resource resource) {
        return bundle.addEntry().setFullUrl(fullUrl).setResource(resource);
    }

    private static Reference to(Identifier identifier) {
        return new Reference(Names.fullUrl(identifier));
    }

    private static List<Reference> copies(List<Reference> references) {
        return references.stream().map(Reference::copy).toList();
    }
}
