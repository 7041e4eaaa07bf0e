package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bloodnet.imaging.study.BloodNetAnalyzer;
import io.bloodnet.server.http.CertificateKeys;
import io.bloodnet.server.retention.RetentionLimits;
import io.bloodnet.server.security.Loopback;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The server's whole configuration, as the YAML file gives it. Every key has its default here and nowhere else; docs/configuration.md
 * lists them with unit and range. Keys are kebab-case; unknown ones stop the start, see {@link ConfigFile}.
 *
 * @param http where the web server listens
 * @param hl7 the HL7 v2 edge
 * @param pacs the image archive
 * @param ehr the FHIR server
 * @param cdsHooks who may call the CDS services
 * @param database where everything is kept
 * @param model which model looks
 * @param audit the audit log's key and anchors
 * @param orders which orders are for us and how long they wait
 * @param retention for how long what is kept
 * @param signIn how people sign in; null when nobody can
 * @param worklist what the worklist's page goes by
 */
@SuppressWarnings("NullAway") // the parser hands null for what is absent; each constructor sets the default
public record ServerConfig(
        Http http,
        Hl7 hl7,
        Pacs pacs,
        Ehr ehr,
        @JsonProperty("cds-hooks") CdsHooks cdsHooks,
        DatabaseKeys database,
        Model model,
        Audit audit,
        Orders orders,
        Retention retention,
        @JsonProperty("sign-in") @Nullable SignInKeys signIn,
        WorklistKeys worklist) {

    /** Fills every absent section with its defaults. */
    public ServerConfig {
        http = http == null ? new Http(null, null, null, null, null) : http;
        hl7 = hl7 == null ? new Hl7(null, null, null, null, null, null, null, null, null, null, null) : hl7;
        pacs = pacs == null ? new Pacs(null, null, null, null) : pacs;
        ehr = ehr == null ? Ehr.defaults() : ehr;
        cdsHooks = cdsHooks == null
                ? new CdsHooks(null, null, null, null, null, null, null, null, null, null, null)
                : cdsHooks;
        database = database == null ? new DatabaseKeys(null, null, null) : database;
        model = model == null ? new Model(null, null, null, null) : model;
        audit = audit == null ? new Audit(null, null, null, null, null) : audit;
        orders = orders == null ? new Orders(null, null, null, null, null) : orders;
        retention = retention == null ? new Retention(null, null, null, null, null, null) : retention;
        worklist = worklist == null ? WorklistKeys.defaults() : worklist;
        boolean anybody = http.tokenFile() == null && signIn == null;
        if (!Loopback.isLoopback(http.host()) && (cdsHooks.clients().isEmpty() || anybody)) {
            throw new ConfigException(
                    "http.host is not a loopback address, so anybody could call: set http.token-file or sign-in, and"
                            + " cds-hooks.clients, or listen on 127.0.0.1");
        }
        if (ordersAreOpen(hl7) && !hl7.allowOpen()) {
            throw new ConfigException(
                    "hl7.listen.host is not a loopback address, so anybody could send orders and reports: set hl7.senders or"
                            + " hl7.listen.tls, or hl7.allow-open: true in a network that is closed to others");
        }
        if (eventsAreOpen(http, ehr) && !ehr.allowOpen()) {
            throw new ConfigException(
                    "http.host is not a loopback address, so anybody could send events to /fhir/events: set"
                            + " ehr.event-secret-file, or ehr.allow-open: true in a network that is closed to others");
        }
    }

    /** Whether anybody beyond this machine may send HL7 messages. */
    public boolean ordersAreOpen() {
        return ordersAreOpen(hl7);
    }

    private static boolean ordersAreOpen(Hl7 hl7) {
        return !loopback(hl7.listen().host())
                && hl7.senders().isEmpty()
                && hl7.listen().tls() == null;
    }

    /** Whether anybody beyond this machine may send events of the EHR. */
    public boolean eventsAreOpen() {
        return eventsAreOpen(http, ehr);
    }

    private static boolean eventsAreOpen(Http http, Ehr ehr) {
        return !loopback(http.host()) && ehr.fhirUrl() != null && ehr.eventSecretFile() == null;
    }

    /**
     * @param port 0 takes any free one
     * @param tokenFile what programs that call /api and /fhir must present (Bearer, or Basic as password); null for none
     * @param tls our certificate; null for plain HTTP
     * @param probes another listener for /health and /metrics alone; null for none
     */
    public record Http(
            String host,
            Integer port,
            @JsonProperty("token-file") @Nullable String tokenFile,
            @Nullable CertificateKeys tls,
            @Nullable Probes probes) {
        public Http {
            host = or(host, "127.0.0.1");
            port = portNumber("http.port", port, 8080);
        }
    }

    /** @param port 0 takes any free one */
    public record Probes(String host, Integer port) {
        public Probes {
            host = or(host, "127.0.0.1");
            port = portNumber("http.probes.port", port, 8079);
        }
    }

    /**
     * @param listen where orders come in
     * @param results where ORU^R01 goes; null for nowhere
     * @param application our name in MSH-3
     * @param facility our place in MSH-4
     * @param timeZone of times without an offset; null for the machine's
     * @param orrReplies whether ORM^O01 is answered with ORR^O02 instead of a plain ACK
     * @param senders who may send, {@code APP|FACILITY} (MSH-3, MSH-4) or {@code APP|FACILITY|CERTIFICATE} (its SHA-256 in hex or its
     *     subject); empty for all
     * @param allowOpen whether messages are taken from anybody beyond loopback, for networks that are closed to others
     * @param charset character set of messages without MSH-18
     * @param assigningAuthority which repetition of PID-3 is ours; null takes the one of type MR
     * @param accessionFields where the accession number is, best first: IPC_1, OBR_18, ORC_3, OBR_20; those that are there must agree
     */
    public record Hl7(
            Listen listen,
            @Nullable Peer results,
            String application,
            String facility,
            @JsonProperty("time-zone") @Nullable String timeZone,
            @JsonProperty("orr-replies") Boolean orrReplies,
            List<String> senders,
            @JsonProperty("allow-open") Boolean allowOpen,
            String charset,
            @JsonProperty("assigning-authority") @Nullable String assigningAuthority,
            @JsonProperty("accession-fields") List<String> accessionFields) {
        public Hl7 {
            listen = listen == null ? new Listen(null, null, null, null) : listen;
            application = or(application, "BLOODNET");
            facility = or(facility, "HOSP");
            orrReplies = orrReplies != null && orrReplies;
            senders = senders == null ? List.of() : List.copyOf(senders);
            allowOpen = allowOpen != null && allowOpen;
            charset = or(charset, "UTF-8");
            accessionFields =
                    accessionFields == null ? List.of("IPC_1", "OBR_18", "ORC_3") : List.copyOf(accessionFields);
        }
    }

    /** @param tls null for plain text @param maxLinks connections at a time, 1 to 10000 */
    public record Listen(
            String host,
            Integer port,
            @JsonProperty("max-links") Integer maxLinks,
            @Nullable Tls tls) {
        public Listen {
            host = or(host, "127.0.0.1");
            port = portNumber("hl7.listen.port", port, 2575);
            maxLinks = range("hl7.listen.max-links", maxLinks, 1_000, 1, 10_000);
        }
    }

    /** PKCS12 files; each password in a file of its own. */
    public record Tls(
            @JsonProperty("key-store") String keyStore,
            @JsonProperty("key-store-password-file") String keyStorePasswordFile,
            @JsonProperty("trust-store") String trustStore,
            @JsonProperty("trust-store-password-file") String trustStorePasswordFile) {}

    /**
     * @param application the receiver's name in MSH-5
     * @param facility its place in MSH-6
     * @param ackTimeoutSeconds 1 to 600, for each acknowledgement
     * @param enhanced whether we ask for a commit acknowledgement
     * @param applicationAck whether we then wait for the application's acknowledgement too; only with {@code enhanced}
     * @param pdf whether the report goes along as PDF
     */
    public record Peer(
            String host,
            Integer port,
            String application,
            String facility,
            @JsonProperty("ack-timeout-seconds") Integer ackTimeoutSeconds,
            Boolean enhanced,
            @JsonProperty("application-ack") Boolean applicationAck,
            Boolean pdf,
            @Nullable Tls tls) {
        public Peer {
            host = or(host, "127.0.0.1");
            port = portNumber("hl7.results.port", port, 2576);
            ackTimeoutSeconds = range("hl7.results.ack-timeout-seconds", ackTimeoutSeconds, 30, 1, 600);
            application = or(application, "EHR");
            facility = or(facility, "HOSP");
            enhanced = enhanced != null && enhanced;
            applicationAck = applicationAck != null && applicationAck;
            pdf = pdf == null || pdf;
            if (applicationAck && !enhanced) {
                throw new ConfigException("hl7.results.application-ack needs hl7.results.enhanced: true");
            }
        }
    }

    /**
     * @param dicomwebUrl base URL of QIDO-RS, WADO-RS and STOW-RS
     * @param auth how we sign in; null for not at all
     * @param headersFile more headers, {@code Name: value} a line; null for none
     * @param tls own certificate and trusted authorities; null for the JDK's authorities
     */
    public record Pacs(
            @JsonProperty("dicomweb-url") String dicomwebUrl,
            @Nullable PacsAuth auth,
            @JsonProperty("headers-file") @Nullable String headersFile,
            @Nullable Tls tls) {
        public Pacs {
            dicomwebUrl = or(dicomwebUrl, "http://127.0.0.1:8081/dicom-web");
        }
    }

    /** Exactly one of three: {@code user} with {@code passwordFile} (Basic), {@code bearerTokenFile}, or {@code oauth}. */
    public record PacsAuth(
            @Nullable String user,
            @JsonProperty("password-file") @Nullable String passwordFile,
            @JsonProperty("bearer-token-file") @Nullable String bearerTokenFile,
            @Nullable OAuth oauth) {}

    /**
     * @param fhirUrl base URL; null when there is no FHIR server
     * @param oauth SMART Backend Services; null for none
     * @param bearerTokenFile a static token; null for none
     * @param tls client certificate; null for none
     * @param eventSecretFile what the header X-BloodNet-Secret of events must hold; null for none
     * @param allowOpen whether events are taken without a secret beyond loopback, for networks that are closed to others
     * @param pollSeconds how often changes are looked for, 10 to 86400; 0 for never
     * @param pollOverlapSeconds how far each look reaches back behind the last one, 0 to 3600
     * @param organization name of the organization that runs the AI, as reports name it
     * @param systemPrefix start of the identifier systems that are ours; must never change once results were filed
     * @param patientSystems FHIR identifier system by HL7 assigning authority, at most 100
     * @param filesWithoutPatient whether results are filed for patients that the EHR does not know
     * @param aiLabel {@code ask}, {@code security} or {@code tag}: how resources say that AI made them
     * @param alerts whether a suspected hemorrhage is also sent as a Communication
     * @param subscriptions the Subscriptions that we keep there
     */
    public record Ehr(
            @JsonProperty("fhir-url") @Nullable String fhirUrl,
            @Nullable OAuth oauth,
            @JsonProperty("bearer-token-file") @Nullable String bearerTokenFile,
            @Nullable Tls tls,
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
        public Ehr {
            allowOpen = allowOpen != null && allowOpen;
            pollOverlapSeconds = range("ehr.poll-overlap-seconds", pollOverlapSeconds, 300, 0, 3_600);
            systemPrefix = or(systemPrefix, "urn:bloodnet");
            patientSystems = patientSystems == null ? Map.of() : Map.copyOf(patientSystems);
            filesWithoutPatient = filesWithoutPatient != null && filesWithoutPatient;
            aiLabel = or(aiLabel, "ask");
            alerts = alerts != null && alerts;
            subscriptions = subscriptions == null ? new Subscriptions(null, null, null, null) : subscriptions;
            pollSeconds = pollSeconds != null && pollSeconds == 0
                    ? Integer.valueOf(0)
                    : range("ehr.poll-seconds", pollSeconds, 60, 10, 86_400);
            organization = or(organization, "BloodNet CDS");
        }

        static Ehr defaults() {
            return new Ehr(null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
        }
    }

    /**
     * @param callbackUrl base URL under which the EHR reaches this server; null makes no Subscriptions
     * @param checkSeconds how often they are looked after, 10 to 3600
     * @param topic canonical URL of the EHR's topic; null for R4 rest-hooks
     * @param heartbeatSeconds how often a topic subscription shall show that it lives, 10 to 3600
     */
    public record Subscriptions(
            @JsonProperty("callback-url") @Nullable String callbackUrl,
            @JsonProperty("check-seconds") Integer checkSeconds,
            @Nullable String topic,
            @JsonProperty("heartbeat-seconds") Integer heartbeatSeconds) {
        public Subscriptions {
            checkSeconds = range("ehr.subscriptions.check-seconds", checkSeconds, 60, 10, 3_600);
            heartbeatSeconds = range("ehr.subscriptions.heartbeat-seconds", heartbeatSeconds, 60, 10, 3_600);
            if (topic != null && callbackUrl == null) {
                throw new ConfigException("ehr.subscriptions.topic needs ehr.subscriptions.callback-url");
            }
        }
    }

    /** SMART Backend Services (client_credentials with private_key_jwt). {@code tokenUrl} null: found by .well-known/smart-configuration. */
    public record OAuth(
            @JsonProperty("token-url") @Nullable String tokenUrl,
            @JsonProperty("client-id") String clientId,
            @JsonProperty("private-key-file") String privateKeyFile,
            @JsonProperty("key-id") @Nullable String keyId,
            String algorithm,
            @Nullable String scope) {
        public OAuth {
            algorithm = or(algorithm, "ES384");
        }
    }

    /**
     * @param baseUrl under which EHRs call us; JWTs must name it exactly; null for the address it listens on
     * @param clients who may call; empty means that no token is asked for, allowed on loopback only
     * @param allowedOrigins browser origins that may call, exactly
     * @param silent cards are computed and counted, but not shown
     * @param enabled false answers every call with no cards
     * @param killSwitchFile while this file exists no cards are shown, without a restart; null for none
     * @param smartLaunchUrl launch URL of a SMART viewer that cards link to; null for none
     * @param jurisdiction where the site is, such as {@code US}; reversal texts of elsewhere are not shown
     * @param reversal what the site says about reversing drugs; empty: "per local protocol"
     * @param fhirServers base URLs under which callers name our EHR's FHIR server, beside {@code ehr.fhir-url}; at most 20
     * @param ppvFloor positive predictive value, 0 to 1, below which no flag is critical; null for none
     */
    public record CdsHooks(
            @JsonProperty("base-url") @Nullable String baseUrl,
            List<Client> clients,
            @JsonProperty("allowed-origins") List<String> allowedOrigins,
            Boolean silent,
            Boolean enabled,
            @JsonProperty("kill-switch-file") @Nullable String killSwitchFile,
            @JsonProperty("smart-launch-url") @Nullable String smartLaunchUrl,
            @Nullable String jurisdiction,
            List<Reversal> reversal,
            @JsonProperty("fhir-servers") List<String> fhirServers,
            @JsonProperty("ppv-floor") @Nullable Double ppvFloor) {
        public CdsHooks {
            reversal = reversal == null ? List.of() : List.copyOf(reversal);
            fhirServers = fhirServers == null ? List.of() : List.copyOf(fhirServers);
            if (fhirServers.size() > 20) {
                throw new ConfigException(
                        "cds-hooks.fhir-servers has " + fhirServers.size() + " entries, the limit is 20");
            }
            clients = clients == null ? List.of() : List.copyOf(clients);
            allowedOrigins = allowedOrigins == null ? List.of() : List.copyOf(allowedOrigins);
            silent = silent != null && silent;
            enabled = enabled == null || enabled;
        }
    }

    /** @param drugClass such as vitamin-k-antagonist @param dated ISO date @param expires ISO date, at most three years later */
    public record Reversal(
            @JsonProperty("drug-class") String drugClass,
            String text,
            String source,
            String dated,
            String expires,
            String jurisdiction) {}

    /** Exactly one of the two key sources. @param jku values of {@code jku} that tokens may carry beside {@code jwksUrl}; never contacted */
    public record Client(
            String issuer,
            @JsonProperty("jwks-file") @Nullable String jwksFile,
            @JsonProperty("jwks-url") @Nullable String jwksUrl,
            List<String> jku) {
        public Client {
            jku = jku == null ? List.of() : List.copyOf(jku);
        }
    }

    /** @param url {@code jdbc:h2:file:...} or {@code jdbc:postgresql:...} */
    public record DatabaseKeys(
            String url,
            String user,
            @JsonProperty("password-file") @Nullable String passwordFile) {
        public DatabaseKeys {
            url = or(url, "jdbc:h2:file:./data/bloodnet");
            user = or(user, "sa");
        }
    }

    /**
     * @param bundle folder of model.onnx and model.json; null for the shipped one
     * @param threshold 0 to 1; null for the bundle's operating point
     * @param provider {@code cpu} or {@code cuda}: CUDA is tried first, CPU serves when it does not work
     * @param minimumAge years; younger patients end not analyzed; 0 to 120
     */
    public record Model(
            @Nullable String bundle,
            @Nullable Double threshold,
            String provider,
            @JsonProperty("minimum-age") Integer minimumAge) {
        public Model {
            provider = or(provider, "cpu");
            minimumAge = minimumAge == null ? BloodNetAnalyzer.Limits.DEFAULT.ageYearsMin() : minimumAge;
            if (minimumAge < 0 || minimumAge > 120) {
                throw new ConfigException("model.minimum-age " + minimumAge + " is not in 0..120");
            }
            if (threshold != null && !(threshold >= 0 && threshold <= 1)) {
                throw new ConfigException("model.threshold " + threshold + " is not in 0..1");
            }
            if (!Set.of("cpu", "cuda").contains(provider)) {
                throw new ConfigException("model.provider must be cpu or cuda");
            }
        }
    }

    /**
     * @param keyFile Ed25519 key, made on first start
     * @param anchorFile where checkpoints are copied; null beside the key
     * @param witnesses who cosigns checkpoints
     * @param requireAppendOnly refuse to start when the database user could change the log (PostgreSQL)
     * @param syslog where every entry goes as well; null for nowhere
     */
    public record Audit(
            @JsonProperty("key-file") String keyFile,
            @JsonProperty("anchor-file") @Nullable String anchorFile,
            List<WitnessKeys> witnesses,
            @JsonProperty("require-append-only") Boolean requireAppendOnly,
            @Nullable Syslog syslog) {
        public Audit {
            keyFile = or(keyFile, "./data/audit-key.pem");
            witnesses = witnesses == null ? List.of() : List.copyOf(witnesses);
            requireAppendOnly = requireAppendOnly != null && requireAppendOnly;
        }
    }

    /** @param name under which it signs @param url its base @param publicKeyFile its public key, PEM */
    public record WitnessKeys(
            String name,
            String url,
            @JsonProperty("public-key-file") String publicKeyFile) {}

    /** An ATNA audit repository. @param tls mutual TLS; a repository over plain TCP is not supported */
    public record Syslog(String host, Integer port, Tls tls) {
        public Syslog {
            port = portNumber("audit.syslog.port", port, 6514);
        }
    }

    /**
     * @param headCtCodes procedure codes that are for us, beside LOINC 30799-1 and CTHEADWO
     * @param quietSeconds a study is complete when its count stands still that long, where nobody says how many there are; 1 to 3600
     * @param overdueMinutes from then on missing images are shown as overdue; 1 to 10080
     * @param giveUpHours from then on an order ends NOT_ANALYZED, a delivery FAILED; 1 to 720
     * @param imagesWithoutPatient what becomes of a study whose images name no patient: {@code hold} for a person, or {@code file} with a flag
     */
    public record Orders(
            @JsonProperty("head-ct-codes") List<String> headCtCodes,
            @JsonProperty("quiet-seconds") Integer quietSeconds,
            @JsonProperty("overdue-minutes") Integer overdueMinutes,
            @JsonProperty("give-up-hours") Integer giveUpHours,
            @JsonProperty("images-without-patient") String imagesWithoutPatient) {
        public Orders {
            headCtCodes = headCtCodes == null ? List.of() : List.copyOf(headCtCodes);
            quietSeconds = range("orders.quiet-seconds", quietSeconds, 10, 1, 3_600);
            overdueMinutes = range("orders.overdue-minutes", overdueMinutes, 60, 1, 10_080);
            giveUpHours = range("orders.give-up-hours", giveUpHours, 24, 1, 720);
            imagesWithoutPatient = or(imagesWithoutPatient, "hold");
            if (!Set.of("hold", "file").contains(imagesWithoutPatient)) {
                throw new ConfigException("orders.images-without-patient must be hold or file");
            }
        }
    }

    /**
     * Days, 1 to 3650 where nothing else is said; what is open is kept as long as it is, and the audit log has its own rules.
     *
     * @param messageBodiesDays bodies of messages about our orders
     * @param messageIdsDays ids, hashes and replies of messages; at least {@code messageBodiesDays}
     * @param imagesDays masks and key images in deliveries that arrived
     * @param ordersDays orders that have ended, from their last change; 7 to 3650
     * @param resourcesDays what was filed in the EHR, on our own FHIR face; 7 to 3650
     * @param cardsDays cards and feedback; 7 to 3650
     */
    public record Retention(
            @JsonProperty("message-bodies-days") Integer messageBodiesDays,
            @JsonProperty("message-ids-days") Integer messageIdsDays,
            @JsonProperty("images-days") Integer imagesDays,
            @JsonProperty("orders-days") Integer ordersDays,
            @JsonProperty("resources-days") Integer resourcesDays,
            @JsonProperty("cards-days") Integer cardsDays) {
        public Retention {
            RetentionLimits usual = RetentionLimits.DEFAULT;
            messageBodiesDays = days("message-bodies-days", messageBodiesDays, usual.messageBodies(), 1);
            messageIdsDays =
                    days("message-ids-days", messageIdsDays, Math.max(usual.messageIds(), messageBodiesDays), 1);
            imagesDays = days("images-days", imagesDays, usual.images(), 1);
            ordersDays = days("orders-days", ordersDays, usual.orders(), 7);
            resourcesDays = days("resources-days", resourcesDays, usual.resources(), 7);
            cardsDays = days("cards-days", cardsDays, usual.cards(), 7);
            if (messageIdsDays < messageBodiesDays) {
                throw new ConfigException("retention.message-ids-days must be at least retention.message-bodies-days");
            }
        }

        private static Integer days(String key, Integer value, int usual, int min) {
            return range("retention." + key, value, usual, min, 3_650);
        }

        public RetentionLimits limits() {
            return new RetentionLimits(
                    messageBodiesDays, messageIdsDays, imagesDays, ordersDays, resourcesDays, cardsDays);
        }
    }

    /** A setting that cannot be used; the message names the key and the permitted range, for the person who starts the server. */
    public static final class ConfigException extends RuntimeException {
        public ConfigException(String message) {
            super(message);
        }
    }

    /** The text of a secret's file without its last line break; null for no file. */
    public static @Nullable String secret(@Nullable String file) {
        if (file == null) {
            return null;
        }
        try {
            return java.nio.file.Files.readString(Path.of(file)).strip();
        } catch (java.io.IOException e) {
            throw new ConfigException("the secret's file cannot be read: " + file);
        }
    }

    private static boolean loopback(String host) {
        return Loopback.isLoopback(host);
    }

    private static String or(@Nullable String value, String fallback) {
        return value == null || value.isBlank() ? fallback : value;
    }

    private static Integer portNumber(String key, @Nullable Integer value, int fallback) {
        return range(key, value, fallback, 0, 65_535);
    }

    private static Integer range(String key, @Nullable Integer value, int fallback, int min, int max) {
        int number = value == null ? fallback : value;
        if (number < min || number > max) {
            throw new ConfigException(key + " " + number + " is not in " + min + ".." + max);
        }
        return number;
    }
}
