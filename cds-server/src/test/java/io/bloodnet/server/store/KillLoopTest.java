package io.bloodnet.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 of the store alone, again and again on one database: what was confirmed is there after the next start. Long form
 * ({@code -Dbloodnet.long=true}): 1,000 kills, or as many as {@code -Dbloodnet.kills} says. With {@code -Dbloodnet.kill-folder=DIR} database
 * and counts stay there, and the next run goes on where this one stopped, so that the long form can be run in pieces.
 */
class KillLoopTest {

    private static final int KILLS =
            Integer.getInteger("bloodnet.kills", Boolean.getBoolean("bloodnet.long") ? 1_000 : 4);
    private static final long SEED = Long.getLong("seed", 20261129);
    /** A child writes this long at most before it is killed, ms. */
    private static final int WRITES_MAX_MS = 400;

    @TempDir
    Path temporary;

    @Test
    void nothing_confirmed_is_lost_on_h2() throws Exception {
        Path folder = folder("h2");
        assertThat(lost("jdbc:h2:file:" + folder.resolve("killed") + ";RETENTION_TIME=0", "sa", folder))
                .isEmpty();
    }

    @Test
    void nothing_confirmed_is_lost_on_postgresql() throws Exception {
        Path folder = folder("postgresql");
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("data"))
                .setCleanDataDirectory(false)
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .start()) {
            assertThat(lost(postgres.getJdbcUrl("postgres", "postgres"), "postgres", folder))
                    .isEmpty();
        }
    }

    private Path folder(String engine) throws IOException {
        String kept = System.getProperty("bloodnet.kill-folder");
        return Files.createDirectories((kept == null ? temporary : Path.of(kept)).resolve(engine));
    }

    private List<String> lost(String url, String user, Path folder) throws Exception {
        Path file = folder.resolve("state.properties");
        State state = State.read(file);
        System.out.println("KillLoopTest seed " + SEED + ", kills " + state.kills + " to " + KILLS);
        List<String> lost = new ArrayList<>();
        while (state.kills <= KILLS) {
            Random random = new Random(SEED + state.kills);
            Process child = start(url, user, SEED + state.kills, folder.resolve("child.log"));
            try (BufferedReader says = child.inputReader()) {
                String problem = missing(says, state.told);
                if (problem != null) {
                    lost.add("kill " + state.kills + ": " + problem);
                    state.lost++;
                }
                long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(1, WRITES_MAX_MS));
                Thread killer = Thread.ofVirtual().start(() -> killAt(child, until));
                for (String line = says.readLine(); line != null; line = says.readLine()) {
                    String[] words = line.split(" ");
                    if (words.length == 3 && words[0].equals("confirmed")) {
                        state.told[Integer.parseInt(words[1])] = Long.parseLong(words[2]);
                        state.confirmed++;
                    }
                }
                killer.join();
            } finally {
                child.destroyForcibly().waitFor();
            }
            state.kills++;
            state.write(file);
        }
        System.out.println(folder.getFileName() + ": " + (state.kills - 1) + " kills, " + state.confirmed
                + " confirmed, starts that missed something: " + state.lost + ", bytes " + bytes(folder));
        return lost;
    }

    private static long bytes(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    /** How far the loop has come: starts so far, and the newest row that each writer was told of. */
    private static final class State {
        private int kills;
        private long confirmed;
        private long lost;
        private final long[] told = new long[KillChild.WRITERS];

        static State read(Path file) throws IOException {
            State state = new State();
            if (Files.exists(file)) {
                Properties read = new Properties();
                try (Reader reader = Files.newBufferedReader(file)) {
                    read.load(reader);
                }
                state.kills = Integer.parseInt(read.getProperty("kills"));
                state.confirmed = Long.parseLong(read.getProperty("confirmed"));
                state.lost = Long.parseLong(read.getProperty("lost"));
                for (int writer = 0; writer < state.told.length; writer++) {
                    state.told[writer] = Long.parseLong(read.getProperty("told." + writer));
                }
            }
            return state;
        }

        void write(Path file) throws IOException {
            StringBuilder text =
                    new StringBuilder("kills=" + kills + "\nconfirmed=" + confirmed + "\nlost=" + lost + "\n");
            for (int writer = 0; writer < told.length; writer++) {
                text.append("told.")
                        .append(writer)
                        .append('=')
                        .append(told[writer])
                        .append('\n');
            }
            Files.writeString(file, text);
        }
    }

    private static void killAt(Process child, long until) {
        try {
            TimeUnit.NANOSECONDS.sleep(until - System.nanoTime());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        child.toHandle().destroyForcibly(); // Process.destroyForcibly would close what the child said before we read it
    }

    /** Reads what the child finds, and says what of the newest confirmed rows is not there. */
    private static @Nullable String missing(BufferedReader says, long[] told) throws IOException {
        String problem = null;
        for (String line = says.readLine(); line != null && !line.equals("begun"); line = says.readLine()) {
            if (!line.startsWith("there ")) {
                continue;
            }
            List<String> words = List.of(line.split(" "));
            int writer = Integer.parseInt(words.get(1));
            Set<Long> there = words.stream().skip(2).map(Long::valueOf).collect(Collectors.toSet());
            List<Long> gone = Stream.iterate(
                            told[writer], n -> n > 0 && n > told[writer] - KillChild.KEPT / 2, n -> n - 1)
                    .filter(n -> !there.contains(n))
                    .toList();
            if (!gone.isEmpty()) {
                problem = "writer " + writer + " was told of " + gone;
            }
        }
        return problem;
    }

    private static Process start(String url, String user, long seed, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                KillChild.class.getName(),
                url,
                user,
                Long.toString(seed));
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        return builder.start();
    }
}
