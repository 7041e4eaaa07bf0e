package io.bloodnet.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a crash at any moment leaves of an H2 file in which freed space is used again: every commit that was confirmed is there. Crashes are
 * images of a disk in memory, so that there can be many.
 */
class CrashImagesTest {

    private static final int WRITERS = 4;
    /** Rows that a writer keeps: the confirmed ones among the newer half must be there. */
    private static final int KEPT = 60;

    /** Commits of a writer between two looks of the chore that moves pages together. */
    private static final int TIDIED_EVERY = 20;

    private static final boolean LONG = Boolean.getBoolean("bloodnet.long");
    private static final int CRASHES = LONG ? 5_000 : 150;
    private static final long SEED = Long.getLong("seed", 20261129);
    /** Freed chunks are used again at once instead of after 45 s. */
    private static final String QUICKLY = ";RETENTION_TIME=0";

    @TempDir
    Path folder;

    /** While an image is looked at, so that the writers do not take the processor. */
    private volatile boolean paused;

    private static final String READ_TOO_LATE = "rows could not be read within the engine's lock timeout, twice";

    @BeforeAll
    static void register() {
        CrashFiles.register();
        H2Files.register();
    }

    @Test
    void a_killed_process_leaves_every_confirmed_commit() throws Exception {
        assertThat(lost(H2Files.SCHEME + ":crash:", (disk, random) -> disk.afterKill(), CRASHES))
                .isEmpty();
    }

    @Test
    void lost_power_leaves_every_confirmed_commit() throws Exception {
        assertThat(lost(H2Files.SCHEME + ":crash:", CrashFiles.Disk::afterPowerLoss, CRASHES))
                .isEmpty();
    }

    /** Without our layer lost power loses commits: so this test can fail. When it does not any more, H2 is mended. */
    @Test
    void the_engine_alone_loses_commits() throws Exception {
        assertThat(lost("crash:", CrashFiles.Disk::afterPowerLoss, 400)).isNotEmpty();
    }

    /** A line for each crash after which something is missing or damaged. */
    private List<String> lost(String layers, BiFunction<CrashFiles.Disk, Random, byte[]> crash, int crashes)
            throws Exception {
        System.out.println("CrashImagesTest seed " + SEED);
        Random random = new Random(SEED);
        List<String> lost = new ArrayList<>();
        String path = folder.resolve("written").toString();
        AtomicLongArray confirmed = new AtomicLongArray(WRITERS);
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> writers = new ArrayList<>();
        CrashFiles.Disk disk = CrashFiles.disk(path + ".mv.db");
        try (Connection first = connect("jdbc:h2:" + layers + path)) {
            try (Statement statement = first.createStatement()) {
                statement.execute("create table t (writer int, n bigint, text varchar(4000), primary key (writer, n))");
                statement.execute("checkpoint sync");
            }
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                writers.add(Thread.ofPlatform()
                        .start(() -> write("jdbc:h2:" + layers + path, writer, confirmed, stop, SEED + writer)));
            }
            for (int i = 0; i < crashes && lost.size() < 5; i++) {
                long until = disk.writes() + random.nextInt(1, 200);
                while (disk.writes() < until && writers.stream().allMatch(Thread::isAlive)) {
                    Thread.onSpinWait();
                }
                long[] told = new long[WRITERS];
                for (int writer = 0; writer < WRITERS; writer++) {
                    told[writer] = confirmed.get(writer);
                }
                byte[] image = crash.apply(disk, random);
                paused = true;
                String problem = problem(image, told, layers, i);
                paused = false;
                if (problem != null) {
                    lost.add("crash " + i + ": " + problem);
                }
            }
            stop.set(true);
            for (Thread writer : writers) {
                writer.join();
            }
        }
        System.out.println(disk.writes() + " writes, file " + disk.size() / 1024 + " KB");
        return lost;
    }

    private String problem(byte[] image, long[] told, String layers, int crash) throws IOException {
        Path file = folder.resolve("image" + crash + ".mv.db");
        Files.write(file, image);
        String url = "jdbc:h2:" + layers.replace("crash:", "") + folder.resolve("image" + crash) + ";IFEXISTS=TRUE";
        try {
            String problem = read(url, told);
            // A read that runs into the engine's lock timeout has lost nothing yet: who reads again sees what is there.
            return READ_TOO_LATE.equals(problem) ? read(url, told) : problem;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static String read(String url, long[] told) {
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement()) {
            for (int writer = 0; writer < told.length; writer++) {
                long from = Math.max(1, told[writer] - KEPT / 2);
                int found = 0;
                try (ResultSet rows = statement.executeQuery(
                        "select n, text from t where writer = " + writer + " and n >= " + from + " order by n")) {
                    while (rows.next()) {
                        if (!rows.getString(2).startsWith(rows.getLong(1) + " ")) {
                            return "a row is damaged";
                        }
                        found += rows.getLong(1) <= told[writer] ? 1 : 0;
                    }
                }
                if (told[writer] > 0 && found != told[writer] - from + 1) {
                    return "of writer " + writer + "'s rows " + from + " to " + told[writer] + " only " + found
                            + " are there";
                }
            }
            statement.execute("insert into t values (99, 1, 'it can be written')");
            return null;
        } catch (SQLTimeoutException e) {
            System.out.println("read again, since " + e + ", caused by " + e.getCause());
            return READ_TOO_LATE;
        } catch (SQLException e) {
            return e.toString();
        }
    }

    private void write(String url, int writer, AtomicLongArray confirmed, AtomicBoolean stop, long seed) {
        Random random = new Random(seed);
        try (Connection connection = connect(url);
                PreparedStatement insert = connection.prepareStatement("insert into t values (?, ?, ?)");
                PreparedStatement delete = connection.prepareStatement("delete from t where writer = ? and n = ?");
                Statement sync = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (long n = 1; !stop.get(); n++) {
                while (paused) {
                    LockSupport.parkNanos(100_000);
                }
                insert.setInt(1, writer);
                insert.setLong(2, n);
                insert.setString(3, n + " " + "x".repeat(random.nextInt(3_900)));
                insert.executeUpdate();
                delete.setInt(1, writer);
                delete.setLong(2, n - KEPT);
                delete.executeUpdate();
                connection.commit();
                sync.execute("checkpoint sync");
                confirmed.set(writer, n);
                if (n % TIDIED_EVERY == 0) {
                    H2Tidy.once(connection);
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the writer broke", e);
        }
    }

    private static Connection connect(String url) throws SQLException {
        return DriverManager.getConnection(url + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE" + QUICKLY, "sa", "");
    }
}
