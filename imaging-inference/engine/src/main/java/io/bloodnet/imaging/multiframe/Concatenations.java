package io.bloodnet.imaging.multiframe;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Multi-frame images that were cut into several instances of one series (PS3.3 C.7.6.16): whether each is whole. Not for sharing
 * between threads.
 */
public final class Concatenations {

    private final Map<String, NavigableMap<Integer, Part>> parts = new HashMap<>();

    private boolean broken;

    /**
     * @param total In-concatenation Total Number, 0 when it is not told
     * @param offset frames before this part, -1 when they are not told
     */
    private record Part(int total, int offset, int frames) {}

    /** Takes note of an instance; most belong to no concatenation. */
    public void add(DicomObject dataSet) {
        try {
            String uid = dataSet.uid(Tag.CONCATENATION_UID).orElse(null);
            if (uid == null) {
                return;
            }
            Part part = new Part(
                    dataSet.integer(Tag.IN_CONCATENATION_TOTAL_NUMBER).orElse(0),
                    dataSet.integer(Tag.CONCATENATION_FRAME_OFFSET_NUMBER).orElse(-1),
                    ImageFrames.frameCount(dataSet));
            int number = dataSet.requiredInteger(Tag.IN_CONCATENATION_NUMBER);
            Part other = parts.computeIfAbsent(uid, _ -> new TreeMap<>()).putIfAbsent(number, part);
            broken |= other != null;
        } catch (DicomException e) {
            broken = true;
        }
    }

    /** Whether a part is missing, is there twice or cannot be placed among the others. */
    public boolean lackParts() {
        return broken || parts.values().stream().anyMatch(Concatenations::lacksPart);
    }

    private static boolean lacksPart(NavigableMap<Integer, Part> parts) {
        int number = 0;
        int frames = 0;
        for (Map.Entry<Integer, Part> entry : parts.entrySet()) {
            Part part = entry.getValue();
            number++;
            if (entry.getKey() != number || part.offset() >= 0 && part.offset() != frames) {
                return true;
            }
            frames += part.frames();
        }
        int told = number;
        return parts.values().stream().anyMatch(part -> part.total() != 0 && part.total() != told);
    }
}
