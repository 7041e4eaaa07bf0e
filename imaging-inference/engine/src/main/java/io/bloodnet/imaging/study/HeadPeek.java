package io.bloodnet.imaging.study;

import io.bloodnet.imaging.codec.FrameDecoder;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.FrameDecoding;
import io.bloodnet.imaging.geometry.Grid;
import io.bloodnet.imaging.geometry.Plane;
import io.bloodnet.imaging.head.Field;
import io.bloodnet.imaging.head.HeadCheck;
import io.bloodnet.imaging.head.HuTable;
import io.bloodnet.imaging.head.Resampler;
import io.bloodnet.imaging.multiframe.ImageFrames;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.series.Candidate;
import io.bloodnet.imaging.series.SeriesSelection;
import io.bloodnet.imaging.series.SliceHeader;
import io.bloodnet.imaging.series.SliceHeaders;
import io.bloodnet.imaging.series.SliceStack;
import io.bloodnet.imaging.study.SeriesImages.Encoding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a few slices of a stack, to tell a head from a chest or a spine before all of it is fetched. Used by one thread.
 */
final class HeadPeek {

    /** From one look to the next, mm: no brain fits in between. */
    private static final double STEP_MM = 30;

    /** Where a head that ends at the vertex shows much brain, mm below the highest slice. */
    private static final double BELOW_TOP_MM = 45;

    /** Slices that are looked at: 60 cm. */
    private static final int SLICES_MAX = 20;

    private static final int BRAIN_SLICES_ENOUGH = 2;

    private static final Logger LOG = LoggerFactory.getLogger(HeadPeek.class);

    private final SeriesImages images;
    private final StudyUid studyUid;
    private final DicomReader reader;
    private final FrameDecoder decoder;
    private final HuTable hu = new HuTable();
    private int instances;
    private long bytes;

    HeadPeek(SeriesImages images, StudyUid studyUid, DicomLimits limits) {
        this.images = images;
        this.studyUid = studyUid;
        this.reader = new DicomReader(limits);
        this.decoder = new FrameDecoder(limits);
    }

    /**
     * Whether the stack may be a head: false only when slices were seen and none of them shows brain in a skull.
     *
     * @throws StudySourceException when the source cannot be asked now
     */
    boolean maybeHead(Candidate candidate) {
        List<SliceHeader> chosen = slices(candidate.stack());
        List<String> instances =
                chosen.stream().map(SliceHeader::sopInstanceUid).distinct().toList();
        List<Boolean> seen = new ArrayList<>();
        for (String instance : instances) {
            List<SliceHeader> ofInstance = chosen.stream()
                    .filter(slice -> slice.sopInstanceUid().equals(instance))
                    .toList();
            seen.addAll(showBrain(candidate.seriesUid(), instance, ofInstance));
            if (seen.stream().filter(brain -> brain).count() >= BRAIN_SLICES_ENOUGH) {
                return true;
            }
        }
        return seen.contains(true) || seen.isEmpty();
    }

    /** From the head downwards, since that is where the brain is. */
    private static List<SliceHeader> slices(SliceStack stack) {
        double[] heights = stack.heights();
        double top = heights[heights.length - 1];
        double at = top - Math.min(BELOW_TOP_MM, stack.extentMm() / 2);
        List<SliceHeader> slices = new ArrayList<>();
        for (int i = heights.length - 1; i >= 0 && slices.size() < SLICES_MAX; i--) {
            if (heights[i] <= at) {
                slices.add(stack.slices().get(i));
                at = heights[i] - Math.min(STEP_MM, stack.extentMm() / 4);
            }
        }
        return slices;
    }

    /** One answer for each slice of the instance that can be had and decoded. */
    private List<Boolean> showBrain(String seriesUid, String instance, List<SliceHeader> slices) {
        for (Encoding encoding : Encoding.values()) {
            List<Boolean> shows = new ArrayList<>();
            images.readInstance(studyUid, seriesUid, instance, encoding, part10 -> {
                instances++;
                bytes += part10.length;
                shows.addAll(showBrain(slices, part10));
            });
            if (!shows.isEmpty()) {
                return shows;
            }
        }
        return List.of();
    }

    private List<Boolean> showBrain(List<SliceHeader> slices, byte[] part10) {
        List<Boolean> shows = new ArrayList<>();
        try {
            DicomFile file = reader.read(part10);
            Map<Integer, DicomObject> headers = new HashMap<>();
            for (DicomObject header : ImageFrames.of(file.dataSet(), SeriesSelection.SOURCE_SLICES_MAX)) {
                headers.put(SliceHeaders.of(header).frame(), header);
            }
            for (SliceHeader slice : slices) {
                DicomObject header = headers.get(slice.frame());
                if (header != null
                        && decoder.decode(file, Math.max(0, slice.frame() - 1)) instanceof FrameDecoding.Frame frame
                        && frame.rows() == slice.rows()
                        && frame.columns() == slice.columns()) {
                    shows.add(showsBrain(slice, hu.inPlace(frame, header)));
                }
            }
        } catch (DicomException e) {
            LOG.info("a slice to look at is damaged ({}), next: another one", e.code());
        }
        return shows;
    }

    private static boolean showsBrain(SliceHeader slice, short[] hu) {
        Plane plane = Objects.requireNonNull(slice.plane());
        Grid grid = new Grid(slice.rows(), slice.columns(), plane.rowSpacingMm(), plane.columnSpacingMm());
        Field whole = Field.whole(grid);
        short[] sized = whole.isSlice(grid) ? hu : new Resampler(grid, whole).apply(hu);
        return HeadCheck.look(sized, whole.pixelMm() * whole.pixelMm()).brain();
    }

    int instances() {
        return instances;
    }

    long bytes() {
        return bytes;
    }
}
