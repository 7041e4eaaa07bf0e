package io.bloodnet.imaging.dicom;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Damaged files for a bounded time ({@code -Dbloodnet.fuzz.seconds}, default 2, or 60 with {@code -Dbloodnet.long=true}): each ends as a
 * parse or a DicomException. A failure names seed and round; {@code -Dseed=} repeats it.
 */
class DicomFuzzTest {

    private static final long SECONDS =
            Long.getLong("bloodnet.fuzz.seconds", Boolean.getBoolean("bloodnet.long") ? 60 : 2);
    private static final long SEED = Long.getLong("seed", System.nanoTime());

    /** One input may not take longer, by far: more is a hang. */
    private static final Duration HANG = Duration.ofSeconds(30);

    private static final byte[] JSON = """
            [{"00100010":{"vr":"PN","Value":[{"Alphabetic":"A^B"}]},"00200032":{"vr":"DS","Value":[1.5,-2,3]},
            "00081199":{"vr":"SQ","Value":[{"00081155":{"vr":"UI","Value":["2.25.7"]}}]},"00280010":{"vr":"US","Value":[5]},
            "00090010":{"vr":"UN","InlineBinary":"AQI="},"7FE00010":{"vr":"OW","BulkDataURI":"x"}}]""".getBytes(StandardCharsets.UTF_8);

    private interface Target {
        void read(byte[] bytes) throws IOException;
    }

    @Test
    void damaged_files_are_parsed_or_refused() throws Exception {
        fuzz(Seeds.files(), Seeds::readAndDecode);
    }

    @Test
    void damaged_json_is_parsed_or_refused() throws Exception {
        fuzz(List.of(JSON), Seeds::readJson);
    }

    private static void fuzz(List<byte[]> seeds, Target target) throws InterruptedException {
        AtomicReference<String> current = new AtomicReference<>("");
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicReference<Long> lastProgress = new AtomicReference<>(System.nanoTime());
        Thread worker = Thread.ofPlatform().daemon().start(() -> {
            Random random = new Random(SEED);
            long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
            for (long round = 0; System.nanoTime() < end; round++) {
                byte[] damaged = damage(seeds.get(random.nextInt(seeds.size())).clone(), random);
                current.set("-Dseed=" + SEED + " round " + round + " "
                        + HexFormat.of().formatHex(damaged));
                lastProgress.set(System.nanoTime());
                try {
                    target.read(damaged);
                } catch (Throwable e) {
                    failure.set(e);
                    return;
                }
            }
        });
        while (worker.isAlive() && System.nanoTime() - lastProgress.get() < HANG.toNanos()) {
            worker.join(100);
        }
        assertThat(worker.isAlive()).as("hangs on " + current.get()).isFalse();
        assertThat(failure.get()).as("escaped on " + current.get()).isNull();
    }

    private static byte[] damage(byte[] bytes, Random random) {
        byte[] damaged = bytes;
        for (int i = random.nextInt(6); i >= 0; i--) {
            if (damaged.length == 0) {
                return damaged;
            }
            int at = random.nextInt(damaged.length);
            switch (random.nextInt(7)) {
                case 0 -> damaged[at] = (byte) random.nextInt();
                case 1 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> damaged[at] = (byte) (random.nextBoolean() ? 0xFF : 0);
                case 3 -> Arrays.fill(damaged, at, Math.min(damaged.length, at + 4), (byte) 0xFF);
                case 4 -> damaged = Arrays.copyOf(damaged, at);
                case 5 -> {
                    int count = Math.min(random.nextInt(16), damaged.length - at);
                    int from = random.nextInt(damaged.length - count + 1);
                    System.arraycopy(damaged.clone(), from, damaged, at, count);
                }
                default -> {
                    byte[] longer = new byte[damaged.length + 8];
                    System.arraycopy(damaged, 0, longer, 0, at);
                    System.arraycopy(damaged, at, longer, at + 8, damaged.length - at);
                    damaged = longer;
                }
            }
        }
        return damaged;
    }
}
