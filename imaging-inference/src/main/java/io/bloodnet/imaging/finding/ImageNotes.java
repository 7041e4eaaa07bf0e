package io.bloodnet.imaging.finding;

import java.util.ArrayList;
import java.util.List;

/** What a reader of a finding should know about the images, in the same words in every report. */
public final class ImageNotes {

    private ImageNotes() {}

    /** Half sentences: the flags, how many slices were left out, and which other stacks of slices were analyzed with what result. */
    public static List<String> of(Finding.Analyzed a) {
        List<String> notes = new ArrayList<>();
        for (InputFlag flag : a.flags()) {
            boolean counted = flag == InputFlag.SLICES_LEFT_OUT && a.slicesLeftOut() > 0;
            notes.add(counted ? flag.words() + " (" + a.slicesLeftOut() + ")" : flag.words());
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
}
