package io.bloodnet.server.fhir;

import io.bloodnet.fhir.ehr.EhrBase;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which FHIR servers are our EHR's, as callers of CDS Hooks name them: the same logical id at another server is another patient. Addresses
 * are compared after parsing and never contacted. Immutable.
 */
public final class FhirServers {

    private final List<EhrBase> ours;
    private final boolean unsaidIsOurs;

    /**
     * @param ours base URLs of the EHR's FHIR server
     * @param unsaidIsOurs whether a caller that names no server is the EHR: only while nobody else calls
     */
    public FhirServers(List<URI> ours, boolean unsaidIsOurs) {
        this.ours = ours.stream().map(EhrBase::new).toList();
        this.unsaidIsOurs = unsaidIsOurs;
    }

    /** Whether ids of this server are those that we know. @param server as a call says it; null when it does not */
    public boolean isOurs(@Nullable String server) {
        if (server == null) {
            return unsaidIsOurs;
        }
        String base = server.endsWith("/") ? server : server + "/";
        return ours.stream()
                .anyMatch(each -> each.relative(base).filter(String::isEmpty).isPresent());
    }
}
