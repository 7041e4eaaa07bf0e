package io.bloodnet.imaging.growing;

import io.bloodnet.imaging.bloodnet.SliceJudgement;
import io.bloodnet.imaging.series.SeriesHeaders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What came of one study and what the network said of it. Images stay in memory as long as there is room for them ({@link GrowingStudies}),
 * then in a temporary file, and beyond that they are not kept: who wants them fetches them. Safe for all threads.
 */
public final class GrowingStudy {

    /** Windows whose judgement is kept; each takes up to 32 kB. A head of 5 mm slices has 40, and each look adds a few. */
    private static final int JUDGEMENTS_MAX = 400;

    private static final Logger LOG = LoggerFactory.getLogger(GrowingStudy.class);

    private final Room room;
    private final Map<String, Map<String, Kept>> images = new HashMap<>();
    private final Map<String, SeriesHeaders> headers = new HashMap<>();
    private final Map<ByteBuffer, SliceJudgement> judgements = new LinkedHashMap<>();
    private @Nullable SpillFile file;
    private long heapBytes;
    private long fileBytes;
    private boolean closed;

    GrowingStudy(Room room) {
        this.room = room;
    }

    /** A Part 10 file, in memory or in the temporary file. */
    private record Kept(byte @Nullable [] bytes, long start, int length) {}

    /** Keeps an image as it came, if there is room; a newer one takes the place of an older one. */
    public synchronized void keep(String seriesUid, String sopInstanceUid, byte[] part10) {
        if (closed) {
            return;
        }
        Kept kept = null;
        if (room.takeHeap(part10.length)) {
            heapBytes += part10.length;
            kept = new Kept(part10, 0, part10.length);
        } else if (room.takeFile(part10.length)) {
            fileBytes += part10.length;
            kept = spill(part10);
        }
        if (kept != null) {
            images.computeIfAbsent(seriesUid, uid -> new LinkedHashMap<>()).put(sopInstanceUid, kept);
        }
    }

    private @Nullable Kept spill(byte[] part10) {
        try {
            if (file == null) {
                file = SpillFile.open();
            }
            return new Kept(null, file.add(part10), part10.length);
        } catch (IOException e) {
            LOG.warn(
                    "no temporary file for images ({}), next: they are fetched again",
                    e.getClass().getSimpleName());
            return null;
        }
    }

    /** Which images of a series are kept, in the order in which they came. */
    public synchronized List<String> kept(String seriesUid) {
        return List.copyOf(images.getOrDefault(seriesUid, Map.of()).keySet());
    }

    /** The Part 10 file as it came; not to be changed. */
    public synchronized Optional<byte[]> image(String seriesUid, String sopInstanceUid) {
        Kept kept = images.getOrDefault(seriesUid, Map.of()).get(sopInstanceUid);
        if (kept == null) {
            return Optional.empty();
        }
        if (kept.bytes() != null) {
            return Optional.of(kept.bytes());
        }
        try {
            return file == null ? Optional.empty() : Optional.of(file.read(kept.start(), kept.length()));
        } catch (IOException e) {
            LOG.warn(
                    "a temporary file cannot be read ({}), next: the image is fetched again",
                    e.getClass().getSimpleName());
            return Optional.empty();
        }
    }

    /** Headers of a series that still has as many instances as when they were read. */
    public synchronized Optional<SeriesHeaders> headers(String seriesUid, int instanceCount) {
        return Optional.ofNullable(headers.get(seriesUid)).filter(known -> known.instanceCount() == instanceCount);
    }

    /** Keeps the headers of a series. */
    public synchronized void keep(SeriesHeaders read) {
        headers.put(read.seriesUid(), read);
    }

    /** What the network said of a window. @param window names its content, see {@code HeadVolume.windowDigest} */
    public synchronized Optional<SliceJudgement> judgement(byte[] window) {
        return Optional.ofNullable(judgements.get(ByteBuffer.wrap(window)));
    }

    /** Keeps what the network said of a window. */
    public synchronized void keep(byte[] window, SliceJudgement judgement) {
        if (!closed && judgements.size() < JUDGEMENTS_MAX) {
            judgements.put(ByteBuffer.wrap(window), judgement);
        }
    }

    /** Lets go of everything. */
    synchronized void close() {
        closed = true;
        images.clear();
        headers.clear();
        judgements.clear();
        room.giveBack(heapBytes, fileBytes);
        heapBytes = 0;
        fileBytes = 0;
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                LOG.warn("a temporary file cannot be closed ({})", e.getClass().getSimpleName());
            }
            file = null;
        }
    }
}
