package io.bloodnet.sandbox.cases;

import io.bloodnet.sandbox.cases.SampleCase.Route;
import java.time.LocalDate;
import java.util.List;
import java.util.Random;

/** The cases that the demo shows, and more of the same for tests and benchmarks. */
public final class SampleCases {

    /** The seed of the demo. */
    public static final long SEED = 20_260;

    private static final int SLICES = 30;
    private static final List<String> FAMILY_NAMES =
            List.of("Sample", "Demo", "Example", "Pretend", "Invented", "Imagined", "Specimen", "Phantom");
    private static final List<String> GIVEN_NAMES =
            List.of("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gwen", "Hugo", "Iris", "Jon");

    private SampleCases() {}

    /** The demo's cases: STAT and routine, by HL7 and FHIR, with and without blood, and one that cannot be analyzed. */
    public static List<SampleCase> demo() {
        return demo(SEED);
    }

    /** The same six kinds of cases with other patients, identifiers and heads. */
    public static List<SampleCase> demo(long seed) {
        return List.of(
                of("stat-iph", seed, 1, HeadContent.INTRAPARENCHYMAL, Route.HL7_ORM, true),
                of("routine-clean", seed, 2, HeadContent.CLEAN, Route.HL7_OMI, false),
                of("stat-edh", seed, 3, HeadContent.EPIDURAL, Route.FHIR_IMAGING_STUDY, true),
                of("routine-clean-fhir", seed, 4, HeadContent.CLEAN, Route.FHIR_IMAGING_STUDY, false),
                of("routine-ivh", seed, 5, HeadContent.INTRAVENTRICULAR, Route.HL7_OMI, false),
                of("localizer-only", seed, 6, HeadContent.LOCALIZER_ONLY, Route.HL7_ORM, false));
    }

    /**
     * One case.
     *
     * @param id its short name
     * @param seed of a group of cases
     * @param number of the case in the group, 0 to 99999
     */
    public static SampleCase of(String id, long seed, int number, HeadContent content, Route route, boolean stat) {
        if (number < 0 || number > 99_999) {
            throw new IllegalArgumentException("case number " + number + " is not in 0..99999");
        }
        Random random = new Random(seed * 1_000_003 + number);
        String digits = "%05d%05d".formatted(Math.floorMod(seed, 100_000), number);
        return new SampleCase(
                id,
                content,
                route,
                stat,
                "M" + digits,
                FAMILY_NAMES.get(random.nextInt(FAMILY_NAMES.size())),
                GIVEN_NAMES.get(random.nextInt(GIVEN_NAMES.size())),
                LocalDate.of(1935, 1, 1).plusDays(random.nextInt(60 * 365)),
                random.nextBoolean() ? "F" : "M",
                "A" + digits,
                "P" + digits,
                Uids.derive("study", digits),
                content == HeadContent.LOCALIZER_ONLY ? 0 : SLICES,
                random.nextLong());
    }
}
