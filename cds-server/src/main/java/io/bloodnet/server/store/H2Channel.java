package io.bloodnet.server.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32;
import org.h2.store.fs.FileBase;
import org.jspecify.annotations.Nullable;

/**
 * An H2 database file that comes back as of its last commit that was confirmed or a later one, whenever the process or the machine stops.
 *
 * <p>H2 names its newest chunk in the file's header now and then; a start after a crash goes on from there by each chunk's guess of where
 * the next one stands, and takes a chunk for whole whose begin and end are there. With the power a chunk may be lost in its middle, or
 * overwritten before the chunk that let go of it was on the disk; H2 2.5.252 also names the wrong chunk when a guess was wrong, which loses
 * commits after kill -9 (docs/decisions/0150). Guesses are right while the file only grows, so all this begins when freed space is used
 * again.
 *
 * <p>Here the header names the newest chunk after each chunk, with the chunk's checksum. Of its two copies one names what the last
 * {@link #force} made durable and is left alone; the other one, the floating, names what was written since; a force that ends changes their
 * parts. A start takes the newer copy whose chunk is whole, and hides later chunks from H2: nobody was told of them, and they may be torn.
 * Space is used again only when every chunk before is durable and named, since H2 frees a chunk as soon as a later one without need of it
 * is written. The file stays one that H2 reads without this layer. Safe for all threads; H2 writes one chunk at a time.
 */
final class H2Channel extends FileBase {

    private static final long CHUNKS_FROM = 2L * H2Header.BLOCK;
    private static final long NO_LIMIT = Long.MAX_VALUE;

    private final FileChannel file;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition forced = lock.newCondition();
    private long position;
    /** What the header says besides the chunk. */
    private @Nullable H2Header header;
    /** What a start after a crash goes on from, until the first write; null when that is H2's own business. */
    private @Nullable ByteBuffer shownHeader;
    /** Chunks above this version are hidden until the first write. */
    private long shownVersion = NO_LIMIT;

    private H2Header.@Nullable Chunk newest;
    private long newestCrc;
    private int floating;
    /** False until the first chunk of this session. */
    private boolean begun;
    /** Version that the floating copy names, and that the other one does: that one is durable. */
    private long floatingVersion;

    private long durableVersion;
    /** Bytes of the file at the last force: what lies beyond is no space that is used again. */
    private long durableBytes;

    private boolean forcing;
    private boolean broken;

    H2Channel(FileChannel file) throws IOException {
        this.file = file;
        this.durableBytes = file.size();
        if (durableBytes >= CHUNKS_FROM) {
            recover();
        }
    }

    /** What a copy of the header is worth: VOID names a chunk that is not whole. */
    private enum Worth {
        VOID,
        OF_H2,
        WHOLE
    }

    private void recover() throws IOException {
        Worth best = Worth.VOID;
        boolean ours = false;
        for (int copy = 0; copy < 2; copy++) {
            Optional<H2Header> read = H2Header.parse(readFully((long) copy * H2Header.BLOCK, H2Header.BLOCK));
            if (read.isEmpty()) {
                continue;
            }
            ours |= read.get().tellsChunkCrc();
            Worth worth = worth(read.get());
            H2Header before = header;
            if (before == null
                    || worth.compareTo(best) > 0
                    || worth == best && read.get().version() > before.version()) {
                header = read.get();
                best = worth;
                floating = 1 - copy;
            }
        }
        H2Header chosen = header;
        if (chosen == null) {
            return; // H2 says that it is no database
        }
        if (!chosen.isKnownFormat()) {
            throw new IOException("a format of H2's file that is not known: " + chosen.fields());
        }
        if (best == Worth.VOID) {
            throw new IOException("the newest commits in H2's file are damaged: restore it from a copy");
        }
        if (best == Worth.WHOLE || ours && chosen.isClean()) {
            shownVersion = chosen.version();
            shownHeader = chosen.block();
        }
    }

    private Worth worth(H2Header read) throws IOException {
        if (!read.tellsChunkCrc() || read.isClean()) {
            return Worth.OF_H2;
        }
        return namesWholeChunk(read) ? Worth.WHOLE : Worth.VOID;
    }

    private boolean namesWholeChunk(H2Header named) throws IOException {
        long at = named.chunkBlock() * H2Header.BLOCK;
        Optional<H2Header.Chunk> chunk = H2Header.chunk(readFully(at, H2Header.BLOCK), named.chunkBlock());
        if (chunk.isEmpty() || at + (long) chunk.get().blocks() * H2Header.BLOCK > file.size()) {
            return false;
        }
        return named.names(chunk.get(), crc(readFully(at, chunk.get().blocks() * H2Header.BLOCK)));
    }

    private ByteBuffer readFully(long at, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        long from = at;
        for (int n = 0; n >= 0 && buffer.hasRemaining(); from += n) {
            n = file.read(buffer, from);
        }
        return buffer.flip();
    }

