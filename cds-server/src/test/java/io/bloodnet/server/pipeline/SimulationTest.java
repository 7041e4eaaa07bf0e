package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Schedules of a simulated hospital, see {@link Simulation}. {@code -Dbloodnet.simulation.schedules=N} runs that many in place of as many as
 * fit in the normal run's time (40 s); {@code -Dbloodnet.simulation.seed=N} tells one again.
 */
class SimulationTest {

    private static final int THREADS = 2;
    private static final long NORMAL_BASE = 20_261_129;
    private static final long NORMAL_NS = Duration.ofSeconds(40).toNanos();
    private static final long SCHEDULES_MAX = Long.getLong("bloodnet.simulation.schedules", 0);
    private static final long NORMAL_SCHEDULES = 400;

    @TempDir
    Path folder;

    /** In a folder of the test, or in the one that is named: a file system in memory makes schedules quicker. */
    private Database open(String name) {
        String named = System.getProperty("bloodnet.simulation.folder");
        Path in = named == null ? folder : Path.of(named);
        return Database.open("jdbc:h2:file:" + in.resolve(name + System.nanoTime()), "sa", null);
    }

    private static Simulation.@Nullable Violation run(Database database, long seed, @Nullable String planted) {
        Simulation simulation = new Simulation(database, seed, planted);
        try {
            simulation.run();
            return null;
        } catch (Simulation.Violation violation) {
            if (planted == null) {
                fail(violation.getMessage() + "\n" + simulation.story());
            }
            return violation;
        } catch (RuntimeException | Error e) {
            throw new AssertionError("broke\n" + simulation.story(), e);
        }
    }

    @Test
    void whatever_the_weather_nothing_is_lost_doubled_silenced_or_stuck() throws InterruptedException {
        Long told = Long.getLong("bloodnet.simulation.seed");
        if (told != null) {
            try (Database database = open("one")) {
                run(database, told, null);
            }
            return;
        }
        // The same seeds in each normal run, so that a green build stays green; new ones wherever somebody looks for
        // faults.
        long base = Boolean.getBoolean("bloodnet.long") ? System.currentTimeMillis() : NORMAL_BASE;
        long end = System.nanoTime() + NORMAL_NS;
        AtomicLong next = new AtomicLong();
        AtomicLong done = new AtomicLong();
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        var threads = IntStream.range(0, THREADS)
                .mapToObj(i -> Thread.ofPlatform().start(() -> {
                    try (Database database = open("many" + i)) {
                        while (failures.isEmpty()
                                && (SCHEDULES_MAX > 0
                                        ? next.get() < SCHEDULES_MAX
                                        : next.get() < NORMAL_SCHEDULES && System.nanoTime() < end)) {
                            run(database, base + next.getAndIncrement(), null);
                            done.incrementAndGet();
                        }
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                }))
                .toList();
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.println(
                "simulation: " + done + " schedules from seed " + base + " (one again: -Dbloodnet.simulation.seed=N)");
        assertThat(failures).isEmpty();
        assertThat(done).hasPositiveValue();
    }

    /** Each invariant is seen to fail on what a broken build would do. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "lost",
                "doubled",
                "negative",
                "suspicion",
                "card",
                "ends",
                "told",
                "mask",
                "human",
                "patient",
                "cancelled",
                "counts"
            })
    void an_invariant_that_is_broken_is_seen(String fault) {
        try (Database database = open("planted")) {
            for (long seed = 1; seed <= 200; seed++) {
                Simulation.Violation violation = run(database, seed, fault);
                if (violation != null) {
                    assertThat(violation.invariant).isEqualTo(fault);
                    return;
                }
            }
        }
        fail("200 schedules did not see: " + fault);
    }
}
