package io.bloodnet.audit.store;

import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.ledger.Frontier;
import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.TreeHasher;
import io.bloodnet.audit.ledger.TreeNodes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The tree's nodes from the database: each from at most 128 stored hashes, however large the log is. Used with its connection. */
public final class TableNodes implements TreeNodes {

    private final Connection connection;
    private final TreeHasher hasher = new TreeHasher();

    public TableNodes(Connection connection) {
        this.connection = connection;
    }

    /** @throws AuditUnavailableException when the database cannot be read or lacks the hashes */
    @Override
    public Hash node(int level, long index) {
        int kept = level / Frontier.KEPT_LEVELS * Frontier.KEPT_LEVELS;
        int width = 1 << level - kept;
        List<Hash> hashes;
        try {
            hashes = read(kept, index * width, width);
        } catch (SQLException e) {
            throw new AuditUnavailableException(AuditFault.DATABASE, "cannot read the log's hashes", e);
        }
        if (hashes.size() != width) {
            throw new AuditUnavailableException(
                    AuditFault.TAMPERED, "hashes are missing at level " + kept + " from " + index * width);
        }
        while (hashes.size() > 1) {
            List<Hash> parents = new ArrayList<>(hashes.size() / 2);
            for (int i = 0; i < hashes.size(); i += 2) {
                parents.add(hasher.node(hashes.get(i), hashes.get(i + 1)));
            }
            hashes = parents;
        }
        return hashes.getFirst();
    }

    private List<Hash> read(int level, long first, int count) throws SQLException {
        String sql = level == 0
                ? "select leaf_hash from audit_entry where seq >= ? and seq < ? order by seq"
                : "select hash from audit_node where idx >= ? and idx < ? and level = " + level + " order by idx";
        List<Hash> hashes = new ArrayList<>(count);
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setLong(1, first);
            select.setLong(2, first + count);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    hashes.add(Hash.ofHex(rows.getString(1)));
                }
            }
        }
        return hashes;
    }
}
