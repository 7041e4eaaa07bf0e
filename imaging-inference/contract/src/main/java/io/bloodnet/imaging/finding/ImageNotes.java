package io.bloodnet.imaging.finding;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a reader of a finding should know about the images, in the same words in every report. */
public final class ImageNotes {

    private ImageNotes() {}

    /**
     * Half sentences: the flags, how many slices were left out, how many thin slices were averaged to how many, and which other stacks of
     * slices were analyzed with what result.
     */
    public static List<String> of(Finding.Analyzed a, StudyFacts facts) {
        List<String> notes = new ArrayList<>();
        for (InputFlag flag : a.flags()) {
            notes.add(
                    switch (flag) {
                        case SLICES_LEFT_OUT ->
                            flag.words() + (a.slicesLeftOut() > 0 ? " (" + a.slicesLeftOut() + ")" : "");
                        case THIN_SLICES_AVERAGED -> flag.words() + averaged(facts);
                        default -> flag.words();
                    });
        }
        if (!a.alsoAnalyzed().isEmpty()) {
            notes.add("told is series " + a.seriesUid());
        }
        for (Finding.AlsoAnalyzed other : a.alsoAnalyzed()) {
            FindingNumbers numbers = FindingNumbers.of(other.probability(), a.threshold(), other.bloodVolumeMl());
            notes.add("also analyzed are " + other.slices() + " slices of series " + other.seriesUid()
                    + " (probability " + numbers.probability().toPlainString() + ", blood volume "
                    + numbers.volumeText() + ")");
        }
        return notes;
    }

    private static String averaged(StudyFacts facts) {
        if (facts.sourceSliceCount() == null
                || facts.sliceThicknessMm() == null
                || facts.analyzedThicknessMm() == null) {
            return "";
        }
        return String.format(
                Locale.ROOT,
                " (%d slices of %.1f mm to %d of %.1f mm)",
                facts.sourceSliceCount(),
                facts.sliceThicknessMm(),
                facts.sliceCount(),
                facts.analyzedThicknessMm());
    }
}
