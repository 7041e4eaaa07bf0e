package io.bloodnet.server.config;

import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.eventin.FhirEventReceiver;
import io.bloodnet.fhir.resultout.AiSystem;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.imaging.bloodnet.ModelBundle;
import io.bloodnet.server.cdshooks.CdsHooksConfig;
import io.bloodnet.server.cdshooks.card.ReversalText;
import io.bloodnet.server.cdshooks.drug.DrugClass;
import io.bloodnet.server.config.ServerConfig.ConfigException;
import io.bloodnet.server.security.TrustedClient;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.Charset;
import java.nio.charset.UnsupportedCharsetException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Translates the file's keys into what each edge wants. Pure. */
public final class EdgeConfigs {

    /** MSH-3, MSH-4 and a certificate. */
    private static final int SENDER_PARTS = 3;

    private static final int SYSTEM_PREFIX_CHARS_MAX = 100;
    private static final int SYSTEM_CHARS_MAX = 255;
    private static final int PATIENT_SYSTEMS_MAX = 100;
    private static final int AUTHORITY_CHARS_MAX = 64;
    /** Absolute, without the characters that FHIR searches escape. */
    private static final Pattern IDENTIFIER_SYSTEM =
            Pattern.compile("[A-Za-z][A-Za-z0-9+.\\-]*:[A-Za-z0-9:/._~%#?=&@+\\-]+");

    private EdgeConfigs() {}

    public static AiSystem aiSystem(
            ServerConfig config, ModelBundle bundle, String version, String runtime, @Nullable String modelCard) {
        Map<String, Double> operatingPoints = new LinkedHashMap<>();
        bundle.offered().forEach(point -> operatingPoints.put(point.name(), point.threshold()));
        URI archive = url("pacs.dicomweb-url", config.pacs().dicomwebUrl());
        return new AiSystem(version, runtime, modelCard, operatingPoints, archive);
    }

    public static Hl7Config hl7(ServerConfig config) {
        ServerConfig.Listen listen = config.hl7().listen();
        Hl7Config.Limits d = Hl7Config.Limits.defaults();
        Hl7Config.Limits limits = new Hl7Config.Limits(
                d.frameBytesMax(),
                d.bufferedBytesMax(),
                listen.maxLinks(),
                d.idleTimeout(),
                d.frameTimeout(),
                d.writeTimeout(),
                d.drainTimeout());
        return new Hl7Config(
                new Hl7Config.Listen(listen.host(), listen.port(), limits, tls(listen.tls())),
                site(config),
                results(config));
    }

    /** What is particular to the hospital, for HL7 messages. */
    public static Hl7Config.Site site(ServerConfig config) {
        ServerConfig.Hl7 hl7 = config.hl7();
        return new Hl7Config.Site(
                hl7.application(),
                hl7.facility(),
                codes(config),
                senders(config),
                charset(config),
                hl7.assigningAuthority(),
                zone(hl7.timeZone()),
                accessionFields(config),
                hl7.orrReplies());
    }

    private static ZoneId zone(@Nullable String name) {
        try {
            return name == null ? ZoneId.systemDefault() : ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new ConfigException("hl7.time-zone must be a zone's name such as Europe/Vienna, or an offset");
        }
    }

    private static Hl7Config.@Nullable Results results(ServerConfig config) {
        ServerConfig.Peer peer = config.hl7().results();
        if (peer == null) {
            return null;
        }
        Hl7Config.Results d = Hl7Config.Results.plain(peer.host(), peer.port());
        return new Hl7Config.Results(
                d.host(),
                d.port(),
                peer.application(),
                peer.facility(),
                d.connectTimeout(),
                Duration.ofSeconds(peer.ackTimeoutSeconds()),
                ackMode(peer),
                tls(peer.tls()),
                peer.pdf());
    }

    private static Hl7Config.AckMode ackMode(ServerConfig.Peer peer) {
        if (!peer.enhanced()) {
            return Hl7Config.AckMode.ORIGINAL;
        }
        return peer.applicationAck() ? Hl7Config.AckMode.APPLICATION : Hl7Config.AckMode.COMMIT;
    }

