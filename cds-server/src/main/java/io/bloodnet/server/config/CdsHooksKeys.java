package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bloodnet.server.cdshooks.CdsHooksConfig;
import io.bloodnet.server.cdshooks.card.ReversalText;
import io.bloodnet.server.cdshooks.drug.DrugClass;
import io.bloodnet.server.fhir.FhirServers;
import io.bloodnet.server.security.TrustedClient;
import java.net.URI;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Section {@code cds-hooks}: who may ask for cards, and what cards say. {@link #KEYS} says what each key means. */
@SuppressWarnings("NullAway") // the parser hands null for what is absent
public record CdsHooksKeys(
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

    private static final String NONE = "none";
    private static final int FHIR_SERVERS_MAX = 20;

    private static final Key.Other BASE_URL = new Key.Other(
            "cds-hooks.base-url", "address of http", "URL", "under which EHRs call; a JWT's `aud` must match");
    private static final Key.Other FHIR_SERVERS = new Key.Other(
            "cds-hooks.fhir-servers",
            NONE,
            "list, at most " + FHIR_SERVERS_MAX,
            "base URLs under which CDS clients name our EHR's FHIR server (`fhirServer`), beside `ehr.fhir-url`");
    private static final Key.Switch SILENT =
            new Key.Switch("cds-hooks.silent", false, "cards are computed and counted, but not shown");
    private static final Key.Switch ENABLED =
            new Key.Switch("cds-hooks.enabled", true, "false answers every call with no cards");
    private static final Key.Other LAUNCH =
            new Key.Other("cds-hooks.smart-launch-url", NONE, "URL", "launch URL of a SMART viewer that cards link to");
    private static final Key.Share PPV_FLOOR = new Key.Share(
            "cds-hooks.ppv-floor", NONE, "while fewer of our flags are confirmed by final reports, none is critical");

    /** Every key of the section. */
    static final List<Key> KEYS = List.of(
            BASE_URL,
            new Key.Other(
                    "cds-hooks.clients",
                    NONE,
                    "list",
                    "who may call: `issuer` with `jwks-file` or `jwks-url`, and `jku`: list of further `jku` values that its tokens may"
                            + " carry; none means no JWT is asked, on loopback only"),
            FHIR_SERVERS,
            new Key.Other("cds-hooks.allowed-origins", NONE, "list", "browser origins that may call, exactly"),
            SILENT,
            ENABLED,
            new Key.Other(
                    "cds-hooks.kill-switch-file",
                    NONE,
                    "file",
                    "while this file exists no cards are shown, without a restart; looked at each second"),
            LAUNCH,
            PPV_FLOOR,
            new Key.Other(
                    "cds-hooks.jurisdiction",
                    NONE,
                    "",
                    "where the site is, such as `US`; without it no reversal text is shown"),
            new Key.Other(
                    "cds-hooks.reversal",
                    NONE,
                    "list",
                    "what the site says about reversing drugs: `drug-class`, `text`, `source`, `dated`, `expires`, `jurisdiction`, see"
                            + " [cds-hooks.md](cds-hooks.md)"));

    /** Fills what is absent; {@link #edge} checks the rest. @throws ConfigException naming the key that is out of its range */
    public CdsHooksKeys {
        clients = clients == null ? List.of() : List.copyOf(clients);
        allowedOrigins = allowedOrigins == null ? List.of() : List.copyOf(allowedOrigins);
        silent = SILENT.or(silent);
        enabled = ENABLED.or(enabled);
        reversal = reversal == null ? List.of() : List.copyOf(reversal);
        fhirServers = fhirServers == null ? List.of() : List.copyOf(fhirServers);
        ppvFloor = PPV_FLOOR.in(ppvFloor);
        if (fhirServers.size() > FHIR_SERVERS_MAX) {
            throw new ConfigException(
                    FHIR_SERVERS.name() + " has " + fhirServers.size() + " entries, the limit is " + FHIR_SERVERS_MAX);
        }
    }

    /** @param drugClass such as vitamin-k-antagonist @param dated ISO date @param expires ISO date, at most three years later */
    public record Reversal(
            @JsonProperty("drug-class") String drugClass,
            String text,
            String source,
            String dated,
            String expires,
            String jurisdiction) {

        private ReversalText edge() {
            String where = "cds-hooks.reversal.";
            DrugClass drugs = drugClass(where + "drug-class", Key.required(where + "drug-class", drugClass));
            try {
                return new ReversalText(
                        drugs,
                        Key.required(where + "text", text),
                        Key.required(where + "source", source),
                        LocalDate.parse(Key.required(where + "dated", dated)),
                        LocalDate.parse(Key.required(where + "expires", expires)),
                        Key.required(where + "jurisdiction", jurisdiction));
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
    }

    /** Exactly one of the two key sources. @param jku values of {@code jku} that tokens may carry beside {@code jwksUrl}; never contacted */
    public record Client(
            String issuer,
            @JsonProperty("jwks-file") @Nullable String jwksFile,
            @JsonProperty("jwks-url") @Nullable String jwksUrl,
            List<String> jku) {
        /** Copies the list. */
        public Client {
            jku = jku == null ? List.of() : List.copyOf(jku);
        }

        private TrustedClient edge() {
            return new TrustedClient(
                    Key.required("cds-hooks.clients.issuer", issuer),
                    jwksFile == null ? null : Path.of(jwksFile),
                    jwksUrl == null ? null : Key.url("cds-hooks.clients.jwks-url", jwksUrl),
                    jku.stream()
                            .map(each -> Key.url("cds-hooks.clients.jku", each))
                            .toList());
        }
    }

    static CdsHooksKeys usual() {
        return new CdsHooksKeys(null, null, null, null, null, null, null, null, null, null, null);
    }

    /** What the CDS service needs. @throws ConfigException naming the key that is wrong */
    CdsHooksConfig edge(HttpKeys http) {
        String base = baseUrl == null ? "http://" + http.host() + ":" + http.port() : baseUrl;
        CdsHooksConfig usual = CdsHooksConfig.of(Key.url(BASE_URL.name(), base.replaceAll("/+$", "")));
        CdsHooksConfig hooks = usual.withClients(
                        clients.stream().map(Client::edge).toList())
                .withAllowedOrigins(allowedOrigins)
                .withOperation(operation())
                .withClinical(clinical())
                .withLinks(links(usual.links()));
        hooks.requireClientsUnlessLoopback(http.host());
        return hooks;
    }

    /** Under which addresses CDS clients name our EHR's FHIR server. @throws ConfigException naming the key that is wrong */
    FhirServers servers(EhrKeys ehr) {
        List<URI> ours = new ArrayList<>();
        URI url = ehr.url();
        if (url != null) {
            ours.add(url);
        }
        fhirServers.forEach(each -> ours.add(Key.url(FHIR_SERVERS.name(), each)));
        return new FhirServers(ours, clients.size() <= 1);
    }

    private CdsHooksConfig.Operation operation() {
        CdsHooksConfig.Operation usual = CdsHooksConfig.Operation.defaults();
        CdsHooksConfig.Mode shown = silent ? CdsHooksConfig.Mode.SILENT : CdsHooksConfig.Mode.ON;
        return new CdsHooksConfig.Operation(
                enabled ? shown : CdsHooksConfig.Mode.OFF,
                killSwitchFile == null ? null : Path.of(killSwitchFile),
                usual.answerWithin(),
                usual.callsAtOnceMax());
    }

    private CdsHooksConfig.Clinical clinical() {
        CdsHooksConfig.Clinical usual = CdsHooksConfig.Clinical.defaults();
        return new CdsHooksConfig.Clinical(
                usual.criticalFor(),
                usual.warningFor(),
                usual.infoFor(),
                usual.silentAfterFeedback(),
                jurisdiction,
                reversal.stream().map(Reversal::edge).toList(),
                ppvFloor);
    }

    private CdsHooksConfig.Links links(CdsHooksConfig.Links usual) {
        return smartLaunchUrl == null
                ? usual
                : new CdsHooksConfig.Links(usual.study(), usual.modelCard(), Key.url(LAUNCH.name(), smartLaunchUrl));
    }
}
