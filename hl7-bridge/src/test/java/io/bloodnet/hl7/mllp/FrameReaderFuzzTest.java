package io.bloodnet.hl7.mllp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random bytes and random cuts through the framer. Longer with {@code -Dbloodnet.fuzz.seconds=N}, again with {@code -Dseed=N}. */
class FrameReaderFuzzTest {

    private static final long FUZZ_NS =
            Long.getLong("bloodnet.fuzz.seconds", Boolean.getBoolean("bloodnet.long") ? 60 : 1) * 1_000_000_000L;
    private static final int FRAME_MAX = 64 << 10;
    private static final int BUDGET = 256 << 10;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final FrameBudget budget = new FrameBudget(BUDGET);

    /** A socket that brings these bytes in pieces of random length. */
    private final class Pieces extends Socket {
        private final ByteArrayInputStream bytes;

        Pieces(byte[] bytes) {
            this.bytes = new ByteArrayInputStream(bytes);
        }

        @Override
        public InputStream getInputStream() {
            return new InputStream() {
                @Override
                public int read() {
                    return bytes.read();
                }

                @Override
                public int read(byte[] into, int from, int length) {
                    return bytes.read(into, from, Math.min(length, 1 + random.nextInt(1 + random.nextInt(4096))));
                }
            };
        }

        @Override
        public void setSoTimeout(int timeout) {
            // never waits
        }
    }

    private List<Frame> read(byte[] bytes) throws IOException {
        List<Frame> frames = new ArrayList<>();
        try (Socket socket = new Pieces(bytes)) {
            FrameReader reader = new FrameReader(
                    socket, budget, FRAME_MAX, 16 << 10, Duration.ofSeconds(5), Duration.ofSeconds(5), null);
            do {
                frames.add(reader.next());
            } while (frames.getLast() instanceof Frame.Message);
            reader.close();
        }
        assertThat(budget.free()).as("seed %d", seed).isEqualTo(BUDGET);
        return frames;
    }

    private static boolean more(long begin) {
        return System.nanoTime() - begin < FUZZ_NS;
    }

    @Test
    void whole_frames_come_out_as_they_went_in() throws IOException {
        for (long begin = System.nanoTime(); more(begin); ) {
            List<byte[]> messages = new ArrayList<>();
            ByteArrayOutputStream wire = new ByteArrayOutputStream();
            for (int i = random.nextInt(6); i >= 0; i--) {
                byte[] message = new byte[random.nextInt(random.nextBoolean() ? 100 : FRAME_MAX)];
                for (int b = 0; b < message.length; b++) {
                    int value = random.nextInt(256);
                    message[b] = (byte) (value == Frame.START || value == Frame.END ? 'x' : value);
                }
                messages.add(message);
                wire.writeBytes(Frame.around(message));
            }
            List<Frame> frames = read(wire.toByteArray());
            assertThat(frames).as("seed %d", seed).hasSize(messages.size() + 1);
            for (int i = 0; i < messages.size(); i++) {
                assertThat(((Frame.Message) frames.get(i)).bytes())
                        .as("seed %d", seed)
                        .isEqualTo(messages.get(i));
            }
            assertThat(frames.getLast()).isInstanceOf(Frame.Closed.class);
        }
    }

    @Test
    void any_bytes_end_in_a_message_a_fault_or_the_end() throws IOException {
        byte[] common = {Frame.START, Frame.END, Frame.RETURN, '\n', 'M', 'S', 'H', '|', 0, (byte) 0xff};
        for (long begin = System.nanoTime(); more(begin); ) {
            byte[] bytes = new byte[random.nextInt(random.nextInt(10) == 0 ? 200_000 : 2_000)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = random.nextInt(4) == 0 ? (byte) random.nextInt(256) : common[random.nextInt(common.length)];
            }
            for (Frame frame : read(bytes)) {
                switch (frame) {
                    case Frame.Message(byte[] message) -> {
                        assertThat(message.length).isLessThanOrEqualTo(FRAME_MAX);
                        for (byte b : message) {
                            assertThat(b != Frame.START && b != Frame.END)
                                    .as("seed %d", seed)
                                    .isTrue();
                        }
                    }
                    case Frame.Fault(FrameFault fault, byte[] head) ->
                        assertThat(head.length).isLessThanOrEqualTo(FrameReader.HEAD_BYTES_MAX);
                    case Frame.Closed() -> {}
                    case Frame.Idle() -> throw new AssertionError("nothing waits here, seed " + seed);
                }
            }
        }
    }
}
