package io.bloodnet.audit.verify;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.audit.ledger.Checkpoint;
import io.bloodnet.audit.ledger.EntryLine;
import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.MalformedNoteException;
import io.bloodnet.audit.ledger.MerkleProofs;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.ledger.TreeHasher;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Entries with all that is needed to show, to anybody who trusts the log's key, that they are in the log: one entry, or the whole life of
 * one order. It proves what it shows; that nothing was left out shows only the whole log.
 *
 * @param subject what the entries have in common, such as {@code job 17}
 * @param checkpoint the signed note that the proofs lead to
 * @param entries in their order in the log
 */
public record AuditProof(String subject, SignedNote checkpoint, List<Proven> entries) {

    static final String FORMAT = "bloodnet-audit-proof/1";
    /** More entries than any order's life has. */
    static final int ENTRIES_MAX = 100_000;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    public AuditProof {
        entries = List.copyOf(entries);
        if (entries.isEmpty() || entries.size() > ENTRIES_MAX) {
            throw new MalformedNoteException("a proof has 1 to " + ENTRIES_MAX + " entries, got " + entries.size());
        }
    }

    /** One entry, its place, its exact line, and its path to the root. */
    public record Proven(long seq, String line, List<Hash> path) {
        public Proven {
            path = List.copyOf(path);
        }
    }

    /** Checks every entry against the checkpoint, and the checkpoint against the keys that the caller trusts. */
    public Verification verify(PublicKeys trusted) {
        Checkpoint signed = Checkpoint.parse(checkpoint.text());
        Findings findings = new Findings();
        long last = -1;
        for (Proven entry : entries) {
            byte[] line = entry.line().getBytes(StandardCharsets.UTF_8);
            if (entry.seq() <= last || !EntryLine.hasSeq(line, 0, line.length, entry.seq())) {
                findings.entry(entry.seq(), "not the line of this entry, or out of order");
            }
            Hash leaf = new TreeHasher().leaf(line);
            if (!MerkleProofs.includes(leaf, entry.seq(), signed.size(), entry.path(), signed.root())) {
                findings.entry(entry.seq(), "not in the log that the checkpoint signs");
            }
            last = entry.seq();
        }
        if (!trusted.signed(checkpoint, signed.origin())) {
            findings.entries(entries.getFirst().seq(), last, "the checkpoint is not signed by a trusted key");
        }
        return findings.verdict(entries.size(), signed.root());
    }

    public String toJson() {
        ObjectNode json = JSON.createObjectNode();
        json.put("format", FORMAT).put("subject", subject).put("checkpoint", checkpoint.format());
        ArrayNode list = json.putArray("entries");
        for (Proven entry : entries) {
            ArrayNode path = list.addObject()
                    .put("seq", entry.seq())
                    .put("line", entry.line())
                    .putArray("path");
            entry.path().forEach(hash -> path.add(hash.base64()));
        }
        return json.toString();
    }

    /** @throws MalformedNoteException when it is not a proof */
    public static AuditProof parse(String text) {
        try {
            JsonNode json = JSON.readTree(text);
            if (!json.path("format").asText().equals(FORMAT)) {
                throw new MalformedNoteException("not a proof of format " + FORMAT);
            }
            List<Proven> entries = new ArrayList<>();
            for (JsonNode entry : array(json, "entries", ENTRIES_MAX)) {
                JsonNode seq = entry.path("seq");
                if (!seq.canConvertToLong() || !seq.isIntegralNumber()) {
                    throw new MalformedNoteException("an entry's seq is not a number");
                }
                entries.add(new Proven(seq.asLong(), text(entry, "line"), path(entry)));
            }
            return new AuditProof(text(json, "subject"), SignedNote.parse(text(json, "checkpoint")), entries);
        } catch (JacksonException e) {
            throw new MalformedNoteException("not JSON");
        }
    }

    private static List<Hash> path(JsonNode entry) {
        List<Hash> path = new ArrayList<>();
        for (JsonNode hash : array(entry, "path", MerkleProofs.HASHES_MAX)) {
            try {
                path.add(Hash.ofBase64(hash.asText()));
            } catch (IllegalArgumentException e) {
                throw new MalformedNoteException("a path holds what is not a hash");
            }
        }
        return path;
    }

    private static JsonNode array(JsonNode json, String name, int max) {
        JsonNode array = json.path(name);
        if (!array.isArray() || array.size() > max) {
            throw new MalformedNoteException(name + " is not a list of at most " + max);
        }
        return array;
    }

    private static String text(JsonNode json, String name) {
        JsonNode text = json.path(name);
        if (!text.isTextual()) {
            throw new MalformedNoteException(name + " is missing");
        }
        return text.asText();
    }
}
