package io.bloodnet.fhir.resultout;

import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.DomainResource;
import org.hl7.fhir.r4.model.Element;

/**
 * How a resource says that AI made it (HL7 AI Transparency). The label AIAST is newer than R4's bundled code systems, so that servers
 * which check codes refuse it (HAPI 8.8 does); those get a tag with our own code. It is never left out: the text says it as well.
 */
public enum AiMark {
    /** {@code meta.security} with AIAST, and inline labels. */
    SECURITY_LABEL {
        @Override
        void on(DomainResource resource) {
            resource.getMeta().addSecurity(Code.AI_ASSERTED.coding());
        }

        @Override
        void inline(DomainResource resource, Element element) {
            if (resource.getMeta().getSecurity(Code.INLINE_LABELS.system(), Code.INLINE_LABELS.code()) == null) {
                resource.getMeta().addSecurity(Code.INLINE_LABELS.coding());
            }
            element.addExtension(Code.Systems.INLINE_LABEL, Code.AI_ASSERTED.coding());
        }

        @Override
        CodeableConcept reason() {
            return Code.AI_ASSERTED.concept();
        }
    },
    /** {@code meta.tag} with a code of ours. */
    TAG {
        @Override
        void on(DomainResource resource) {
            resource.getMeta().addTag(Code.AI_TAG.coding());
        }

        @Override
        void inline(DomainResource resource, Element element) {
            // The extension's value would be refused like the label; the tag covers the whole resource.
        }

        @Override
        CodeableConcept reason() {
            return Code.AI_TAG.concept();
        }
    };

    /** Marks the whole resource. */
    abstract void on(DomainResource resource);

    /** Marks one element of an already marked resource. */
    abstract void inline(DomainResource resource, Element element);

    /** The mark as the reason of a Provenance. */
    abstract CodeableConcept reason();
}
