package io.bloodnet.imaging.series;

import io.bloodnet.imaging.contrast.ContrastEvidence;
import java.time.LocalDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which slices of a study were made with contrast medium. Where only the study's name speaks of it, the scan that says nothing of itself
 * is the plain one of a mixed study if it was made before the one that says that it has contrast medium.
 *
 * @param first when the first such scan began; null when there is none, or it does not tell its time
 */
record ContrastScans(@Nullable LocalDateTime first) {

    static ContrastScans of(List<SeriesHeaders> study) {
        LocalDateTime first = null;
        for (SeriesHeaders series : study) {
            for (SliceHeader slice : series.slices()) {
                LocalDateTime at = slice.making().acquiredAt();
                boolean contrast = slice.making().contrast().verdict() == ContrastEvidence.Verdict.CONTRAST;
                if (contrast && at != null && (first == null || at.isBefore(first))) {
                    first = at;
                }
            }
        }
        return new ContrastScans(first);
    }

    boolean covers(SliceHeader slice) {
        return switch (slice.making().contrast().verdict()) {
            case PLAIN -> false;
            case CONTRAST -> true;
            case UNCLEAR -> {
                LocalDateTime at = slice.making().acquiredAt();
                yield at == null || first == null || !at.isBefore(first);
            }
        };
    }
}
