package io.bloodnet.server.study;

import io.bloodnet.imaging.dicomweb.StudySlices.HuSlice;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The slices that people looked at last, so that several readers of one study cost the archive one read. Safe for all threads. */
final class SliceCache {

    /** 24 MB of slices of 512x512: one study. */
    static final int VALUES_MAX = 12 << 20;

    private final LinkedHashMap<String, HuSlice> slices = new LinkedHashMap<>(64, 0.75f, true);
    private long values;

    synchronized Optional<HuSlice> get(String key) {
        return Optional.ofNullable(slices.get(key));
    }

    synchronized void put(String key, HuSlice slice) {
        HuSlice before = slices.put(key, slice);
        values += slice.hu().length - (before == null ? 0 : before.hu().length);
        var oldest = slices.entrySet().iterator();
        while (values > VALUES_MAX && oldest.hasNext()) {
            Map.Entry<String, HuSlice> entry = oldest.next();
            values -= entry.getValue().hu().length;
            oldest.remove();
        }
    }
}