    private static Hl7Config.@Nullable Tls tls(ServerConfig.@Nullable Tls tls) {
        return tls == null
                ? null
                : new Hl7Config.Tls(
                        Path.of(tls.keyStore()),
                        Path.of(tls.keyStorePasswordFile()),
                        Path.of(tls.trustStore()),
                        Path.of(tls.trustStorePasswordFile()));
    }

    private static Set<String> codes(ServerConfig config) {
        Set<String> codes = new HashSet<>(config.orders().headCtCodes());
        codes.add("CTHEADWO");
        return codes;
    }

    private static Set<Hl7Config.AccessionField> accessionFields(ServerConfig config) {
        try {
            return config.hl7().accessionFields().stream()
                    .map(Hl7Config.AccessionField::valueOf)
                    .collect(Collectors.toCollection(LinkedHashSet::new));
        } catch (IllegalArgumentException e) {
            throw new ConfigException("hl7.accession-fields: each must be IPC_1, OBR_18, ORC_3 or OBR_20");
        }
    }

    private static List<Hl7Config.Sender> senders(ServerConfig config) {
        List<Hl7Config.Sender> senders = new ArrayList<>();
        for (String sender : config.hl7().senders()) {
            String[] parts = sender.split("\\|", SENDER_PARTS);
            if (parts.length < 2 || parts[0].isBlank() || parts.length == SENDER_PARTS && parts[2].isBlank()) {
                throw new ConfigException(
                        "hl7.senders: each must be APPLICATION|FACILITY or APPLICATION|FACILITY|CERTIFICATE"
                                + " (MSH-3, MSH-4, the certificate's SHA-256 in hex or its subject)");
            }
            String certificate = parts.length == SENDER_PARTS ? parts[2].strip() : null;
            if (certificate != null && config.hl7().listen().tls() == null) {
                throw new ConfigException("hl7.senders: a certificate needs hl7.listen.tls");
            }
            senders.add(new Hl7Config.Sender(parts[0].strip(), parts[1].strip(), certificate));
        }
        return senders;
    }

    private static Charset charset(ServerConfig config) {
        try {
            return Charset.forName(config.hl7().charset());
        } catch (UnsupportedCharsetException | java.nio.charset.IllegalCharsetNameException e) {
            throw new ConfigException("hl7.charset is not a character set that Java knows");
        }
    }

    /** Null when there is no FHIR server. */
    public static @Nullable FhirConfig fhir(ServerConfig config) {
        ServerConfig.Ehr ehr = config.ehr();
        if (ehr.fhirUrl() == null) {
            return null;
        }
        FhirConfig.Naming naming = new FhirConfig.Naming(systemPrefix(ehr), ehr.organization(), patientSystems(ehr));
        Set<String> codes = codes(config);
        codes.add(Hl7Config.Site.LOINC_HEAD_CT);
        String secret = ServerConfig.secret(ehr.eventSecretFile());
        FhirConfig.Intake intake = new FhirConfig.Intake(
                codes,
                secret == null ? null : new FhirConfig.Secret("X-BloodNet-Secret", secret),
                Duration.ofSeconds(ehr.pollOverlapSeconds()),
                subscribing(ehr.subscriptions()));
        FhirConfig.Tls tls = fhirTls(ehr.tls());
        FhirConfig.Results results = new FhirConfig.Results(ehr.filesWithoutPatient(), label(ehr), ehr.alerts());
        return new FhirConfig(
                url("ehr.fhir-url", ehr.fhirUrl()), auth(ehr), tls, FhirConfig.Limits.DEFAULT, naming, intake, results);
    }

    /** Becomes part of identifiers and of search parameters, so it must be a URI without what those would have to escape. */
    private static String systemPrefix(ServerConfig.Ehr ehr) {
        return identifierSystem("ehr.system-prefix", ehr.systemPrefix(), SYSTEM_PREFIX_CHARS_MAX);
    }

