package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.eventin.FhirEventReceiver;
import io.bloodnet.hl7.Hl7Config;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Section {@code ehr}: the FHIR server. {@link #KEYS} says what each key means. */
@SuppressWarnings("NullAway") // the parser hands null for what is absent
public record EhrKeys(
        @JsonProperty("fhir-url") @Nullable String fhirUrl,
        @Nullable AuthKeys auth,
        AuthKeys.@Nullable OAuth oauth,
        @JsonProperty("bearer-token-file") @Nullable String bearerTokenFile,
        @JsonProperty("headers-file") @Nullable String headersFile,
        @Nullable TlsKeys tls,
        @JsonProperty("event-secret-file") @Nullable String eventSecretFile,
        @JsonProperty("allow-open") Boolean allowOpen,
        @JsonProperty("poll-seconds") Integer pollSeconds,
        @JsonProperty("poll-overlap-seconds") Integer pollOverlapSeconds,
        String organization,
        @JsonProperty("system-prefix") String systemPrefix,
        @JsonProperty("patient-systems") Map<String, String> patientSystems,
        @JsonProperty("files-without-patient") Boolean filesWithoutPatient,
        @JsonProperty("ai-label") String aiLabel,
        Boolean alerts,
        Subscriptions subscriptions) {

    private static final String NONE = "none";
    private static final int SYSTEM_PREFIX_CHARS_MAX = 100;
    private static final int SYSTEM_CHARS_MAX = 255;
    private static final int PATIENT_SYSTEMS_MAX = 100;
    private static final int AUTHORITY_CHARS_MAX = 64;
    /** Absolute, without the characters that FHIR searches escape. */
    private static final Pattern IDENTIFIER_SYSTEM =
            Pattern.compile("[A-Za-z][A-Za-z0-9+.\\-]*:[A-Za-z0-9:/._~%#?=&@+\\-]+");

    private static final Key.Other URL = new Key.Other(
            "ehr.fhir-url", NONE, "URL", "base of a FHIR R4 server; without it results and events go no FHIR way");
    private static final Key.Secret EVENT_SECRET = new Key.Secret(
            "ehr.event-secret-file",
            "what header `X-BloodNet-Secret` of events must hold; beyond loopback the server does not start without it");
    private static final Key.Switch ALLOW_OPEN = new Key.Switch(
            "ehr.allow-open",
            false,
            "takes events without a secret beyond loopback, for a network that is closed to others; said in the log at each start");
    private static final Key.Int POLL = new Key.Int(
            "ehr.poll-seconds",
            60,
            10,
            86_400,
            "seconds, or 0 for never",
            "how often changes are looked for: the safety net under events");
    private static final Key.Int OVERLAP = new Key.Int(
            "ehr.poll-overlap-seconds",
            Math.toIntExact(FhirConfig.Intake.DEFAULT.pollOverlap().toSeconds()),
            0,
            3_600,
            "seconds",
            "how far each look reaches back behind the last one");
    private static final Key.Other CALLBACK = new Key.Other(
            "ehr.subscriptions.callback-url",
            NONE,
            "URL",
            "base under which the EHR reaches this server; Subscriptions are kept at the EHR for `<callback-url>/fhir/events`");
    private static final Key.Int CHECK = new Key.Int(
            "ehr.subscriptions.check-seconds",
            60,
            10,
            3_600,
            "seconds",
            "how often they are looked after, and silent topic subscriptions asked how they stand");
    private static final Key.Other TOPIC = new Key.Other(
            "ehr.subscriptions.topic",
            NONE,
            "URI",
            "canonical URL of the EHR's topic, for one topic subscription (R4 backport) instead of R4 rest-hooks");
    private static final Key.Int HEARTBEAT = new Key.Int(
            "ehr.subscriptions.heartbeat-seconds", 60, 10, 3_600, "seconds", "heartbeat asked of a topic subscription");
    private static final Key.Text ORGANIZATION =
            new Key.Text("ehr.organization", FhirConfig.Naming.DEFAULT.organizationName(), "performer in reports");
    private static final Key.Text SYSTEM_PREFIX = new Key.Text(
            "ehr.system-prefix",
            FhirConfig.Naming.DEFAULT.systemPrefix(),
            "start of the identifier systems that are ours, a URI of at most 100 characters; must never change once results were filed");
    private static final Key.Switch WITHOUT_PATIENT = new Key.Switch(
            "ehr.files-without-patient",
            FhirConfig.Results.DEFAULT.withoutPatient(),
            "files results for patients that the EHR does not know, by identifier; else the job is held");
    private static final Key.Choice AI_LABEL = new Key.Choice(
            "ehr.ai-label",
            List.of("ask", "security", "tag"),
            "`ask` the EHR whether it takes the label AIAST; `security` always, an EHR that refuses it gets nothing; `tag` never");
    private static final Key.Switch ALERTS = new Key.Switch(
            "ehr.alerts",
            FhirConfig.Results.DEFAULT.alerts(),
            "sends a suspected hemorrhage as a Communication (alert, stat) too");

    /** Every key of the section. */
    static final List<Key> KEYS = List.of(
            URL,
            new Key.Other("ehr.auth", NONE, "section `auth`", "how this server signs in to the EHR"),
            new Key.Other("ehr.oauth", NONE, "as `auth.oauth`", "short for `ehr.auth.oauth`"),
            new Key.Other("ehr.bearer-token-file", NONE, "file", "short for `ehr.auth.bearer-token-file`"),
            new Key.Other(
                    "ehr.headers-file",
                    NONE,
                    "file, at most 16 KiB",
                    "more headers for the EHR, `Name: value` a line, such as a gateway's API key; read at each request"),
            new Key.Other("ehr.tls", NONE, "section `tls`", "certificates of the connection to the EHR"),
            EVENT_SECRET,
            ALLOW_OPEN,
            POLL,
            OVERLAP,
            CALLBACK,
            CHECK,
            TOPIC,
            HEARTBEAT,
            ORGANIZATION,
            SYSTEM_PREFIX,
            new Key.Other(
                    "ehr.patient-systems",
                    NONE,
                    "at most 100",
                    "FHIR identifier system by HL7 assigning authority, `{ HOSP: \"urn:oid:1.2.3\" }`; how patients are matched without it:"
                            + " [ehr.md](integration/ehr.md)"),
            WITHOUT_PATIENT,
            AI_LABEL,
            ALERTS);

    /** Fills what is absent; {@link #edge} checks the rest. @throws ConfigException naming the key that is out of its range */
    public EhrKeys {
        allowOpen = ALLOW_OPEN.or(allowOpen);
        pollSeconds =
                pollSeconds != null && pollSeconds == 0 ? Integer.valueOf(0) : Integer.valueOf(POLL.or(pollSeconds));
        pollOverlapSeconds = OVERLAP.or(pollOverlapSeconds);
        organization = ORGANIZATION.or(organization);
        systemPrefix = SYSTEM_PREFIX.or(systemPrefix);
        patientSystems = patientSystems == null
                ? Map.of()
                : Collections.unmodifiableMap(new TreeMap<>(Map.copyOf(patientSystems))); // in one order at each start
        filesWithoutPatient = WITHOUT_PATIENT.or(filesWithoutPatient);
        aiLabel = AI_LABEL.or(aiLabel);
        alerts = ALERTS.or(alerts);
        subscriptions = subscriptions == null ? new Subscriptions(null, null, null, null) : subscriptions;
        if (Stream.of(auth, oauth, bearerTokenFile).filter(Objects::nonNull).count() > 1) {
            throw new ConfigException("ehr needs at most one of auth, oauth and bearer-token-file");
        }
    }

    /** The Subscriptions that we keep at the EHR. */
    public record Subscriptions(
            @JsonProperty("callback-url") @Nullable String callbackUrl,
            @JsonProperty("check-seconds") Integer checkSeconds,
            @Nullable String topic,
            @JsonProperty("heartbeat-seconds") Integer heartbeatSeconds) {
        /** Fills what is absent. @throws ConfigException naming the key that is out of its range */
        public Subscriptions {
            checkSeconds = CHECK.or(checkSeconds);
            heartbeatSeconds = HEARTBEAT.or(heartbeatSeconds);
            if (topic != null && callbackUrl == null) {
                throw new ConfigException(TOPIC.name() + " needs " + CALLBACK.name());
            }
        }

        private FhirConfig.@Nullable Subscribing edge() {
            if (callbackUrl == null) {
                return null;
            }
            URI base = Key.url(CALLBACK.name(), callbackUrl.replaceAll("/+$", ""));
            if (base.getRawQuery() != null || base.getRawFragment() != null) {
                throw new ConfigException(CALLBACK.name() + " must have neither query nor fragment");
            }
            return new FhirConfig.Subscribing(
                    URI.create(base + FhirEventReceiver.PATH),
                    topic == null ? null : identifierSystem(TOPIC.name(), topic, SYSTEM_CHARS_MAX),
                    Duration.ofSeconds(heartbeatSeconds));
        }
    }

    static EhrKeys usual() {
        return new EhrKeys(
                null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    /** The server's address; null when there is none. @throws ConfigException when it is no address */
    @Nullable
    URI url() {
        return fhirUrl == null ? null : Key.url(URL.name(), fhirUrl);
    }

    /** Whether anybody who reaches the web server may send events. */
    boolean takesOpenEvents() {
        return fhirUrl != null && eventSecretFile == null;
    }

    /** What the FHIR edge needs; null when there is no FHIR server. @throws ConfigException naming the key that is wrong */
    @Nullable
    FhirConfig edge(OrderKeys orders) {
        URI url = url();
        if (url == null) {
            return null;
        }
        Set<String> codes = new HashSet<>(orders.localCodes());
        codes.add(Hl7Config.Site.LOINC_HEAD_CT);
        String secret = EVENT_SECRET.read(eventSecretFile);
        FhirConfig.Intake intake = new FhirConfig.Intake(
                codes,
                secret == null ? null : new FhirConfig.Secret("X-BloodNet-Secret", secret),
                Duration.ofSeconds(pollOverlapSeconds),
                subscriptions.edge());
        return new FhirConfig(
                url,
                signIn(),
                headersFile == null ? null : Path.of(headersFile),
                TlsKeys.files(tls),
                FhirConfig.Limits.DEFAULT,
                new FhirConfig.Naming(prefix(), organization, systems()),
                intake,
                new FhirConfig.Results(filesWithoutPatient, label(), alerts));
    }

    private FhirConfig.Auth signIn() {
        if (auth != null) {
            return auth.auth("ehr.auth");
        }
        if (oauth != null) {
            return oauth.services("ehr.oauth");
        }
        return bearerTokenFile == null
                ? new FhirConfig.Auth.None()
                : new FhirConfig.Auth.Bearer(Path.of(bearerTokenFile));
    }

    private FhirConfig.Results.Label label() {
        return switch (aiLabel) {
            case "security" -> FhirConfig.Results.Label.SECURITY_LABEL;
            case "tag" -> FhirConfig.Results.Label.TAG;
            default -> FhirConfig.Results.Label.ASK;
        };
    }

    /** Becomes part of identifiers and of search parameters, so it must be a URI without what those would have to escape. */
    private String prefix() {
        return identifierSystem(SYSTEM_PREFIX.name(), systemPrefix, SYSTEM_PREFIX_CHARS_MAX);
    }

    private Map<String, String> systems() {
        String key = "ehr.patient-systems";
        if (patientSystems.size() > PATIENT_SYSTEMS_MAX) {
            throw new ConfigException(
                    key + " has " + patientSystems.size() + " entries, the limit is " + PATIENT_SYSTEMS_MAX);
        }
        patientSystems.forEach((authority, system) -> {
            if (authority.isBlank() || authority.length() > AUTHORITY_CHARS_MAX) {
                throw new ConfigException(
                        key + ": an assigning authority has 1 to " + AUTHORITY_CHARS_MAX + " characters");
            }
            identifierSystem(key + "." + authority, system, SYSTEM_CHARS_MAX);
        });
        return patientSystems;
    }

    private static String identifierSystem(String key, String system, int charsMax) {
        boolean usable =
                system.length() <= charsMax && IDENTIFIER_SYSTEM.matcher(system).matches();
        if (!usable) {
            throw new ConfigException(
                    key + " must be a URI such as urn:oid:1.2.3 or https://hospital.example/mrn, of at most " + charsMax
                            + " characters");
        }
        return system;
    }
}
