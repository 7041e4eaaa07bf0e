package io.bloodnet.audit.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/**
 * How far a feed of the log came, held by one server at a time: its row is locked from {@link #take} to {@link #close}, and a server that
 * dies lets go of it. Used by one thread.
 */
public final class FeedPosition implements AutoCloseable {

    /** Longest time that a batch may take on its way. */
    static final Duration IDLE_MAX = Duration.ofSeconds(90);

    private final Connection connection;
    private final String feed;
    private final boolean ours;
    private long next;

    private FeedPosition(Connection connection, String feed, boolean ours, long next) {
        this.connection = connection;
        this.feed = feed;
        this.ours = ours;
        this.next = next;
    }

    /** Takes the feed's position, made at the log's beginning when it is new, unless another server has it. */
    public static FeedPosition take(DataSource database, String feed) throws SQLException {
        Connection connection = database.getConnection();
        try {
            make(connection, feed);
            connection.setAutoCommit(false);
            mayBeIdle(connection);
            String sql = "select next_seq from audit_feed where name = ? for update skip locked";
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setString(1, feed);
                try (ResultSet row = select.executeQuery()) {
                    boolean ours = row.next();
                    return new FeedPosition(connection, feed, ours, ours ? row.getLong(1) : 0);
                }
            }
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** While a batch is on its way nothing is asked of the database; the row stays ours for that long and no longer. */
    private static void mayBeIdle(Connection connection) throws SQLException {
        if (AppendOnly.isPostgres(connection)) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("set local idle_in_transaction_session_timeout = " + IDLE_MAX.toMillis());
            }
        }
    }

    private static void make(Connection connection, String feed) throws SQLException {
        String sql = "insert into audit_feed (name, next_seq) select cast(? as varchar(256)), 0"
                + " where not exists (select 1 from audit_feed where name = ?)";
        connection.setAutoCommit(true);
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, feed);
            insert.setString(2, feed);
            insert.executeUpdate();
        } catch (SQLException e) {
            if (!"23505".equals(e.getSQLState())) {
                throw e;
            }
            // Another server made it in the same moment.
        }
    }

    /** False when another server has it: then there is nothing to do. */
    public boolean isOurs() {
        return ours;
    }

    /** The place of the next entry; those before it have arrived. */
    public long next() {
        return next;
    }

    /** The log's name. */
    public String origin() throws SQLException {
        return new LedgerTables(connection).origin().orElseThrow(() -> new SQLException("the log has no name yet"));
    }

    /** Up to {@code max} entries from there on. */
    public List<AuditEntry> entries(int max) throws SQLException {
        List<AuditEntry> entries = new ArrayList<>();
        for (LedgerTables.Stored stored : new LedgerTables(connection).entriesFrom(next, max)) {
            entries.add(new AuditEntry(stored.seq(), stored.line()));
        }
        return entries;
    }

    /** Remembers that everything before this place arrived. */
    public void moveTo(long place) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("update audit_feed set next_seq = ? where name = ?")) {
            update.setLong(1, place);
            update.setString(2, feed);
            update.executeUpdate();
        }
        connection.commit();
        next = place;
    }

    /** Lets go of it. */
    @Override
    public void close() throws SQLException {
        try (connection) {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }
}
