package io.bloodnet.imaging.finding;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of an analyzed finding as every report writes them, so that FHIR, HL7, PDF, cards and pages never differ. Score and
 * threshold have digits enough to tell them apart, and neither ever reads as certain: the network knows no 0 and no 1.
 *
 * @param probability with as many digits as {@code threshold}
 * @param threshold the operating point
 * @param volumeMl estimated blood volume with two decimals, mL; null where hemorrhage is suspected and none was outlined: no volume is known
 */
public record FindingNumbers(
        BigDecimal probability,
        BigDecimal threshold,
        @Nullable BigDecimal volumeMl) {

    private static final int DIGITS_MIN = 4;

    /** No two doubles that a network or a site gives differ by less. */
    private static final int DIGITS_MAX = 20;

    private static final int VOLUME_DIGITS = 2;

    private static final double VOLUME_SAID_MIN_ML = 0.1;

    /** The numbers of a finding. */
    public static FindingNumbers of(Finding.Analyzed a) {
        return of(a.probability(), a.threshold(), a.bloodVolumeMl());
    }

    /**
     * Rounds half up: scores to four decimals, or to as many as it takes to tell both apart.
     *
     * @param probability 0 to 1
     * @param threshold 0 to 1
     * @param bloodVolumeMl mL, not negative
     */
    public static FindingNumbers of(double probability, double threshold, double bloodVolumeMl) {
        int digits = DIGITS_MIN;
        while (digits < DIGITS_MAX && !tells(probability, threshold, digits)) {
            digits++;
        }
        boolean unknown = probability >= threshold && bloodVolumeMl == 0;
        return new FindingNumbers(
                score(probability, digits), rounded(threshold, digits), unknown ? null : volume(bloodVolumeMl));
    }

    private static boolean tells(double probability, double threshold, int digits) {
        BigDecimal limit = rounded(threshold, digits);
        boolean readsAsCertain = isCertain(limit) && threshold > 0 && threshold < 1;
        return !readsAsCertain
                && (probability == threshold || score(probability, digits).compareTo(limit) != 0);
    }

    private static BigDecimal rounded(double value, int digits) {
        return new BigDecimal(value).setScale(digits, RoundingMode.HALF_UP);
    }

    private static boolean isCertain(BigDecimal value) {
        return value.signum() == 0 || value.compareTo(BigDecimal.ONE) == 0;
    }

    /** The score, or the nearest number with these digits that is neither 0 nor 1. */
    private static BigDecimal score(double probability, int digits) {
        BigDecimal rounded = rounded(probability, digits);
        BigDecimal step = BigDecimal.ONE.movePointLeft(digits);
        if (rounded.signum() == 0) {
            return step;
        }
        return rounded.compareTo(BigDecimal.ONE) == 0 ? BigDecimal.ONE.subtract(step) : rounded;
    }

    /** A volume as a number; blood that was outlined is never 0. */
    public static BigDecimal volume(double ml) {
        BigDecimal rounded = rounded(ml, VOLUME_DIGITS);
        return ml > 0 && rounded.signum() == 0 ? BigDecimal.ONE.movePointLeft(VOLUME_DIGITS) : rounded;
    }

    /** The volume for a person, with its unit. */
    public String volumeText() {
        return volumeMl == null ? "unknown, no blood outlined" : millilitres(volumeMl.doubleValue());
    }

    /** A volume for a person: one decimal and the unit; what would read as nothing is less than 0.1 mL. */
    public static String millilitres(double ml) {
        if (ml > 0 && ml < VOLUME_SAID_MIN_ML) {
            return "less than 0.1 mL";
        }
        return String.format(Locale.ROOT, "%.1f mL", ml);
    }
}
