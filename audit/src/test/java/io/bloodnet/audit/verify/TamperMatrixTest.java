package io.bloodnet.audit.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.Events;
import io.bloodnet.audit.ledger.Checkpoint;
import io.bloodnet.audit.ledger.Frontier;
import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.ledger.SigningKey;
import io.bloodnet.audit.ledger.TreeHasher;
import io.bloodnet.audit.store.Ledger;
import io.bloodnet.audit.store.LedgerSettings;
import io.bloodnet.audit.store.TestDatabase;
import io.bloodnet.audit.store.TestDatabase.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Edits by SQL as the owner of the database, each undone by rolling back: all must be found, and located. */
class TamperMatrixTest {

    private static final boolean LONG = Boolean.getBoolean("bloodnet.long");
    private static final int ENTRIES = 300;

    @TempDir
    private Path dir;

    private final Random random = new Random(Long.getLong("seed", System.nanoTime()));
    private Connection connection;
    private SigningKey key;
    private SignedNote anchor;

    /** What was done, and the first entry that is not as it was. */
    private record Edit(String what, long firstBad, boolean exactly) {}

    private interface Editing {
        Edit apply() throws SQLException;
    }

    private static int edits(Kind kind) {
        return switch (kind) {
            case H2 -> LONG ? 10_000 : 96;
            case POSTGRES -> LONG ? 1_000 : 32;
        };
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void finds_and_locates_every_edit(Kind kind) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        random.setSeed(seed);
        DataSource database = makeLog(kind);
        try (Connection open = database.getConnection()) {
            connection = open;
            connection.setAutoCommit(false);
            assertThat(verify(List.of())).as("untouched").isInstanceOf(Verification.Verified.class);
            List<Editing> kinds = List.of(
                    this::flipOneCharacter,
                    this::editAndRehash,
                    this::delete,
                    this::truncate,
                    this::insert,
                    this::swap,
                    this::cloneOver,
                    this::editColumn,
                    this::restoreBackup,
                    this::rewriteWithoutKey,
                    this::rewriteWithKey,
                    this::editCheckpoint,
                    this::editNode,
                    this::deleteNode,
                    this::renameLog,
                    this::editLeafHash);
            for (int i = 0; i < edits(kind); i++) {
                Edit edit = kinds.get(i % kinds.size()).apply();
                Verification verification = verify(List.of(anchor));
                connection.rollback();
                String as = edit + ", edit " + i + " of seed " + seed + ": " + verification;
                assertThat(verification).as(as).isInstanceOf(Verification.Changed.class);
                Verification.Changed changed = (Verification.Changed) verification;
                assertThat(edit.firstBad()).as(as).isBetween(changed.firstBad(), changed.lastBad());
                if (edit.exactly()) {
                    assertThat(changed.firstBad()).as(as).isEqualTo(changed.lastBad());
                }
            }
            assertThat(verify(List.of(anchor))).as("untouched again").isInstanceOf(Verification.Verified.class);
        }
    }

    private DataSource makeLog(Kind kind) throws Exception {
        DataSource database = TestDatabase.create(kind, dir);
        LedgerSettings settings = LedgerSettings.of("node-1", dir.resolve("key"));
        try (Ledger ledger = Ledger.open(database, settings, InstantSource.system())) {
            for (int i = 0; i < ENTRIES; i++) {
                ledger.record(Events.numbered(i));
                if (i % 60 == 0) {
                    ledger.flush();
                }
            }
        }
        for (String table : List.of("log", "entry", "node", "checkpoint", "cosignature")) {
            String trigger = "drop trigger audit_" + table + "_append_only";
            TestDatabase.execute(
                    database,
                    switch (kind) {
                        case H2 -> trigger;
                        case POSTGRES -> trigger + " on audit_" + table;
                    });
        }
        key = SigningKey.parsePem(Files.readString(dir.resolve("key")));
        anchor = SignedNote.parse(Files.readString(dir.resolve("key.checkpoint")));
        return database;
    }

    private Verification verify(List<SignedNote> anchors) throws SQLException {
        PublicKeys trusted = key.publicKeys();
        return new DatabaseVerifier(new VerifierTables(connection), trusted, anchors, Map.of()).run();
    }

    private Edit flipOneCharacter() throws SQLException {
        int seq = anyEntry();
        String line = line(seq);
        int at = random.nextInt(line.length());
        char[] chars = line.toCharArray();
        chars[at] ^= (char) (1 << random.nextInt(5));
        set("update audit_entry set line = ? where seq = ?", new String(chars), seq);
        return new Edit("flipped one bit", seq, true);
    }

    private Edit editAndRehash() throws SQLException {
        int seq = anyEntry();
        store(seq, line(seq).replace("DELIVERING", "CANCELLED"));
        return new Edit("edited and rehashed", seq, false);
    }

    private Edit editLeafHash() throws SQLException {
        int seq = anyEntry();
        set(
                "update audit_entry set leaf_hash = ? where seq = ?",
                Hash.of(new byte[32]).hex(),
                seq);
        return new Edit("edited the leaf hash", seq, true);
    }

    private Edit delete() throws SQLException {
        int seq = random.nextInt(ENTRIES - 1);
        execute("delete from audit_entry where seq = " + seq);
        return new Edit("deleted", seq, true);
    }

    private Edit truncate() throws SQLException {
        int size = random.nextInt(ENTRIES);
        execute("delete from audit_entry where seq >= " + size);
        return new Edit("truncated", size, false);
    }