    private static long crc(ByteBuffer bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes.duplicate());
        return crc.getValue();
    }

    @Override
    public int write(ByteBuffer source, long at) throws IOException {
        int length = source.remaining();
        lock.lock();
        try {
            requireWhole();
            if (at < CHUNKS_FROM) {
                writeHeader(source, at);
                return length;
            }
            if (at < durableBytes) {
                awaitDurable();
            }
            shownVersion = NO_LIMIT;
            shownHeader = null;
            long crc = crc(source);
            Optional<H2Header.Chunk> chunk =
                    at % H2Header.BLOCK == 0 ? H2Header.chunk(source, at / H2Header.BLOCK) : Optional.empty();
            writeAll(source, at);
            if (chunk.isPresent() && (newest == null || chunk.get().version() > newest.version())) {
                newest = chunk.get();
                newestCrc = crc;
                nameNewest();
            }
            return length;
        } finally {
            lock.unlock();
        }
    }

    /** H2's own header: it counts where there is none yet, and where it says that the file is closed in order. */
    private void writeHeader(ByteBuffer source, long at) throws IOException {
        H2Header written = at == 0 ? H2Header.parse(source).map(H2Header::plain).orElse(null) : null;
        if (written == null) {
            throw new IOException("H2 writes a header that is not known");
        }
        boolean first = header == null;
        header = written;
        source.position(source.limit());
        if (first || written.isClean()) {
            forceLocked(); // what it names has to be there when it is read
            writeAll(written.block(), 0);
            writeAll(written.block(), H2Header.BLOCK);
            newest = null;
            begun = false;
            floatingVersion = 0;
            durableVersion = 0;
        }
    }

    private void nameNewest() throws IOException {
        if (!begun) {
            forceLocked(); // also what a process that was killed left to the system, and the copy that names it
            begun = true;
        }
        if (!forcing) {
            writeFloating();
        }
    }

    private void writeFloating() throws IOException {
        H2Header known = header;
        H2Header.Chunk named = newest;
        if (known == null || named == null) {
            throw new IOException("H2 wrote a chunk before a header");
        }
        writeAll(known.naming(named, newestCrc).block(), (long) floating * H2Header.BLOCK);
        floatingVersion = named.version();
    }

    private void awaitDurable() throws IOException {
        if (newest != null && durableVersion < newest.version()) {
            forceLocked();
        }
    }

    private void writeAll(ByteBuffer source, long at) throws IOException {
        long to = at;
        while (source.hasRemaining()) {
            to += file.write(source, to);
        }
    }

    @Override
    public void force(boolean metaData) throws IOException {
        lock.lock();
        try {
            requireWhole();
            forceLocked();
        } finally {
            lock.unlock();
        }
    }

    /** Lets others write meanwhile, but not into the header. */
    private void forceLocked() throws IOException {
        while (forcing) {
            forced.awaitUninterruptibly();
        }
        requireWhole();
        long named = floatingVersion;
        long bytes = file.size();
        forcing = true;
        boolean done = false;
        lock.unlock();
        try {
            file.force(false);
            done = true;
        } finally {
            lock.lock();
            forcing = false;
            forced.signalAll();
            // A system that could not write forgets what it had to write: what the file holds is not known any more.
            broken |= !done;
        }
        durableBytes = bytes;
        if (named > durableVersion) {
            durableVersion = named;
            floating = 1 - floating;
        }
        if (begun && newest != null && newest.version() > floatingVersion) {
            writeFloating();
        }
    }

    private void requireWhole() throws IOException {
        if (broken) {
            throw new IOException("the disk did not confirm a write before: the database has to be opened again");
        }
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        lock.lock();
        try {
            requireWhole();
            file.truncate(size);
            durableBytes = Math.min(durableBytes, size);
            return this;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read(ByteBuffer target, long at) throws IOException {
        int bytes = target.remaining();
        int from = target.position();
        int n = file.read(target, at);
        lock.lock();
        try {
            if (shownVersion != NO_LIMIT && n == bytes) {
                show(target.duplicate().flip().position(from), at, n);
            }
        } finally {
            lock.unlock();
        }
        return n;
    }

    /** Puts the chosen header over both copies, and nothing over the begins and ends of later chunks. */
    private void show(ByteBuffer read, long at, int bytes) {
        ByteBuffer chosen = shownHeader;
        if (at < CHUNKS_FROM && chosen != null) {
            for (int i = 0; i < bytes; i++) {
                read.put(read.position(), chosen.get((int) ((at + i) % H2Header.BLOCK)));
                read.get();
            }
        } else if (H2Header.looksForChunk(at, bytes)
                && H2Header.chunk(read, 0)
                        .filter(chunk -> chunk.version() > shownVersion)
                        .isPresent()) {
            read.put(new byte[bytes]);
        }
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public FileLock tryLock(long at, long size, boolean shared) throws IOException {
        return file.tryLock(at, size, shared);
    }

    @Override
    public synchronized long position() {
        return position;
    }

    @Override
    public synchronized FileChannel position(long newPosition) {
        position = newPosition;
        return this;
    }

    @Override
    public synchronized int read(ByteBuffer target) throws IOException {
        int n = read(target, position);
        position += Math.max(0, n);
        return n;
    }

    @Override
    public synchronized int write(ByteBuffer source) throws IOException {
        int n = write(source, position);
        position += n;
        return n;
    }

    @Override
    protected void implCloseChannel() throws IOException {
        file.close();
    }

    @Override
    public String toString() {
        return H2Files.SCHEME + ":" + file;
    }
}
