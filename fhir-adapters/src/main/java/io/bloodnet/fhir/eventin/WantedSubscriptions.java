package io.bloodnet.fhir.eventin;

import io.bloodnet.fhir.FhirConfig;
import java.util.List;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.Subscription;
import org.hl7.fhir.r4.model.Subscription.SubscriptionStatus;
import org.hl7.fhir.r4.model.UnsignedIntType;
import org.jspecify.annotations.Nullable;

/** The Subscriptions that should be at the EHR: R4 rest-hooks by criteria, or one to the EHR's topic (Subscriptions R5 Backport, R4). */
final class WantedSubscriptions {

    private static final String GUIDE = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";
    /** R4's modality looks into the series: a study that is announced before it has any is found by polling. */
    private static final List<String> REST_HOOKS =
            List.of("ImagingStudy?modality=CT", "ServiceRequest?status=active,revoked,on-hold");

    private final FhirConfig.@Nullable Subscribing subscribing;
    private final FhirConfig.@Nullable Secret secret;

    WantedSubscriptions(FhirConfig.Intake intake) {
        this.subscribing = intake.subscribing();
        this.secret = intake.secret();
    }

    /** The criteria of each; none where we may not create any. */
    List<String> criteria() {
        if (subscribing == null) {
            return List.of();
        }
        return subscribing.topic() == null ? REST_HOOKS : List.of(subscribing.topic());
    }

    boolean isTopic() {
        return subscribing != null && subscribing.topic() != null;
    }

    /** What it is to, for logs: a resource type, or {@code topic}. */
    String name(String criteria) {
        return isTopic() ? "topic" : criteria.substring(0, criteria.indexOf('?'));
    }

    /** As we ask for it. */
    Subscription subscription(String criteria) {
        if (subscribing == null) {
            throw new IllegalStateException("no Subscription of ours is configured");
        }
        Subscription wanted = new Subscription();
        wanted.setStatus(SubscriptionStatus.REQUESTED);
        wanted.setReason("BloodNet CDS looks at head CTs for suspected intracranial hemorrhage");
        wanted.setCriteria(criteria);
        wanted.getChannel()
                .setType(Subscription.SubscriptionChannelType.RESTHOOK)
                .setEndpoint(subscribing.callback().toString())
                .setPayload("application/fhir+json");
        if (secret != null) {
            wanted.getChannel().addHeader(secret.header() + ": " + secret.value());
        }
        if (isTopic()) {
            wanted.getMeta().addProfile(GUIDE + "backport-subscription");
            wanted.getChannel()
                    .addExtension(
                            GUIDE + "backport-heartbeat-period",
                            new UnsignedIntType(subscribing.heartbeat().toSeconds()));
            wanted.getChannel()
                    .getPayloadElement()
                    .addExtension(GUIDE + "backport-payload-content", new CodeType("id-only"));
        }
        return wanted;
    }
}
