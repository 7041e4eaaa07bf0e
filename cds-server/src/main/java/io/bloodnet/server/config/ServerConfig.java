package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.server.cdshooks.CdsHooksConfig;
import io.bloodnet.server.fhir.FhirServers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The server's whole configuration, as the YAML file gives it: one record a section, each of which holds its keys' defaults and ranges and
 * gives its edge what it needs. Here stand only the rules between sections. Keys are kebab-case; unknown ones stop the start, see
 * {@link ConfigFile}. Immutable.
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
@SuppressWarnings("NullAway") // the parser hands null for what is absent; each section sets its defaults
public record ServerConfig(
        HttpKeys http,
        Hl7Keys hl7,
        PacsKeys pacs,
        EhrKeys ehr,
        @JsonProperty("cds-hooks") CdsHooksKeys cdsHooks,
        DatabaseKeys database,
        ModelKeys model,
        AuditKeys audit,
        OrderKeys orders,
        RetentionKeys retention,
        @JsonProperty("sign-in") @Nullable SignInKeys signIn,
        WorklistKeys worklist) {

    /** Fills every absent section with its defaults. @throws ConfigException when sections contradict each other */
    public ServerConfig {
        http = http == null ? HttpKeys.usual() : http;
        hl7 = hl7 == null ? Hl7Keys.usual() : hl7;
        pacs = pacs == null ? PacsKeys.usual() : pacs;
        ehr = ehr == null ? EhrKeys.usual() : ehr;
        cdsHooks = cdsHooks == null ? CdsHooksKeys.usual() : cdsHooks;
        database = database == null ? DatabaseKeys.usual() : database;
        model = model == null ? ModelKeys.usual() : model;
        audit = audit == null ? AuditKeys.usual() : audit;
        orders = orders == null ? OrderKeys.usual() : orders;
        retention = retention == null ? RetentionKeys.usual() : retention;
        worklist = worklist == null ? WorklistKeys.usual() : worklist;
        boolean anybody = http.tokenFile() == null && signIn == null;
        if (!http.isLoopback() && (cdsHooks.clients().isEmpty() || anybody)) {
            throw new ConfigException(
                    "http.host is not a loopback address, so anybody could call: set http.token-file or sign-in, and"
                            + " cds-hooks.clients, or listen on 127.0.0.1");
        }
        if (hl7.isOpen() && !hl7.allowOpen()) {
            throw new ConfigException(
                    "hl7.listen.host is not a loopback address, so anybody could send orders and reports: set hl7.senders or"
                            + " hl7.listen.tls, or hl7.allow-open: true in a network that is closed to others");
        }
        if (!http.isLoopback() && ehr.takesOpenEvents() && !ehr.allowOpen()) {
            throw new ConfigException(
                    "http.host is not a loopback address, so anybody could send events to /fhir/events: set"
                            + " ehr.event-secret-file, or ehr.allow-open: true in a network that is closed to others");
        }
    }

    /** Every key by the section of docs/configuration.md that shows it, in the page's order. */
    static Map<String, List<Key>> keys() {
        Map<String, List<Key>> keys = new LinkedHashMap<>();
        keys.put("http", HttpKeys.KEYS);
        keys.put("sign-in", SignInKeys.KEYS);
        keys.put("worklist", WorklistKeys.KEYS);
        keys.put("hl7", Hl7Keys.KEYS);
        keys.put("pacs", PacsKeys.KEYS);
        keys.put("ehr", EhrKeys.KEYS);
        keys.put("auth", AuthKeys.KEYS);
        keys.put("tls", TlsKeys.KEYS);
        keys.put("cds-hooks", CdsHooksKeys.KEYS);
        keys.put("database", DatabaseKeys.KEYS);
        keys.put("model", ModelKeys.KEYS);
        keys.put("audit", AuditKeys.KEYS);
        keys.put("orders", OrderKeys.KEYS);
        keys.put("retention", RetentionKeys.KEYS);
        return keys;
    }

    /** Whether anybody beyond this machine may send HL7 messages. */
    public boolean ordersAreOpen() {
        return hl7.isOpen();
    }

    /** Whether anybody beyond this machine may send events of the EHR. */
    public boolean eventsAreOpen() {
        return !http.isLoopback() && ehr.takesOpenEvents();
    }

    /** What the HL7 edge needs. @throws ConfigException naming the key that is wrong */
    public Hl7Config hl7Edge() {
        return hl7.edge(orders);
    }

    /** What is particular to the hospital, for HL7 messages. @throws ConfigException naming the key that is wrong */
    public Hl7Config.Site hl7Site() {
        return hl7.site(orders);
    }

    /** What the FHIR edge needs; null when there is no FHIR server. @throws ConfigException naming the key that is wrong */
    public @Nullable FhirConfig fhirEdge() {
        return ehr.edge(orders);
    }

    /** What the CDS service needs. @throws ConfigException naming the key that is wrong */
    public CdsHooksConfig cdsHooksEdge() {
        return cdsHooks.edge(http);
    }

    /** Under which addresses CDS clients name our EHR's FHIR server. @throws ConfigException naming the key that is wrong */
    public FhirServers fhirServers() {
        return cdsHooks.servers(ehr);
    }
}
