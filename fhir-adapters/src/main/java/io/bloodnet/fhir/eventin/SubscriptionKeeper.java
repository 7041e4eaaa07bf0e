package io.bloodnet.fhir.eventin;

import io.bloodnet.audit.About;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.ehr.EhrAnswer;
import io.bloodnet.fhir.ehr.EhrBase.ResourceId;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hl7.fhir.r4.model.Subscription;
import org.hl7.fhir.r4.model.Subscription.SubscriptionStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps our R4 rest-hook Subscriptions at the EHR: creates what is missing, asks for what was switched off after errors. Does nothing
 * where the site gave us no callback. Whatever was missed meanwhile, polling finds. Runs in the caller's thread.
 */
public final class SubscriptionKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionKeeper.class);
    private static final List<String> CRITERIA =
            List.of("ImagingStudy?modality=CT", "ServiceRequest?status=active,revoked,on-hold");

    private final FhirConfig.Intake intake;
    private final EhrClient ehr;
    private final CatchUp catchUp;

    /** All ports first. */
    public SubscriptionKeeper(FhirConfig config, EhrClient ehr, CatchUp catchUp) {
        this.intake = config.intake();
        this.ehr = ehr;
        this.catchUp = catchUp;
    }

    /**
     * Looks and repairs once; call it at start and every few minutes.
     *
     * @return how many Subscriptions were created or repaired
     * @throws io.bloodnet.fhir.ehr.EhrException when the EHR cannot be asked now
     */
    public int keepOnce() {
        URI callback = intake.callback();
        if (callback == null) {
            return 0;
        }
        List<Subscription> ours = ehr
                .list(
                        Subscription.class,
                        Map.of("url", callback.toString()),
                        new Purpose(About.nothing(), "our subscription"))
                .stream()
                .filter(s -> callback.toString().equals(s.getChannel().getEndpoint()))
                .toList();
        int changed = 0;
        for (String criteria : CRITERIA) {
            Optional<Subscription> there =
                    ours.stream().filter(s -> criteria.equals(s.getCriteria())).findFirst();
            changed += keep(there, criteria, callback) ? 1 : 0;
        }
        if (changed > 0) {
            catchUp.soon();
        }
        return changed;
    }

    private boolean keep(Optional<Subscription> there, String criteria, URI callback) {
        boolean works = there.isPresent()
                && (there.get().getStatus() == SubscriptionStatus.ACTIVE
                        || there.get().getStatus() == SubscriptionStatus.REQUESTED);
        if (works) {
            return false;
        }
        Subscription wanted = wanted(criteria, callback);
        EhrAnswer answer;
        if (there.isPresent()) {
            String id = there.get().getIdElement().getIdPart();
            wanted.setId(id);
            answer = ehr.update(new ResourceId("Subscription", id), wanted);
        } else {
            answer = ehr.create(wanted);
        }
        LOG.info(
                "subscription to {} {}: status {}",
                criteria.substring(0, criteria.indexOf('?')),
                there.isPresent() ? "asked for again" : "created",
                answer.status());
        return answer.isSuccess();
    }

    private Subscription wanted(String criteria, URI callback) {
        Subscription wanted = new Subscription();
        wanted.setStatus(SubscriptionStatus.REQUESTED);
        wanted.setReason("BloodNet CDS looks at head CTs for suspected intracranial hemorrhage");
        wanted.setCriteria(criteria);
        wanted.getChannel()
                .setType(Subscription.SubscriptionChannelType.RESTHOOK)
                .setEndpoint(callback.toString())
                .setPayload("application/fhir+json");
        FhirConfig.Secret secret = intake.secret();
        if (secret != null) {
            wanted.getChannel().addHeader(secret.header() + ": " + secret.value());
        }
        return wanted;
    }
}
