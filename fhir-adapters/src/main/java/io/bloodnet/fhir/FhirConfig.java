package io.bloodnet.fhir;

import io.bloodnet.imaging.peer.TlsFiles;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How this site's EHR is reached and spoken to. Immutable; read once at start.
 *
 * @param fhirUrl base of the EHR's R4 API; the only address, beside the token URL, that this module ever dials
 * @param auth how we say who we are
 * @param headersFile more headers of each request to the EHR, {@code Name: value} a line, read at each request; null for none
 * @param tls client certificate and private trust, null for the JDK's defaults
 * @param limits of every call
 * @param naming how we name ourselves and the site's patients
 * @param intake what events we take
 * @param results how results are filed
 */
public record FhirConfig(
        URI fhirUrl,
        Auth auth,
        @Nullable Path headersFile,
        @Nullable TlsFiles tls,
        Limits limits,
        Naming naming,
        Intake intake,
        Results results) {

    /** An EHR at this base without authentication, and every default. */
    public static FhirConfig of(URI fhirUrl) {
        return new FhirConfig(
                fhirUrl, new Auth.None(), null, null, Limits.DEFAULT, Naming.DEFAULT, Intake.DEFAULT, Results.DEFAULT);
    }

    /** These settings with another way to say who we are. */
    public FhirConfig withAuth(Auth other) {
        return new FhirConfig(fhirUrl, other, headersFile, tls, limits, naming, intake, results);
    }

    /** These settings with the headers of a file. */
    public FhirConfig withHeadersFile(Path file) {
        return new FhirConfig(fhirUrl, auth, file, tls, limits, naming, intake, results);
    }

    /** These settings with other limits. */
    public FhirConfig withLimits(Limits other) {
        return new FhirConfig(fhirUrl, auth, headersFile, tls, other, naming, intake, results);
    }

    /** These settings with other names. */
    public FhirConfig withNaming(Naming other) {
        return new FhirConfig(fhirUrl, auth, headersFile, tls, limits, other, intake, results);
    }

    /** These settings with another intake. */
    public FhirConfig withIntake(Intake other) {
        return new FhirConfig(fhirUrl, auth, headersFile, tls, limits, naming, other, results);
    }

    /** These settings with another way of filing results. */
    public FhirConfig withResults(Results other) {
        return new FhirConfig(fhirUrl, auth, headersFile, tls, limits, naming, intake, other);
    }

    /** How we say who we are. */
    public sealed interface Auth {
        /** We do not: a test system, or mutual TLS alone. */
        record None() implements Auth {}

        /** A token from a file, read at each request. */
        record Bearer(Path tokenFile) implements Auth {}

        /** HTTP Basic (RFC 7617) with the password of a file, read at each request. @param user without a colon */
        record Basic(String user, Path passwordFile) implements Auth {
            /** @throws IllegalArgumentException when the name cannot be part of the header */
            public Basic {
                if (user.isBlank() || user.contains(":")) {
                    throw new IllegalArgumentException("a user's name has characters other than blanks and no colon");
                }
            }
        }

        /**
         * SMART Backend Services: private_key_jwt.
         *
         * @param tokenUrl where tokens come from; null to ask {@code .well-known/smart-configuration}, whose answer must then lie on the
         *     origin of {@link FhirConfig#fhirUrl}
         * @param clientId as registered at the EHR
         * @param privateKeyFile PKCS#8 PEM or one JWK; read again when the file changes
         * @param keyId {@code kid} under which the EHR knows the public key; null for the one that the JWK itself names
         * @param algorithm of the signature
         * @param scope as granted, {@code system/*.cruds}
         */
        record BackendServices(
                @Nullable URI tokenUrl,
                String clientId,
                Path privateKeyFile,
                @Nullable String keyId,
                Algorithm algorithm,
                String scope)
                implements Auth {}

        /** The two algorithms that SMART App Launch 2 asks for. */
        enum Algorithm {
            /** ECDSA on P-384 with SHA-384. */
            ES384,
            /** RSA PKCS#1 v1.5 with SHA-384. */
            RS384
        }
    }

    /**
     * Limits of every call to the EHR.
     *
     * @param connectTimeout until the connection stands, 1 ms to 1 min
     * @param answerTimeout until the last byte of the answer, 1 ms to 5 min; a piece of work with several calls has {@link #whole}
     * @param answerBytesMax longest answer read, bytes
     */
    public record Limits(Duration connectTimeout, Duration answerTimeout, int answerBytesMax) {
        /** 5 s, 15 s, 8 MiB. */
        public static final Limits DEFAULT = new Limits(Duration.ofSeconds(5), Duration.ofSeconds(15), 8 << 20);

        private static final int ANSWERS_WHOLE = 4;

        /** What a piece of work may take in all its calls, such as one delivery with its searches: four answer timeouts. */
        public Duration whole() {
            return answerTimeout.multipliedBy(ANSWERS_WHOLE);
        }

        /** @throws IllegalArgumentException naming what is out of its range */
        public Limits {
            range("connect timeout", connectTimeout, Duration.ofMillis(1), Duration.ofMinutes(1));
            range("answer timeout", answerTimeout, Duration.ofMillis(1), Duration.ofMinutes(5));
            if (answerBytesMax < 1_024 || answerBytesMax > 256 << 20) {
                throw new IllegalArgumentException("longest answer " + answerBytesMax + " bytes not in 1 KiB..256 MiB");
            }
        }
    }

    /**
     * How we name ourselves and the site's patients.
     *
     * @param systemPrefix start of the identifier systems that are ours, such as {@code urn:bloodnet} or {@code urn:oid:1.2.3}; must never
     *     change once results were filed, since it is what makes a repetition a repetition
     * @param organizationName who runs the AI, shown as performer
     * @param patientSystems FHIR identifier system by HL7 assigning authority ({@code HOSP -> urn:hosp:mrn}); what counts
     *     for an authority that is not listed, {@link PatientNumber#anyIs} says
     */
    public record Naming(String systemPrefix, String organizationName, Map<String, String> patientSystems) {
        /** {@code urn:bloodnet} and no patient systems. */
        public static final Naming DEFAULT = new Naming("urn:bloodnet", "BloodNet CDS", Map.of());

        /** Copies the map. */
        public Naming {
            patientSystems = Map.copyOf(patientSystems);
            URI.create(systemPrefix);
        }

        /** The identifier system for one kind of thing that we name. */
        public String system(String kind) {
            return systemPrefix + ":" + kind;
        }
    }

    /**
     * How results are filed.
     *
     * @param withoutPatient whether a report may be filed under a logical reference when the EHR does not know the patient; false puts the
     *     job on hold
     * @param label how resources say that AI made them
     * @param alerts whether a suspected hemorrhage is also sent as a Communication
     */
    public record Results(boolean withoutPatient, Label label, boolean alerts) {
        /** Nothing is filed for an unknown patient, the EHR is asked whether it takes the AI label, no Communication. */
        public static final Results DEFAULT = new Results(false, Label.ASK, false);

        /** How resources say that AI made them (HL7 AI Transparency). */
        public enum Label {
            /** The EHR is asked whether it takes the security label AIAST; a tag where it does not. */
            ASK,
            /** Always the security label; an EHR that refuses it gets no results. */
            SECURITY_LABEL,
            /** Always the tag. */
            TAG
        }
    }

    /**
     * What events we take.
     *
     * @param headCtCodes procedure codes that make an order ours
     * @param secret what a caller of the event endpoints must present, null for none (loopback only)
     * @param pollOverlap how far each question for changes reaches back behind the last one, 0 to 1 h
     * @param subscribing the Subscriptions that we keep at the EHR; null when we may not create any
     */
    public record Intake(
            Set<String> headCtCodes,
            @Nullable Secret secret,
            Duration pollOverlap,
            @Nullable Subscribing subscribing) {
        /** LOINC 30799-1 and the local code CTHEADWO, no secret, 5 minutes of overlap, no Subscription of ours. */
        public static final Intake DEFAULT =
                new Intake(Set.of("30799-1", "CTHEADWO"), null, Duration.ofMinutes(5), null);

        /** Copies the set. @throws IllegalArgumentException naming what is out of its range */
        public Intake {
            headCtCodes = Set.copyOf(headCtCodes);
            range("poll overlap", pollOverlap, Duration.ZERO, Duration.ofHours(1));
        }
    }

    /**
     * The Subscriptions that we keep at the EHR.
     *
     * @param callback our event endpoint as the EHR reaches it
     * @param topic canonical URL of the EHR's topic for one topic subscription (R4 backport); null for R4 rest-hooks by criteria
     * @param heartbeat how often a topic subscription shall show that it lives, whole seconds, 10 s to 1 h
     */
    public record Subscribing(URI callback, @Nullable String topic, Duration heartbeat) {
        /** @throws IllegalArgumentException naming what is out of its range */
        public Subscribing {
            range("heartbeat", heartbeat, Duration.ofSeconds(10), Duration.ofHours(1));
        }
    }

    /** A header with a value that both sides know, over TLS. */
    public record Secret(String header, String value) {
        /** Not the value. */
        @Override
        public String toString() {
            return "Secret[" + header + "]";
        }
    }

    private static void range(String what, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException(what + " " + value + " not in " + min + ".." + max);
        }
    }
}
