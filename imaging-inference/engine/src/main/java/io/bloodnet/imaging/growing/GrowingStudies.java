package io.bloodnet.imaging.growing;

import io.bloodnet.imaging.order.StudyUid;
import java.util.LinkedHashMap;
import java.util.Map;

/** The studies whose images still arrive. Safe for all threads. */
public final class GrowingStudies implements AutoCloseable {

    private final int studiesMax;
    private final Room room;
    private final Map<StudyUid, GrowingStudy> studies = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * What may be kept.
     *
     * @param studiesMax beyond these, the one that was looked at longest ago is forgotten
     * @param heapBytesMax images of all studies together in memory, bytes
     * @param fileBytesMax images of all studies together in temporary files, bytes; what is beyond that is fetched again
     */
    public record Limits(int studiesMax, long heapBytesMax, long fileBytesMax) {

        /** Three heads of 5 mm slices, and never more than a sixteenth of the heap. */
        private static final long HEAP_BYTES_MAX = 64L << 20;

        private static final int HEAP_PART = 16;

        /** 32 studies of 120 thin slices. */
        private static final long FILE_BYTES_MAX = 2L << 30;

        private static final int STUDIES_MAX = 64;

        /** For this process. */
        public static Limits defaults() {
            long part = Runtime.getRuntime().maxMemory() / HEAP_PART;
            return new Limits(STUDIES_MAX, Math.min(HEAP_BYTES_MAX, part), FILE_BYTES_MAX);
        }
    }

    public GrowingStudies(Limits limits) {
        this.studiesMax = limits.studiesMax();
        this.room = new Room(limits.heapBytesMax(), limits.fileBytesMax());
    }

    /** What is kept of a study; nothing at first. */
    public synchronized GrowingStudy of(StudyUid study) {
        GrowingStudy growing = studies.computeIfAbsent(study, uid -> new GrowingStudy(room));
        if (studies.size() > studiesMax) {
            forget(studies.keySet().iterator().next());
        }
        return growing;
    }

    /** Whether anything is kept of a study. */
    public synchronized boolean knows(StudyUid study) {
        return studies.containsKey(study);
    }

    /** Lets go of what is kept of a study. */
    public synchronized void forget(StudyUid study) {
        GrowingStudy growing = studies.remove(study);
        if (growing != null) {
            growing.close();
        }
    }

    @Override
    public synchronized void close() {
        studies.values().forEach(GrowingStudy::close);
        studies.clear();
    }
}
