"""Figures with intervals: AUC by patient-level bootstrap, sensitivity and specificity by Wilson, Dice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

BOOTSTRAP_DRAWS = 2000
CONFIDENCE = 0.95
#: Normal quantile of a two-sided 95 % interval.
WILSON_Z = 1.959964


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, float | list[float]]:
        return {"value": round(self.value, 4), "interval95": [round(self.low, 4), round(self.high, 4)]}

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}-{self.high:.3f})"


@dataclass(frozen=True)
class ScoredPatient:
    """labels bool [S] and scores float [S] of one patient's slices."""

    number: int
    labels: np.ndarray
    scores: np.ndarray

    @property
    def study_label(self) -> bool:
        return bool(self.labels.any())

    @property
    def study_score(self) -> float:
        """Study probability = maximum over slices."""
        return float(self.scores.max())


def study_auc(patients: Sequence[ScoredPatient]) -> float:
    """AUC over studies; NaN when only one class is there."""
    return area_under_curve([patient.study_label for patient in patients], [patient.study_score for patient in patients])


def slice_auc(patients: Sequence[ScoredPatient]) -> float:
    """AUC over all slices; NaN when only one class is there."""
    return area_under_curve(
        np.concatenate([patient.labels for patient in patients]),
        np.concatenate([patient.scores for patient in patients]),
    )


def bootstrap(
    statistic: Callable[[Sequence[ScoredPatient]], float], patients: Sequence[ScoredPatient], seed: int = 0
) -> Figure:
    """Draws whole patients with replacement: slices of one patient are not independent."""
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(BOOTSTRAP_DRAWS):
        drawn = [patients[index] for index in generator.integers(len(patients), size=len(patients))]
        value = statistic(drawn)
        if not np.isnan(value):
            values.append(value)
    low, high = np.quantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Figure(statistic(patients), float(low), float(high))


def mean_with_interval(values: Sequence[float], seed: int = 0) -> Figure:
    """Mean of one value per patient, bootstrapped over patients."""
    every = np.asarray(values, float)
    drawn = np.random.default_rng(seed).integers(len(every), size=(BOOTSTRAP_DRAWS, len(every)))
    low, high = np.quantile(every[drawn].mean(axis=1), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Figure(float(every.mean()), float(low), float(high))


def proportion(successes: int, trials: int) -> Figure:
    """A proportion with its Wilson interval."""
    if trials <= 0:
        raise ValueError("a proportion needs at least one trial")
    share = successes / trials
    spread = WILSON_Z**2 / trials
    centre = (share + spread / 2.0) / (1.0 + spread)
    half = WILSON_Z / (1.0 + spread) * np.sqrt(share * (1.0 - share) / trials + spread / (4.0 * trials))
    return Figure(share, max(0.0, float(centre - half)), min(1.0, float(centre + half)))


def sensitivity(patients: Sequence[ScoredPatient], threshold: float) -> Figure:
    """Share of the bleeding studies whose score reaches the threshold."""
    scores = [patient.study_score for patient in patients if patient.study_label]
    return proportion(sum(score >= threshold for score in scores), len(scores))


def specificity(patients: Sequence[ScoredPatient], threshold: float) -> Figure:
    """Share of the studies without bleeding whose score stays below the threshold."""
    scores = [patient.study_score for patient in patients if not patient.study_label]
    return proportion(sum(score < threshold for score in scores), len(scores))


def dice(first: np.ndarray, second: np.ndarray) -> float:
    """Overlap of two boolean masks of one shape; 1 when both are empty."""
    if first.shape != second.shape:
        raise ValueError(f"masks differ in shape: {first.shape} and {second.shape}")
    total = int(first.sum()) + int(second.sum())
    return 1.0 if total == 0 else 2.0 * int((first & second).sum()) / total


def area_under_curve(labels: Sequence[bool], scores: Sequence[float]) -> float:
    """Share of (positive, negative) pairs in the right order, ties counting half (Mann-Whitney)."""
    positive = np.asarray(labels, bool)
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if positives == 0 or negatives == 0:
        return float("nan")
    rank_sum = float(rankdata(scores)[positive].sum())
    return (rank_sum - positives * (positives + 1) / 2.0) / (positives * negatives)