    private Edit insert() throws SQLException {
        int seq = anyEntry();
        for (int i = ENTRIES - 1; i >= seq; i--) {
            execute("update audit_entry set seq = " + (i + 1) + " where seq = " + i);
        }
        copyRow(Math.floorMod(seq - 1, ENTRIES + 1), seq);
        return new Edit("inserted a copy", seq, true);
    }

    private Edit swap() throws SQLException {
        int a = random.nextInt(ENTRIES - 1);
        int b = a + 1 + random.nextInt(ENTRIES - 1 - a);
        execute("update audit_entry set seq = -1 where seq = " + a);
        execute("update audit_entry set seq = " + a + " where seq = " + b);
        execute("update audit_entry set seq = " + b + " where seq = -1");
        return new Edit("swapped with " + b, a, true);
    }

    private Edit cloneOver() throws SQLException {
        int seq = anyEntry();
        int from = (seq + 1 + random.nextInt(ENTRIES - 1)) % ENTRIES;
        execute("delete from audit_entry where seq = " + seq);
        copyRow(from, seq);
        return new Edit("overwritten with " + from, seq, true);
    }

    private Edit editColumn() throws SQLException {
        int seq = anyEntry();
        List<String> columns = List.of("type", "outcome", "job_id", "study_uid", "patient_id", "user_name");
        String column = columns.get(random.nextInt(columns.size()));
        execute("update audit_entry set " + column + " = 'X' where seq = " + seq);
        return new Edit("edited " + column, seq, true);
    }

    private Edit restoreBackup() throws SQLException {
        List<Long> sizes = sizes();
        long size = sizes.get(random.nextInt(sizes.size() - 1));
        execute("delete from audit_entry where seq >= " + size);
        execute("delete from audit_checkpoint where size > " + size);
        execute("delete from audit_node where idx >= " + (size >> 8));
        return new Edit("restored an older state", size, false);
    }

    private Edit rewriteWithoutKey() throws SQLException {
        int seq = anyEntry();
        rewrite(seq, SigningKey.generate());
        return new Edit("rewrote all with right hashes and another key", seq, false);
    }

    private Edit rewriteWithKey() throws SQLException {
        int seq = anyEntry();
        rewrite(seq, key);
        return new Edit("rewrote all with the key", seq, false);
    }

    private void rewrite(int seq, SigningKey signer) throws SQLException {
        store(seq, line(seq).replace("DELIVERING", "CANCELLED"));
        TreeMap<Long, SignedNote> notes = new TreeMap<>();
        String origin = Checkpoint.parse(anchor.text()).origin();
        List<Long> sizes = sizes();
        Frontier tree = Frontier.empty();
        execute("delete from audit_node");
        for (int i = 0; i < ENTRIES; i++) {
            Hash leaf = new TreeHasher().leaf(line(i).getBytes(StandardCharsets.UTF_8));
            tree.append(leaf, (level, index, hash) -> insertNode(level, index, hash));
            if (sizes.contains(tree.size()) && tree.size() > seq) {
                notes.put(tree.size(), signer.sign(new Checkpoint(origin, tree.size(), tree.root())));
            }
        }
        for (var note : notes.entrySet()) {
            set(
                    "update audit_checkpoint set note = ? where size = ?",
                    note.getValue().format(),
                    note.getKey());
        }
    }

    private Edit editCheckpoint() throws SQLException {
        List<Long> sizes = sizes();
        int which = random.nextInt(sizes.size());
        String note = note(sizes.get(which));
        int at = random.nextInt(note.length());
        char[] chars = note.toCharArray();
        chars[at] ^= 1;
        set("update audit_checkpoint set note = ? where size = ?", new String(chars), sizes.get(which));
        return new Edit("edited the checkpoint over " + sizes.get(which), sizes.get(which) - 1, false);
    }

    private Edit editNode() throws SQLException {
        set(
                "update audit_node set hash = ? where idx = ?",
                Hash.of(new byte[32]).hex(),
                0);
        return new Edit("edited a subtree's hash", 255, false);
    }

    private Edit deleteNode() throws SQLException {
        execute("delete from audit_node");
        return new Edit("deleted the subtrees' hashes", 255, false);
    }

    private Edit renameLog() throws SQLException {
        execute("update audit_log set origin = 'another'");
        return new Edit("renamed the log", 0, false);
    }

    private int anyEntry() {
        return random.nextInt(ENTRIES);
    }

    private void store(int seq, String line) throws SQLException {
        set("update audit_entry set line = ? where seq = ?", line, seq);
        Hash leaf = new TreeHasher().leaf(line.getBytes(StandardCharsets.UTF_8));
        set("update audit_entry set leaf_hash = ? where seq = ?", leaf.hex(), seq);
    }

    private void copyRow(int from, int to) throws SQLException {
        execute("insert into audit_entry select " + to
                + ", line, leaf_hash, happened_at, type, outcome, job_id, study_uid,"
                + " patient_id, user_name from audit_entry where seq = " + from);
    }

    private void insertNode(int level, long index, Hash hash) {
        try {
            execute("insert into audit_node values (" + level + ", " + index + ", '" + hash.hex() + "')");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private String line(int seq) throws SQLException {
        return text("select line from audit_entry where seq = " + seq);
    }

    private String note(long size) throws SQLException {
        return text("select note from audit_checkpoint where size = " + size);
    }

    private String text(String sql) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }

    private List<Long> sizes() throws SQLException {
        List<Long> sizes = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("select size from audit_checkpoint order by size");
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                sizes.add(row.getLong(1));
            }
        }
        return sizes;
    }

    private void set(String sql, String value, long where) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setString(1, value);
            update.setLong(2, where);
            update.executeUpdate();
        }
    }

    private void execute(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.executeUpdate();
        }
    }
}
