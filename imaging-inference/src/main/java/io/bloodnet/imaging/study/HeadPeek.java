package io.bloodnet.imaging.study;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.FrameDecoder;
import io.bloodnet.imaging.dicom.FrameDecoding;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.SeriesImages.Encoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
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
        int seen = 0;
        int brain = 0;
        for (SliceHeader slice : slices(candidate.stack())) {
            Boolean shows = showsBrain(candidate.seriesUid(), slice);
            seen += shows == null ? 0 : 1;
            brain += Boolean.TRUE.equals(shows) ? 1 : 0;
            if (brain == BRAIN_SLICES_ENOUGH) {
                return true;
            }
        }
        return brain > 0 || seen == 0;
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

    /** Null when the slice cannot be had or decoded. */
    private @Nullable Boolean showsBrain(String seriesUid, SliceHeader slice) {
        for (Encoding encoding : Encoding.values()) {
            List<Boolean> shows = new ArrayList<>();
            images.readInstance(studyUid, seriesUid, slice.sopInstanceUid(), encoding, part10 -> {
                instances++;
                bytes += part10.length;
                Boolean answer = showsBrain(slice, part10);
                if (answer != null) {
                    shows.add(answer);
                }
            });
            if (!shows.isEmpty()) {
                return shows.getFirst();
            }
        }
        return null;
    }

    private @Nullable Boolean showsBrain(SliceHeader slice, byte[] part10) {
        try {
            DicomFile file = reader.read(part10);
            return switch (decoder.decode(file, 0)) {
                case FrameDecoding.UndecodableTransferSyntax _ -> null;
                case FrameDecoding.Frame frame -> {
                    if (frame.rows() != slice.rows() || frame.columns() != slice.columns()) {
                        yield null;
                    }
                    yield showsBrain(slice, hu.inPlace(frame, file.dataSet()));
                }
            };
        } catch (DicomException e) {
            LOG.info("a slice to look at is damaged ({}), next: another one", e.code());
            return null;
        }
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
