package io.bloodnet.imaging.series;

import static io.bloodnet.imaging.series.SliceHeaderMaker.every;
import static io.bloodnet.imaging.series.SliceHeaderMaker.series;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.series.SeriesSelection.Selection;
import io.bloodnet.imaging.series.SliceHeaderMaker.Style;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SeriesSelectionTest {

    private static final Style SOFT = Style.soft("2.25.10");

    @Test
    void chooses_soft_kernel_near_5_mm_before_thin_before_bone() {
        SeriesHeaders bone = series(Style.soft("2.25.11").kernel("H70h"), every(5, 30));
        SeriesHeaders thin = series(Style.soft("2.25.12"), every(1, 150));
        SeriesHeaders soft = series(SOFT, every(5, 30));

        assertThat(chosen(bone, thin, soft).seriesUid()).isEqualTo("2.25.10");
        assertThat(chosen(bone, thin).seriesUid()).isEqualTo("2.25.12");
        assertThat(chosen(bone).flags()).contains(InputFlag.SHARP_KERNEL);
    }

    @Test
    void prefers_a_whole_head_to_a_piece_of_better_thickness() {
        SeriesHeaders piece = series(Style.soft("2.25.11"), every(5, 8));
        SeriesHeaders whole = series(SOFT, every(3, 50));

        assertThat(chosen(piece, whole).seriesUid()).isEqualTo("2.25.10");
    }

    @Test
    void refuses_by_sop_class_and_image_type_with_a_reason() {
        assertRefused(
                NotAnalyzedReason.NO_AXIAL_SERIES,
                "1 series holds no CT images",
                series(SOFT.sopClass("1.2.840.10008.5.1.4.1.1.7"), every(5, 30)));
        assertRefused(
                NotAnalyzedReason.NO_AXIAL_SERIES,
                "1 series is a localizer",
                series(SOFT.imageType("ORIGINAL", "PRIMARY", "LOCALIZER"), every(5, 30)));
        assertRefused(
                NotAnalyzedReason.NO_AXIAL_SERIES,
                "1 series is derived from slices",
                series(SOFT.imageType("DERIVED", "SECONDARY", "AXIAL", "MIP"), every(5, 30)));
        assertThat(chosen(series(SOFT.imageType("ORIGINAL", "PRIMARY", "AXIAL", "ADD"), every(5, 30)))
                        .slices())
                .hasSize(30);
    }

    @Test
    void refuses_what_was_made_with_contrast_medium() {
        assertRefused(NotAnalyzedReason.CONTRAST_ONLY, "contrast", series(SOFT.withContrast(), every(5, 30)));
    }

    @Test
    void refuses_too_few_slices_also_after_thin_ones_are_averaged() {
        assertRefused(NotAnalyzedReason.TOO_FEW_SLICES, "too few", series(SOFT, every(5, 4)));
        assertRefused(NotAnalyzedReason.TOO_FEW_SLICES, "too few", series(SOFT, every(1, 20)));
        assertThat(chosen(series(SOFT, every(5, 5))).slices()).hasSize(5);
    }

    @Test
    void refuses_holes_that_cannot_be_bridged_and_series_over_the_limit() {
        double[] hole = every(5, 30);
        for (int i = 15; i < hole.length; i++) {
            hole[i] += 40;
        }
        assertRefused(NotAnalyzedReason.BAD_GEOMETRY, "geometry", series(SOFT, hole));
        assertRefused(NotAnalyzedReason.TOO_LARGE, "larger", series(SOFT, every(5, 200)));
        SeriesHeaders counted = new SeriesHeaders("2.25.10", List.of(), SeriesSelection.SOURCE_SLICES_MAX + 1);
        assertRefused(NotAnalyzedReason.TOO_LARGE, "larger", counted);
    }

    @Test
    void accepts_gantry_tilt_up_to_30_degrees() {
        HeadGeometry geometry = chosen(series(SOFT.tilted(18.5), every(5, 30)));

        assertThat(geometry.tiltDegrees()).isCloseTo(18.5, offset(0.01));
        assertThat(geometry.flags()).contains(InputFlag.TILTED);
        assertThat(geometry.medianGapMm()).isCloseTo(5 * Math.cos(Math.toRadians(18.5)), offset(0.001));
        assertRefused(NotAnalyzedReason.NO_AXIAL_SERIES, "not axial", series(SOFT.tilted(40), every(5, 30)));
        assertRefused(NotAnalyzedReason.NO_AXIAL_SERIES, "not axial", series(SOFT.tilted(90), every(5, 30)));
    }

    @Test
    void orders_by_position_and_measures_depths_whatever_order_the_slices_come_in() {
        long seed = Long.getLong("seed", 7);
        double[] heights = {0, 4, 8, 9, 13, 20};
        List<SliceHeader> shuffled = new ArrayList<>(series(SOFT, heights).slices());
        Collections.shuffle(shuffled, new Random(seed));

        HeadGeometry geometry = chosen(new SeriesHeaders("2.25.10", shuffled, heights.length));

        assertThat(geometry.sources())
                .as("seed " + seed)
                .extracting(SliceHeader::instanceNumber)
                .isSorted();
        assertThat(geometry.slices().stream().map(s -> s.depthMm())).containsExactly(4.0, 4.0, 5.0, 5.5, 7.0);
        assertThat(geometry.flags()).contains(InputFlag.UNEVEN_SPACING, InputFlag.GAP);
    }

    @Test
    void drops_duplicates_at_one_height_and_says_so() {
        double[] heights = every(5, 30);
        double[] twice = Arrays.copyOf(heights, 31);
        twice[30] = heights[12];

        HeadGeometry geometry = chosen(series(SOFT, twice));

        assertThat(geometry.slices()).hasSize(30);
        assertThat(geometry.flags()).contains(InputFlag.DUPLICATE_SLICES_DROPPED);
        assertThat(geometry.sources()).extracting(SliceHeader::instanceNumber).doesNotContain(31);
    }

    @Test
    void averages_thin_stacks_to_about_5_mm_and_loses_no_slice() {
        HeadGeometry geometry = chosen(series(SOFT, every(0.625, 203)));

        assertThat(geometry.flags()).contains(InputFlag.THIN_SLICES_AVERAGED);
        assertThat(geometry.slices()).hasSize(26);
        assertThat(geometry.sources()).hasSize(203);
        assertThat(geometry.slices().getFirst().depthMm()).isEqualTo(5.0);
        assertThat(geometry.slices().stream().mapToDouble(s -> s.depthMm()).sum())
                .isCloseTo(203 * 0.625, offset(1e-9));
    }

    @Test
    void groups_by_depth_and_leaves_thick_slices_alone() {
        for (double gap : new double[] {0.6, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 3.3, 4, 5}) {
            HeadGeometry geometry = chosen(series(SOFT, every(gap, (int) (150 / gap))));
            assertThat(geometry.slices().stream().mapToDouble(s -> s.depthMm()))
                    .as("gap " + gap)
                    .allMatch(depth -> depth < 6 && depth >= Math.min(gap, 2.5));
        }
        double[] thinBelow = new double[44];
        for (int i = 0; i < thinBelow.length; i++) {
            thinBelow[i] = i < 24 ? 1.25 * i : 30 + 5.0 * (i - 24);
        }
        HeadGeometry mixed = chosen(series(SOFT, thinBelow));

        assertThat(mixed.slices().stream().mapToDouble(s -> s.depthMm())).allMatch(depth -> depth > 3 && depth < 6);
        assertThat(mixed.slices().getLast().sources()).hasSize(1);
    }

    @Test
    void splits_where_the_orientation_changes() {
        List<SliceHeader> both =
                new ArrayList<>(series(SOFT.tilted(15), every(3, 10)).slices());
        for (int i = 0; i < 25; i++) {
            both.add(SliceHeaderMaker.slice(SOFT, 100 + i, 40 + 5 * i));
        }

        HeadGeometry geometry = chosen(new SeriesHeaders("2.25.10", both, both.size()));

        assertThat(geometry.slices()).hasSize(25);
        assertThat(geometry.tiltDegrees()).isZero();
    }

    @Test
    void knows_sharp_kernels_of_several_makers() {
        for (String sharp : List.of("H70h", "J70h\\3", "Hr60s", "BONE", "BONEPLUS", "FC30", "FC81", "YA", "EDGE")) {
            assertThat(Acquisition.isSharp(sharp, null)).as(sharp).isTrue();
        }
        for (String soft :
                List.of("H30s", "J40s\\2", "Hr38", "STANDARD", "SOFT", "STD+", "FC21", "FC64", "UB", "UA", "B")) {
            assertThat(Acquisition.isSharp(soft, null)).as(soft).isFalse();
        }
    }

    private static HeadGeometry chosen(SeriesHeaders... study) {
        Selection selection = SeriesSelection.select(List.of(study));
        assertThat(selection.candidates()).isNotEmpty();
        return selection.candidates().getFirst().geometry();
    }

    private static void assertRefused(NotAnalyzedReason reason, String detail, SeriesHeaders... study) {
        Selection selection = SeriesSelection.select(List.of(study));
        assertThat(selection.candidates()).isEmpty();
        assertThat(selection.reason()).isEqualTo(reason);
        assertThat(selection.detail()).contains(detail).hasSizeLessThanOrEqualTo(300);
    }
}