    private static Map<String, String> patientSystems(ServerConfig.Ehr ehr) {
        if (ehr.patientSystems().size() > PATIENT_SYSTEMS_MAX) {
            throw new ConfigException("ehr.patient-systems has "
                    + ehr.patientSystems().size() + " entries, the limit is " + PATIENT_SYSTEMS_MAX);
        }
        ehr.patientSystems().forEach((authority, system) -> {
            if (authority.isBlank() || authority.length() > AUTHORITY_CHARS_MAX) {
                throw new ConfigException(
                        "ehr.patient-systems: an assigning authority has 1 to " + AUTHORITY_CHARS_MAX + " characters");
            }
            identifierSystem("ehr.patient-systems." + authority, system, SYSTEM_CHARS_MAX);
        });
        return ehr.patientSystems();
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

    private static FhirConfig.@Nullable Subscribing subscribing(ServerConfig.Subscriptions keys) {
        if (keys.callbackUrl() == null) {
            return null;
        }
        URI base = url("ehr.subscriptions.callback-url", keys.callbackUrl().replaceAll("/+$", ""));
        if (base.getRawQuery() != null || base.getRawFragment() != null) {
            throw new ConfigException("ehr.subscriptions.callback-url must have neither query nor fragment");
        }
        String topic = keys.topic() == null
                ? null
                : identifierSystem("ehr.subscriptions.topic", keys.topic(), SYSTEM_CHARS_MAX);
        URI callback = URI.create(base + FhirEventReceiver.PATH);
        return new FhirConfig.Subscribing(callback, topic, Duration.ofSeconds(keys.heartbeatSeconds()));
    }

    private static FhirConfig.Results.Label label(ServerConfig.Ehr ehr) {
        return switch (ehr.aiLabel()) {
            case "ask" -> FhirConfig.Results.Label.ASK;
            case "security" -> FhirConfig.Results.Label.SECURITY_LABEL;
            case "tag" -> FhirConfig.Results.Label.TAG;
            default -> throw new ConfigException("ehr.ai-label must be ask, security or tag");
        };
    }

    private static FhirConfig.Auth auth(ServerConfig.Ehr ehr) {
        ServerConfig.OAuth oauth = ehr.oauth();
        if (oauth == null) {
            return ehr.bearerTokenFile() == null
                    ? new FhirConfig.Auth.None()
                    : new FhirConfig.Auth.Bearer(Path.of(ehr.bearerTokenFile()));
        }
        return backendServices("ehr.oauth", oauth);
    }

    static FhirConfig.@Nullable Tls fhirTls(ServerConfig.@Nullable Tls keys) {
        return keys == null
                ? null
                : new FhirConfig.Tls(
                        path(keys.keyStore()),
                        path(keys.keyStorePasswordFile()),
                        path(keys.trustStore()),
                        path(keys.trustStorePasswordFile()));
    }

    private static @Nullable Path path(@Nullable String file) {
        return file == null ? null : Path.of(file);
    }

    /** @param section such as {@code ehr.oauth}, for messages */
    static FhirConfig.Auth.BackendServices backendServices(String section, ServerConfig.OAuth oauth) {
        FhirConfig.Auth.Algorithm algorithm = switch (oauth.algorithm()) {
            case "ES384" -> FhirConfig.Auth.Algorithm.ES384;
            case "RS384" -> FhirConfig.Auth.Algorithm.RS384;
            default -> throw new ConfigException(section + ".algorithm must be ES384 or RS384");
        };
        return new FhirConfig.Auth.BackendServices(
                oauth.tokenUrl() == null ? null : url(section + ".token-url", oauth.tokenUrl()),
                required(section + ".client-id", oauth.clientId()),
                Path.of(required(section + ".private-key-file", oauth.privateKeyFile())),
                oauth.keyId(),
                algorithm,
                oauth.scope() == null ? "system/*.cruds" : oauth.scope());
    }

    private static CdsHooksConfig.Operation operation(ServerConfig.CdsHooks keys, CdsHooksConfig.Mode mode) {
        CdsHooksConfig.Operation usual = CdsHooksConfig.Operation.defaults();
        Path killSwitch = keys.killSwitchFile() == null ? null : Path.of(keys.killSwitchFile());
        return new CdsHooksConfig.Operation(mode, killSwitch, usual.answerWithin(), usual.callsAtOnceMax());
    }

    private static CdsHooksConfig.Clinical clinical(ServerConfig.CdsHooks keys) {
        CdsHooksConfig.Clinical usual = CdsHooksConfig.Clinical.defaults();
        return new CdsHooksConfig.Clinical(
                usual.criticalFor(),
                usual.warningFor(),
                usual.infoFor(),
                usual.silentAfterFeedback(),
                keys.jurisdiction(),
                keys.reversal().stream().map(EdgeConfigs::reversal).toList(),
                keys.ppvFloor());
    }

    private static ReversalText reversal(ServerConfig.Reversal keys) {
        String where = "cds-hooks.reversal.";
        String drugClass = required(where + "drug-class", keys.drugClass());
        try {
            return new ReversalText(
                    drugClass(where + "drug-class", drugClass),
                    required(where + "text", keys.text()),
                    required(where + "source", keys.source()),
                    LocalDate.parse(required(where + "dated", keys.dated())),
                    LocalDate.parse(required(where + "expires", keys.expires())),
                    required(where + "jurisdiction", keys.jurisdiction()));
        } catch (DateTimeParseException | IllegalArgumentException e) {
            throw new ConfigException("cds-hooks.reversal: " + e.getMessage());
        }
    }

    private static DrugClass drugClass(String key, String name) {
        for (DrugClass drugClass : DrugClass.values()) {
            if (drugClass.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(name)) {
                return drugClass;
            }
        }
        throw new ConfigException(key + " is none of the classes that docs/cds-hooks.md lists");
    }

    private static CdsHooksConfig.Links links(ServerConfig.CdsHooks keys, CdsHooksConfig.Links usual) {
        return keys.smartLaunchUrl() == null
                ? usual
                : new CdsHooksConfig.Links(
                        usual.study(), usual.modelCard(), url("cds-hooks.smart-launch-url", keys.smartLaunchUrl()));
    }

    public static CdsHooksConfig cdsHooks(ServerConfig config, int port) {
        ServerConfig.CdsHooks keys = config.cdsHooks();
        String base = keys.baseUrl() == null ? "http://" + config.http().host() + ":" + port : keys.baseUrl();
        List<TrustedClient> clients = keys.clients().stream()
                .map(c -> new TrustedClient(
                        required("cds-hooks.clients.issuer", c.issuer()),
                        c.jwksFile() == null ? null : Path.of(c.jwksFile()),
                        c.jwksUrl() == null ? null : url("cds-hooks.clients.jwks-url", c.jwksUrl()),
                        c.jku().stream()
                                .map(jku -> url("cds-hooks.clients.jku", jku))
                                .toList()))
                .toList();
        CdsHooksConfig.Mode mode = !keys.enabled()
                ? CdsHooksConfig.Mode.OFF
                : keys.silent() ? CdsHooksConfig.Mode.SILENT : CdsHooksConfig.Mode.ON;
        CdsHooksConfig hooks = CdsHooksConfig.of(url("cds-hooks.base-url", base.replaceAll("/+$", "")));
        hooks = hooks.withClients(clients)
                .withAllowedOrigins(keys.allowedOrigins())
                .withOperation(operation(keys, mode))
                .withClinical(clinical(keys))
                .withLinks(links(keys, hooks.links()));
        hooks.requireClientsUnlessLoopback(config.http().host());
        return hooks;
    }

    /** Under which addresses CDS clients name our EHR's FHIR server. */
    public static FhirServers fhirServers(ServerConfig config) {
        ServerConfig.CdsHooks keys = config.cdsHooks();
        List<URI> ours = new ArrayList<>();
        if (config.ehr().fhirUrl() != null) {
            ours.add(url("ehr.fhir-url", config.ehr().fhirUrl()));
        }
        keys.fhirServers().forEach(each -> ours.add(url("cds-hooks.fhir-servers", each)));
        return new FhirServers(ours, keys.clients().size() <= 1);
    }

    static URI url(String key, String value) {
        try {
            URI url = new URI(value);
            boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            if (!http || url.getHost() == null || url.getUserInfo() != null) {
                throw new ConfigException(key + " must be an http or https URL without user and password");
            }
            return url;
        } catch (URISyntaxException e) {
            throw new ConfigException(key + " is not a URL");
        }
    }

    static String required(String key, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw new ConfigException(key + " is missing");
        }
        return value;
    }
}
