package io.bloodnet.server.store;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.store.fs.FileBase;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * A file layer for H2, {@code crash:FILE}, that keeps the file in memory and tells apart what was forced to the disk. At any moment it says
 * what the file would look like after a killed process (all that was written) or after lost power (what was forced, and of the rest any
 * sectors).
 */
public final class CrashFiles extends FilePathWrapper {

    private static final int SECTOR = 512;
    private static final Map<String, Disk> DISKS = new ConcurrentHashMap<>();

    /** For H2, which makes one for each path. */
    public CrashFiles() {}

    static void register() {
        FilePath.register(new CrashFiles());
    }

    /** The disk under the database file of this path. */
    static Disk disk(String path) {
        return DISKS.computeIfAbsent(path, key -> new Disk());
    }

    @Override
    public String getScheme() {
        return "crash";
    }

    @Override
    public boolean exists() {
        return DISKS.containsKey(getBase().toString()) || super.exists();
    }

    @Override
    public boolean canWrite() {
        return true;
    }

    @Override
    public long size() {
        return disk(getBase().toString()).now.size;
    }

    @Override
    public FileChannel open(String mode) {
        return disk(getBase().toString()).channel();
    }

    /** Bytes that grow. */
    private static final class Bytes {
        byte[] all = new byte[1 << 20];
        int size;

        void write(long at, byte[] from, int offset, int length) {
            int end = Math.toIntExact(at + length);
            if (end > all.length) {
                all = Arrays.copyOf(all, Math.max(end, 2 * all.length));
            }
            System.arraycopy(from, offset, all, (int) at, length);
            size = Math.max(size, end);
        }

        void truncate(long to) {
            if (to < size) {
                Arrays.fill(all, (int) to, size, (byte) 0);
                size = (int) to;
            }
        }
    }

    /** One write, or a truncation when {@code bytes} is empty. */
    private record Done(long at, byte[] bytes) {}

    /** A file and what of it is safe. */
    static final class Disk {
        private final Bytes now = new Bytes();
        private final Bytes safe = new Bytes();
        private final List<Done> unforced = new ArrayList<>();
        private long writes;

        /** Writes so far. */
        synchronized long writes() {
            return writes;
        }

        synchronized int size() {
            return now.size;
        }

        /** What a process that is killed now leaves. */
        synchronized byte[] afterKill() {
            return Arrays.copyOf(now.all, now.size);
        }

        /** What remains when power is lost now: of unforced writes each sector is there or not. */
        synchronized byte[] afterPowerLoss(Random random) {
            Bytes left = new Bytes();
            left.write(0, safe.all, 0, safe.size);
            int percent = random.nextInt(101);
            for (Done done : unforced) {
                if (done.bytes().length == 0) {
                    if (random.nextInt(100) < percent) {
                        left.truncate(done.at());
                    }
                    continue;
                }
                for (int i = 0; i < done.bytes().length; i += SECTOR) {
                    if (random.nextInt(100) < percent) {
                        left.write(done.at() + i, done.bytes(), i, Math.min(SECTOR, done.bytes().length - i));
                    }
                }
            }
            return Arrays.copyOf(left.all, left.size);
        }

        private synchronized void written(Done done) {
            writes++;
            unforced.add(done);
            apply(now, done);
        }

        private static void apply(Bytes to, Done done) {
            if (done.bytes().length == 0) {
                to.truncate(done.at());
            } else {
                to.write(done.at(), done.bytes(), 0, done.bytes().length);
            }
        }

        private void force() {
            int count;
            synchronized (this) {
                count = unforced.size();
            }
            Thread.yield(); // others write meanwhile
            synchronized (this) {
                List<Done> safeNow = unforced.subList(0, Math.min(count, unforced.size()));
                safeNow.forEach(done -> apply(safe, done));
                safeNow.clear();
            }
        }

        private FileChannel channel() {
            return new FileBase() {
                private long position;

                @Override
                public int read(ByteBuffer target, long at) {
                    synchronized (Disk.this) {
                        int n = Math.clamp(now.size - at, 0, target.remaining());
                        if (n == 0) {
                            return target.hasRemaining() ? -1 : 0;
                        }
                        target.put(now.all, (int) at, n);
                        return n;
                    }
                }

                @Override
                public int write(ByteBuffer source, long at) {
                    byte[] bytes = new byte[source.remaining()];
                    source.get(bytes);
                    if (bytes.length > 0) {
                        written(new Done(at, bytes));
                    }
                    return bytes.length;
                }

                @Override
                public FileChannel truncate(long size) {
                    if (size < size()) {
                        written(new Done(size, new byte[0]));
                    }
                    return this;
                }

                @Override
                public void force(boolean metaData) {
                    Disk.this.force();
                }

                @Override
                public long size() {
                    return Disk.this.size();
                }

                @Override
                public FileLock tryLock(long at, long size, boolean shared) {
                    return new FileLock(this, at, size, shared) {
                        @Override
                        public boolean isValid() {
                            return true;
                        }

                        @Override
                        public void release() {}
                    };
                }

                @Override
                public long position() {
                    return position;
                }

                @Override
                public FileChannel position(long newPosition) {
                    position = newPosition;
                    return this;
                }

                @Override
                public int read(ByteBuffer target) {
                    int n = read(target, position);
                    position += Math.max(0, n);
                    return n;
                }

                @Override
                public int write(ByteBuffer source) {
                    int n = write(source, position);
                    position += n;
                    return n;
                }
            };
        }
    }
}
