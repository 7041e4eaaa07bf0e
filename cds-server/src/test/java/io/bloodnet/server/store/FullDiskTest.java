package io.bloodnet.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import org.h2.store.fs.FileBase;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;
import org.h2.store.fs.retry.FilePathRetryOnInterrupt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk without room under H2: nothing is confirmed, nothing confirmed is lost, and all goes on by itself when there is room. */
class FullDiskTest {

    private static volatile boolean full;

    @TempDir
    Path folder;

    @BeforeEach
    void putLayer() {
        full = false;
        FilePath.register(new Filling());
    }

    @AfterEach
    void takeLayer() {
        FilePath.register(new FilePathRetryOnInterrupt());
    }

    @Test
    void goes_on_by_itself_when_there_is_room() {
        try (Database database = Database.open("jdbc:h2:file:" + folder.resolve("full"), "sa", null)) {
            Memo memo = new Memo(database);
            memo.put("before", "1");
            full = true;
            for (int i = 0; i < 3; i++) {
                String name = "in vain " + i;
                assertThatThrownBy(() -> memo.put(name, "x".repeat(900))).isInstanceOf(RuntimeException.class);
            }
            full = false;
            assertThat(triesUntilWritten(memo))
                    .as("senders repeat what was not taken")
                    .isLessThanOrEqualTo(3);
            assertThat(memo.get("before")).contains("1");
            assertThat(memo.get("after")).contains("2");
            assertThat(database.trouble()).isEmpty();
        }
        try (Database again = Database.open("jdbc:h2:file:" + folder.resolve("full"), "sa", null)) {
            assertThat(new Memo(again).get("after")).contains("2");
        }
    }

    /** A connection that lay in the pool may still belong to the closed file: it is replaced when it is found out. */
    private static int triesUntilWritten(Memo memo) {
        for (int tries = 1; ; tries++) {
            try {
                memo.put("after", "2");
                return tries;
            } catch (RuntimeException e) {
                if (tries == 10) {
                    throw e;
                }
            }
        }
    }

    /** In the place of H2's layer that our URL names. */
    public static final class Filling extends FilePathWrapper {

        /** For H2, which makes one for each path. */
        public Filling() {}

        @Override
        public String getScheme() {
            return "retry";
        }

        @Override
        public FileChannel open(String mode) throws IOException {
            FileChannel file = getBase().open(mode);
            return new FileBase() {
                @Override
                public int write(ByteBuffer source, long at) throws IOException {
                    requireRoom();
                    return file.write(source, at);
                }

                @Override
                public int write(ByteBuffer source) throws IOException {
                    requireRoom();
                    return file.write(source);
                }

                private void requireRoom() throws IOException {
                    if (full) {
                        throw new IOException("No space left on device");
                    }
                }

                @Override
                public int read(ByteBuffer target, long at) throws IOException {
                    return file.read(target, at);
                }

                @Override
                public int read(ByteBuffer target) throws IOException {
                    return file.read(target);
                }

                @Override
                public long position() throws IOException {
                    return file.position();
                }

                @Override
                public FileChannel position(long newPosition) throws IOException {
                    file.position(newPosition);
                    return this;
                }

                @Override
                public long size() throws IOException {
                    return file.size();
                }

                @Override
                public FileChannel truncate(long size) throws IOException {
                    file.truncate(size);
                    return this;
                }

                @Override
                public void force(boolean metaData) throws IOException {
                    file.force(metaData);
                }

                @Override
                public FileLock tryLock(long at, long size, boolean shared) throws IOException {
                    return file.tryLock(at, size, shared);
                }

                @Override
                protected void implCloseChannel() throws IOException {
                    file.close();
                }
            };
        }
    }
}
