"""Platt calibration and the choice of operating points, both from out-of-fold study scores only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from bloodnet_training.metrics import Figure, ScoredPatient, sensitivity, specificity

#: What the sensitive operating point must find: it may miss one study in twenty.
SENSITIVE_AT_LEAST = 0.95
#: What the default operating point must clear: readers stop looking at a flag that cries wolf more often.
BALANCED_SPECIFICITY = 0.9


@dataclass(frozen=True)
class Calibration:
    """probability = sigmoid(scale x logit + offset)."""

    scale: float
    offset: float

    def __post_init__(self) -> None:
        if not self.scale > 0.0:
            raise ValueError(f"a calibration must keep the order of scores, scale was {self.scale}")

    def probability(self, logit: np.ndarray) -> np.ndarray:
        return 1.0 / (1.0 + np.exp(-(self.scale * logit + self.offset)))


@dataclass(frozen=True)
class OperatingPoint:
    """A study is positive from this calibrated probability upwards."""

    name: str
    threshold: float
    sensitivity: Figure
    specificity: Figure
    chosen: str
    default: bool


def fit_platt(*groups: Sequence[ScoredPatient]) -> Calibration:
    """Fits on (maximum logit, label) per study; lightly regularised, because there may be only dozens of studies.

    Each group, such as whole studies and single slices, counts as much as any other.
    """
    logits = np.array([[patient.study_score] for group in groups for patient in group])
    labels = np.array([patient.study_label for group in groups for patient in group])
    weights = np.concatenate([np.full(len(group), len(labels) / (len(groups) * len(group))) for group in groups])
    fitted = LogisticRegression(C=1.0).fit(logits, labels, sample_weight=weights)
    return Calibration(float(fitted.coef_[0, 0]), float(fitted.intercept_[0]))


def _quiet_from(patients: Sequence[ScoredPatient]) -> float:
    """The least score from which no more than one in ten of those that do not bleed would be called bleeding."""
    clean = np.array([patient.study_score for patient in patients if not patient.study_label])
    return float(np.quantile(clean, BALANCED_SPECIFICITY, method="higher")) if len(clean) else -1.0


def choose_operating_points(
    patients: Sequence[ScoredPatient], whose: str = "the training patients", also_quiet: Sequence[Sequence[ScoredPatient]] = ()
) -> list[OperatingPoint]:
    """balanced (default): the most sensitive point with a false alarm on at most one in ten, of several the one in the middle: the
    highest would find less in other hospitals, and the lowest has nothing to spare; sensitive: the highest threshold that misses no
    more than one in twenty.

    The largest sum of sensitivity and specificity is no good rule on a few dozen studies: chance may put it where half of the bleeds
    are missed.

    patients: calibrated probabilities of networks that did not see them; whose: of whom, in words. Thresholds lie midway between neighbouring scores; where none of them is
    sensitive enough, there is no sensitive point. also_quiet: groups, such as single slices of other hospitals, each of which must have
    BALANCED_SPECIFICITY too at the balanced point.
    """
    scores = np.sort([patient.study_score for patient in patients])
    candidates = (scores[1:] + scores[:-1]) / 2.0
    quiet_from = max((_quiet_from(group) for group in also_quiet), default=-1.0)
    figures = [(sensitivity(patients, threshold), specificity(patients, threshold)) for threshold in candidates]
    quiet = [at for at in range(len(candidates)) if figures[at][1].value >= BALANCED_SPECIFICITY and candidates[at] >= quiet_from]
    quiet = quiet or [len(candidates) - 1]  # scores that do not tell studies apart: the fewest false alarms
    most = max(figures[at][0].value for at in quiet)
    alike = {float(candidates[at]): at for at in quiet if figures[at][0].value == most}
    balanced = alike[sorted(alike)[(len(alike) - 1) // 2]]
    enough = [at for at in range(len(candidates)) if figures[at][0].value >= SENSITIVE_AT_LEAST]
    how = f"on calibrated out-of-fold study probabilities of {whose}"
    points = [
        OperatingPoint(
            "balanced",
            float(candidates[balanced]),
            *figures[balanced],
            f"largest sensitivity with specificity >= {BALANCED_SPECIFICITY} {how}",
            True,
        )
    ]
    if enough:
        at = max(enough)
        chosen = f"highest threshold with sensitivity >= {SENSITIVE_AT_LEAST} {how}"
        points.append(OperatingPoint("sensitive", float(candidates[at]), *figures[at], chosen, False))
    return points
