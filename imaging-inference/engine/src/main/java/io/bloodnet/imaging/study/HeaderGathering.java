package io.bloodnet.imaging.study;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.multiframe.Concatenations;
import io.bloodnet.imaging.series.SeriesHeaders;
import io.bloodnet.imaging.series.SeriesRefusal;
import io.bloodnet.imaging.series.SliceHeader;
import io.bloodnet.imaging.series.SliceHeaders;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Gathers the headers of one series, instance by instance. Not for sharing between threads. */
public final class HeaderGathering {

    private final String seriesUid;
    private final List<SliceHeader> slices = new ArrayList<>();
    private final Set<String> instances = new HashSet<>();
    private final Concatenations concatenations = new Concatenations();

    public HeaderGathering(String seriesUid) {
        this.seriesUid = seriesUid;
    }

    /**
     * Takes one instance; one that came before under the same SOP Instance UID changes nothing.
     *
     * @return its slices
     * @throws DicomException when the data set does not say which instance it is
     */
    public List<SliceHeader> add(DicomObject dataSet) {
        List<SliceHeader> headers = SliceHeaders.ofInstance(dataSet);
        if (instances.add(headers.getFirst().sopInstanceUid())) {
            slices.addAll(headers);
            concatenations.add(dataSet);
        }
        return headers;
    }

    public List<SliceHeader> slices() {
        return slices;
    }

    /** How many instances were taken. */
    public int instances() {
        return instances.size();
    }

    /** @param listed instances, as the source counts them */
    public SeriesHeaders headers(int listed) {
        SeriesRefusal refusal = concatenations.lackParts() ? SeriesRefusal.LACKS_A_PART : null;
        return new SeriesHeaders(seriesUid, slices, Math.max(listed, instances()), refusal);
    }
}
