package io.bloodnet.fhir.resultout;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.Outcome;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.ehr.EhrAnswer;
import io.bloodnet.fhir.ehr.EhrBase.ResourceId;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrException;
import io.bloodnet.imaging.peer.Sha256;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.hl7.fhir.r4.model.Resource;

/**
 * Writes of single resources beside a result's own transaction, each between its two audit entries: intended before the first byte
 * leaves, ended whatever came back. Safe for all threads.
 */
final class EhrWrites {

    private final EhrClient ehr;
    private final AuditLog audit;
    private final InstantSource clock;

    EhrWrites(EhrClient ehr, AuditLog audit, InstantSource clock) {
        this.ehr = ehr;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Creates a resource unless one answers to that search.
     *
     * @param name what is written, as the audit log names it, without patient data
     * @throws EhrException when there is no complete answer
     */
    EhrAnswer createUnless(Resource resource, String query, String name, About about) {
        return audited(resource, name, about, () -> ehr.createUnless(resource, query));
    }

    /**
     * Writes a resource that was read, as the version that it was; somebody else's write in between is a conflict (409 or 412).
     *
     * @param resource MUST have an id and a version
     * @param name what is written, as the audit log names it, without patient data
     * @throws EhrException when there is no complete answer
     */
    EhrAnswer update(Resource resource, String name, About about) {
        ResourceId id =
                new ResourceId(resource.fhirType(), resource.getIdElement().getIdPart());
        return audited(
                resource,
                name,
                about,
                () -> ehr.update(id, resource, resource.getMeta().getVersionId()));
    }

    private EhrAnswer audited(Resource resource, String name, About about, Supplier<EhrAnswer> write) {
        String digest = Sha256.hex(FhirJson.write(resource));
        audit.record(new AuditEvent.DeliveryIntended(clock.instant(), about, Outcome.SUCCESS, "ehr", name, 1, digest));
        try {
            EhrAnswer answer = write.get();
            Outcome outcome = answer.isSuccess() ? Outcome.SUCCESS : Outcome.MINOR_FAILURE;
            ended(about, name, digest, outcome, "HTTP " + answer.status());
            return answer;
        } catch (EhrException e) {
            ended(about, name, digest, Outcome.MINOR_FAILURE, e.code().name());
            throw e;
        }
    }

    private void ended(About about, String name, String digest, Outcome outcome, String code) {
        audit.record(new AuditEvent.DeliveryEnded(clock.instant(), about, outcome, "ehr", name, 1, digest, code, null));
    }
}
