package io.bloodnet.sandbox.pacs;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.Tag;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The instances in memory, in the order in which they came; safe for many threads. An instance that is there already is kept. */
final class Archive {

    /** What became of one instance that was to be stored. */
    sealed interface Stored {
        /** It is there now (or was before). */
        record Kept(StoredInstance instance) implements Stored {}

        /** It is not; the DICOM failure reason (PS3.18 table I.2-2). */
        record Failed(int reason) implements Stored {}
    }

    static final int PROCESSING_FAILURE = 0x0110;
    static final int OUT_OF_RESOURCES = 0xA700;
    static final int CANNOT_UNDERSTAND = 0xC000;

    private final DicomReader reader = new DicomReader(DicomLimits.DEFAULT);
    private final long bytesMax;
    private final Map<String, StoredInstance> bySopUid = new LinkedHashMap<>();
    private final Map<String, List<StoredInstance>> byStudy = new LinkedHashMap<>();
    private long bytes;

    Archive(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** @param studyUid that the instance must belong to; null for any */
    Stored store(byte[] file, @Nullable String studyUid) {
        StoredInstance instance;
        try {
            DicomObject data = reader.read(file).dataSet();
            instance = new StoredInstance(
                    data.requiredUid(Tag.STUDY_INSTANCE_UID),
                    data.requiredUid(Tag.SERIES_INSTANCE_UID),
                    data.requiredUid(Tag.SOP_INSTANCE_UID),
                    data.header(),
                    file,
                    data.contains(Tag.PIXEL_DATA));
        } catch (DicomException e) {
            return new Stored.Failed(CANNOT_UNDERSTAND);
        }
        boolean fits = studyUid == null || studyUid.equals(instance.studyUid());
        return fits ? keep(instance) : new Stored.Failed(PROCESSING_FAILURE);
    }

    private synchronized Stored keep(StoredInstance instance) {
        StoredInstance there = bySopUid.get(instance.sopUid());
        if (there != null) {
            return new Stored.Kept(there);
        }
        if (bytes + instance.file().length > bytesMax) {
            return new Stored.Failed(OUT_OF_RESOURCES);
        }
        bytes += instance.file().length;
        bySopUid.put(instance.sopUid(), instance);
        byStudy.computeIfAbsent(instance.studyUid(), uid -> new ArrayList<>()).add(instance);
        return new Stored.Kept(instance);
    }

    synchronized List<StoredInstance> all() {
        return List.copyOf(bySopUid.values());
    }

    synchronized List<StoredInstance> study(String studyUid) {
        return List.copyOf(byStudy.getOrDefault(studyUid, List.of()));
    }

    /** Forgets a study. */
    synchronized void remove(String studyUid) {
        List<StoredInstance> gone = byStudy.remove(studyUid);
        for (StoredInstance instance : gone == null ? List.<StoredInstance>of() : gone) {
            bySopUid.remove(instance.sopUid());
            bytes -= instance.file().length;
        }
    }
}
