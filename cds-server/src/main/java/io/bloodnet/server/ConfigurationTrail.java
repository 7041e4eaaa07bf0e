package io.bloodnet.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.Outcome;
import io.bloodnet.audit.store.AuditQuery;
import io.bloodnet.audit.store.AuditSearch;
import io.bloodnet.imaging.peer.Sha256;
import io.bloodnet.server.config.ServerConfig;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Says in the audit log that a server starts with another configuration than it had at its last start. The entry names the sections, with
 * the beginnings of their digests; the configuration holds names of files with secrets, and no secret.
 */
final class ConfigurationTrail {

    /** The newest entries among which a server looks for its own; servers of one database are few. */
    private static final int LOOKED_AT_MAX = 50;

    private static final int DIGEST_CHARS = 8;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final AuditSearch entries;
    private final AuditLog audit;
    private final InstantSource clock;

    ConfigurationTrail(AuditSearch entries, AuditLog audit, InstantSource clock) {
        this.entries = entries;
        this.audit = audit;
        this.clock = clock;
    }

    /** Writes an entry unless the last one of this server tells of the same configuration. @param node this server's name in the log */
    void started(ServerConfig config, String node) {
        String digest = Sha256.hex(config.toString());
        Map<String, String> sections = sections(config);
        Optional<JsonNode> last = last(node);
        if (last.isPresent() && digest.equals(last.get().path("configSha256").asText())) {
            return;
        }
        String before = last.map(event -> event.path("summary").asText()).orElse("");
        String changed = sections.entrySet().stream()
                .filter(section -> !before.contains(word(section)))
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(", "));
        String all = sections.entrySet().stream().map(ConfigurationTrail::word).collect(Collectors.joining(" "));
        String summary = (last.isEmpty() ? "first start" : "changed: " + changed) + "; sections: " + all;
        audit.record(new AuditEvent.ConfigurationChanged(
                clock.instant(), About.nothing(), Outcome.SUCCESS, digest, summary));
    }

    private static String word(Map.Entry<String, String> section) {
        return section.getKey() + "=" + section.getValue();
    }

    private Optional<JsonNode> last(String node) {
        return entries.find(AuditQuery.newest(LOOKED_AT_MAX).withType("ConfigurationChanged")).stream()
                .map(entry -> json(entry.line()))
                .filter(line -> node.equals(line.path("node").asText()))
                .map(line -> line.path("event"))
                .findFirst();
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a line of the audit log is no JSON", e);
        }
    }

    private static Map<String, String> sections(ServerConfig config) {
        Map<String, Object> all = new TreeMap<>();
        all.put("audit", config.audit());
        all.put("cds-hooks", config.cdsHooks());
        all.put("database", config.database());
        all.put("ehr", config.ehr());
        all.put("hl7", config.hl7());
        all.put("http", config.http());
        all.put("model", config.model());
        all.put("orders", config.orders());
        all.put("pacs", config.pacs());
        all.put("retention", config.retention());
        all.put("sign-in", String.valueOf(config.signIn()));
        all.put("worklist", config.worklist());
        Map<String, String> digests = new TreeMap<>();
        all.forEach((section, keys) ->
                digests.put(section, Sha256.hex(keys.toString()).substring(0, DIGEST_CHARS)));
        return digests;
    }
}
