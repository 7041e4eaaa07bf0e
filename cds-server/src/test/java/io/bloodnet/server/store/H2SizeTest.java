package io.bloodnet.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An H2 file stays in proportion to its rows, however much is written ({@code -Dbloodnet.long=true}: twenty times as much). On a disk in
 * memory; H2 2.5.252 needs twice that for what comes and goes, and without {@link H2Tidy} what only grows takes seven times its rows.
 */
class H2SizeTest {

    private static final int COMMITS = Boolean.getBoolean("bloodnet.long") ? 100_000 : 5_000;
    private static final long SEED = Long.getLong("seed", 20261129);
    private static final long MEGABYTE = 1 << 20;
    /** Texts between two looks of {@link H2Tidy}; at a server's half second it is about as much. */
    private static final int TIDIED_EVERY = 100;

    @TempDir
    Path folder;

    private final Random random = new Random(SEED);

    @BeforeAll
    static void register() {
        CrashFiles.register();
        H2Files.register();
    }

    @Test
    void rows_that_come_and_go_leave_a_file_of_one_size() throws Exception {
        int kept = 240;
        long file = size("come", (connection, n) -> {
            write(connection, n);
            try (PreparedStatement delete = connection.prepareStatement("delete from t where n = ?")) {
                // not in the order in which they came, as patients are not discharged in the order of their arrival
                delete.setInt(1, n - kept + (n % 4 - 2) * 30);
                delete.executeUpdate();
            }
        });
        assertThat(file).isLessThan(2 * MEGABYTE);
    }

    @Test
    void rows_that_stay_take_three_times_their_bytes_at_most() throws Exception {
        long[] bytes = new long[1];
        long file = size("stay", (connection, n) -> bytes[0] += write(connection, n));
        assertThat(file).isLessThan(3 * bytes[0] + MEGABYTE);
    }

    private interface Work {
        void commit(Connection connection, int n) throws SQLException;
    }

    private long size(String name, Work work) throws SQLException {
        System.out.println("H2SizeTest seed " + SEED);
        long size = 0;
        String path = folder.resolve(name).toString();
        String url = "jdbc:h2:" + H2Files.SCHEME + ":crash:" + path
                + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;RETENTION_TIME=0";
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute("create table t (n int primary key, at_random bigint, text varchar(4000))");
            statement.execute("create index t_random on t (at_random)");
            connection.setAutoCommit(false);
            for (int n = 1; n <= COMMITS; n++) {
                work.commit(connection, n);
                connection.commit();
                statement.execute("checkpoint sync");
                if (n % TIDIED_EVERY == 0) {
                    H2Tidy.once(connection);
                }
                size = Math.max(size, CrashFiles.disk(path + ".mv.db").size());
            }
        }
        System.out.println(name + ": " + COMMITS + " commits, file " + size / 1024 + " KB");
        return size;
    }

    private int write(Connection connection, int n) throws SQLException {
        String text = "x".repeat(random.nextInt(300, 900));
        try (PreparedStatement insert = connection.prepareStatement("insert into t values (?, ?, ?)")) {
            insert.setInt(1, n);
            insert.setLong(2, random.nextLong());
            insert.setString(3, text);
            insert.executeUpdate();
        }
        return text.length() + 3 * Long.BYTES;
    }
}
