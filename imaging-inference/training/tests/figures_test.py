"""Figures against values worked out by hand."""

import numpy as np
import pytest

from bloodnet_training.calibration import Calibration, choose_operating_points, fit_platt
from bloodnet_training.compare import compare, paired_difference
from bloodnet_training.crossval import FoldPlan
from bloodnet_training.metrics import (
    ScoredPatient,
    bootstrap,
    dice,
    proportion,
    sensitivity,
    slice_auc,
    specificity,
    study_auc,
)
from bloodnet_training.network import Variant


def patient(number: int, bleeding: bool, *scores: float) -> ScoredPatient:
    labels = np.zeros(len(scores), bool)
    labels[0] = bleeding
    return ScoredPatient(number, labels, np.array(scores))


PATIENTS = [
    patient(1, True, 0.9, 0.1),
    patient(2, True, 0.4, 0.2),
    patient(3, False, 0.5, 0.3),
    patient(4, False, 0.1, 0.05),
]


def it_ranks_studies_by_their_highest_slice():
    assert study_auc(PATIENTS) == pytest.approx(0.75)


def it_ranks_slices():
    assert slice_auc(PATIENTS) == pytest.approx(11 / 12)


def it_has_no_auc_without_both_classes():
    assert np.isnan(study_auc(PATIENTS[:2]))


def it_puts_the_value_inside_its_bootstrap_interval():
    figure = bootstrap(study_auc, PATIENTS, seed=1)
    assert figure.low <= figure.value <= figure.high


def it_gives_the_wilson_interval():
    figure = proportion(9, 10)
    assert (figure.low, figure.high) == pytest.approx((0.5958, 0.9821), abs=1e-3)


def it_finds_no_difference_between_a_network_and_itself():
    difference = paired_difference(PATIENTS, PATIENTS)
    assert (difference.value, difference.low, difference.high) == (0.0, 0.0, 0.0)


def it_compares_only_the_same_patients():
    with pytest.raises(ValueError, match="same patients"):
        paired_difference(PATIENTS, PATIENTS[::-1])


def it_writes_every_network_beside_the_paper():
    plan = FoldPlan(Variant.TASK_DEPENDENT, folds=2, split_seed=0, images=16, seed=10)
    table = compare(dict.fromkeys(Variant, PATIENTS), plan)
    for line in (
        "| resnet50 | 0.9159 |",
        "| single-task | 0.9453 |",
        "| multi-task | 0.9411 |",
        "| task-dependent | 0.9658 |",
    ):
        assert line in table


def it_counts_a_study_at_the_threshold_as_positive():
    assert sensitivity(PATIENTS, 0.4).value == 1.0
    assert specificity(PATIENTS, 0.4).value == 0.5


def it_measures_overlap():
    first, second = np.array([True, True, False]), np.array([True, False, False])
    assert dice(first, second) == pytest.approx(2 / 3)
    assert dice(~first & first, second & ~second) == 1.0


def it_marks_exactly_one_operating_point_as_default():
    points = choose_operating_points(PATIENTS)
    assert [point.default for point in points] == [True, False]
    assert all(0.0 < point.threshold < 1.0 for point in points)


def it_offers_no_sensitive_point_when_the_lowest_study_bleeds():
    missed = [*PATIENTS, patient(5, True, 0.01, 0.0)]
    assert [point.name for point in choose_operating_points(missed)] == ["balanced"]


def it_fits_a_calibration_that_keeps_the_order():
    logits = [ScoredPatient(one.number, one.labels, np.log(one.scores / (1 - one.scores))) for one in PATIENTS]
    calibration = fit_platt(logits)
    assert calibration.scale > 0
    with pytest.raises(ValueError, match="keep the order"):
        Calibration(-1.0, 0.0)


def it_does_not_call_a_point_balanced_that_misses_half_of_the_bleeds():
    # At 0.85 half of the bleeds are found and no alarm is false: the largest sum of the two, and no balance.
    bleeding = [0.9, 0.9, 0.9, 0.6, 0.6, 0.2]
    clean = [0.7, 0.3, 0.3, 0.3] + 7 * [0.1]
    studies = [
        ScoredPatient(number, np.array([label]), np.array([score]))
        for number, (label, score) in enumerate([(True, x) for x in bleeding] + [(False, x) for x in clean])
    ]
    balanced = choose_operating_points(studies)[0]
    assert balanced.sensitivity.value == pytest.approx(5 / 6)
    assert balanced.specificity.value == pytest.approx(10 / 11)


def it_keeps_each_further_group_quiet_at_the_default_point():
    studies = [ScoredPatient(n, np.array([n % 2 == 0]), np.array([0.9 if n % 2 == 0 else 0.1])) for n in range(20)]
    loud = [ScoredPatient(100 + n, np.array([False]), np.array([0.6 if n < 3 else 0.2])) for n in range(20)]
    assert choose_operating_points(studies)[0].threshold == pytest.approx(0.5)
    middling = [*studies, ScoredPatient(99, np.array([True]), np.array([0.8]))]
    assert choose_operating_points(middling)[0].threshold == pytest.approx(0.45)
    assert choose_operating_points([*middling, ScoredPatient(98, np.array([True]), np.array([0.55]))], also_quiet=[loud])[0].threshold > 0.6


def it_calibrates_a_small_group_as_much_as_a_large_one():
    def group(count: int, shift: float):
        return [ScoredPatient(n, np.array([n % 2 == 0]), np.array([shift + (1.0 if n % 2 == 0 else -1.0)])) for n in range(count)]

    alone, joined = fit_platt(group(20, 0.0)), fit_platt(group(20, 0.0), group(2000, 0.0))
    assert alone.offset == pytest.approx(joined.offset, abs=0.05)
    shifted = fit_platt(group(20, 0.0), group(2000, 2.0))
    assert shifted.probability(np.array([1.0])) == pytest.approx(0.5, abs=0.1)


def it_takes_the_middle_of_points_that_find_as_much():
    studies = [patient(1, True, 0.9), patient(2, True, 0.05), *(patient(10 + n, False, 0.1 + 0.01 * n) for n in range(20))]
    equal = [0.28 + 0.005, (0.29 + 0.9) / 2]  # one false alarm in twenty, or none; two would be at 0.275
    assert choose_operating_points(studies)[0].threshold == pytest.approx(sorted([0.275, *equal])[1])
