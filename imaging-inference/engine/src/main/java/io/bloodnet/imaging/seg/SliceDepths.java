package io.bloodnet.imaging.seg;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.finding.SliceId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How deep each slice of a series is: half the distance to each neighbour along the normal, an end slice counts its only neighbour twice.
 * Headers' own spacing is often wrong, positions are not.
 */
final class SliceDepths {

    private final Map<SliceId, Double> mmBySlice;

    private SliceDepths(Map<SliceId, Double> mmBySlice) {
        this.mmBySlice = mmBySlice;
    }

    private record Placed(SliceId slice, double mm) {}

    /** @throws DicomException INVALID_VALUE when two slices lie in one place */
    static SliceDepths of(List<DicomObject> sources) {
        double[] normal = normal(sources.getFirst().requiredDecimals(Tag.IMAGE_ORIENTATION_PATIENT, 6));
        List<Placed> placed = sources.stream()
                .map(source -> new Placed(SegFrame.idOf(source), position(source, normal)))
                .sorted(Comparator.comparingDouble(Placed::mm))
                .toList();
        Map<SliceId, Double> depths = new HashMap<>();
        int last = placed.size() - 1;
        for (int i = 0; i <= last; i++) {
            double mm = last == 0
                    ? sources.getFirst().requiredDecimals(Tag.SLICE_THICKNESS, 1)[0]
                    : (gap(placed, Math.min(i, last - 1)) + gap(placed, Math.max(i - 1, 0))) / 2;
            if (mm <= 0) {
                throw new DicomException(
                        DicomException.Code.INVALID_VALUE,
                        Tag.text(Tag.IMAGE_POSITION_PATIENT) + " puts slices onto one place");
            }
            // Micrometres: below them are only the rounding errors of the positions.
            depths.put(placed.get(i).slice(), Math.round(mm * 1000) / 1000.0);
        }
        return new SliceDepths(depths);
    }

    private static double gap(List<Placed> placed, int lower) {
        return placed.get(lower + 1).mm() - placed.get(lower).mm();
    }

    /** Depth of one of the sources, mm. */
    double mm(DicomObject source) {
        Double mm = mmBySlice.get(SegFrame.idOf(source));
        if (mm == null) {
            throw new IllegalArgumentException("a slice that is none of the sources");
        }
        return mm;
    }

    private static double position(DicomObject source, double[] normal) {
        double[] p = source.requiredDecimals(Tag.IMAGE_POSITION_PATIENT, 3);
        return p[0] * normal[0] + p[1] * normal[1] + p[2] * normal[2];
    }

    private static double[] normal(double[] o) {
        double[] n = {
            o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3],
        };
        double length = Math.sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
        return new double[] {n[0] / length, n[1] / length, n[2] / length};
    }
}
