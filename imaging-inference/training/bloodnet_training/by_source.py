"""Held-out figures for each source: what a hospital that the network has not seen may expect.

Slices are the unit here, because most sources have single slices; persons are what is drawn with replacement for the intervals.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bloodnet_training.constants import MASK_LOGIT
from bloodnet_training.inference import predict
from bloodnet_training.metrics import (
    BOOTSTRAP_DRAWS,
    CONFIDENCE,
    Figure,
    ScoredPatient,
    area_under_curve,
    mean_with_interval,
)
from bloodnet_training.network import BloodNet
from bloodnet_training.patients import SUBTYPES, Patient

#: Where the sensitivity of a source is read off.
SPECIFICITY = 0.90
#: Fewer slices of a kind give no figure.
SLICES_MIN = 8


@dataclass(frozen=True)
class SourceSlices:
    """Slices with brain of one source: scores float [N]; bleeding bool [N]; subtypes bool [N, 5]; persons str [N]."""

    scores: np.ndarray
    bleeding: np.ndarray
    subtypes: np.ndarray
    persons: np.ndarray


def slices_of(scored: Sequence[ScoredPatient], patients: dict[int, Patient]) -> dict[str, SourceSlices]:
    """The scored slices in which there is brain, by source."""
    rows: dict[str, list[tuple]] = {}
    for one in scored:
        patient = patients[one.number]
        for position in np.nonzero(patient.inside.any(axis=(1, 2)))[0]:
            row = (one.scores[position], patient.bleeding[position], patient.subtypes[position], patient.person)
            rows.setdefault(patient.source, []).append(row)
    return {source: SourceSlices(*(np.array(column) for column in zip(*found, strict=True))) for source, found in rows.items()}


def source_figures(slices: SourceSlices) -> dict:
    """AUC of any blood and of each kind against slices without any, and sensitivity at SPECIFICITY; plain JSON values."""
    report: dict = {"slices": len(slices.scores), "bleeding": int(slices.bleeding.sum()), "persons": len(set(slices.persons))}
    if not slices.bleeding.any() or slices.bleeding.all():
        return report
    report["auc"] = _with_persons(slices, lambda rows: _auc_of(slices, rows, slices.bleeding)).as_json()
    report["sensitivity"] = _with_persons(slices, lambda rows: _sensitivity(slices, rows)).as_json()
    report["aucByKind"] = {}
    for column, kind in enumerate(SUBTYPES):
        of_kind = slices.subtypes[:, column]
        if of_kind.sum() >= SLICES_MIN:
            figure = _with_persons(slices, lambda rows, of_kind=of_kind: _auc_of(slices, rows, of_kind))
            report["aucByKind"][kind] = {"slices": int(of_kind.sum())} | figure.as_json()
    return report


def _auc_of(slices: SourceSlices, rows: np.ndarray, positive: np.ndarray) -> float:
    counted = rows[positive[rows] | ~slices.bleeding[rows]]
    return area_under_curve(positive[counted], slices.scores[counted])


def _sensitivity(slices: SourceSlices, rows: np.ndarray) -> float:
    bleeding, scores = slices.bleeding[rows], slices.scores[rows]
    if bleeding.all() or not bleeding.any():
        return float("nan")
    return float((scores[bleeding] > np.quantile(scores[~bleeding], SPECIFICITY)).mean())


def _with_persons(slices: SourceSlices, statistic: Callable[[np.ndarray], float], seed: int = 0) -> Figure:
    """The statistic over all rows, and its interval over persons."""
    names, which = np.unique(slices.persons, return_inverse=True)
    rows_of = [np.nonzero(which == person)[0] for person in range(len(names))]
    order = np.random.default_rng(seed)
    values = []
    for _ in range(BOOTSTRAP_DRAWS):
        value = statistic(np.concatenate([rows_of[person] for person in order.integers(len(names), size=len(names))]))
        if not np.isnan(value):
            values.append(value)
    low, high = np.quantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Figure(statistic(np.arange(len(which))), float(low), float(high))


@dataclass(frozen=True)
class MaskedPatient:
    """One patient's outlined and predicted mask pixels: overlap, predicted, outlined; kinds: of the outlined slices."""

    source: str
    overlap: int
    predicted: int
    outlined: int
    kinds: tuple[str, ...]

    @property
    def dice(self) -> float:
        return 2.0 * self.overlap / max(self.predicted + self.outlined, 1)


def masked_patients(network: BloodNet, patients: Sequence[Patient]) -> list[MaskedPatient]:
    """The network's masks (over MASK_THRESHOLD) of all patients with outlines, beside these.

    A bleeding slice that nobody outlined is left out.
    """
    found = []
    for patient in patients:
        if not patient.outlined.any():
            continue
        known = np.nonzero(patient.outlined | ~patient.bleeding)[0]
        marked = np.concatenate([one.mask_logit.numpy() > MASK_LOGIT for one in predict(network, patient, known)])
        blood = patient.masks[known] >= 128
        present = patient.subtypes[patient.outlined].any(axis=0)
        kinds = tuple(kind for kind, there in zip(SUBTYPES, present, strict=True) if there)
        found.append(MaskedPatient(patient.source, int((marked & blood).sum()), int(marked.sum()), int(blood.sum()), kinds))
    return found


def mask_figures(found: Sequence[MaskedPatient]) -> dict:
    """Mean Dice per patient, of all and of those with one kind alone, and how much more blood is marked than outlined (share)."""
    report: dict = {"patients": len(found), "dice": mean_with_interval([one.dice for one in found]).as_json(), "diceByKind": {}}
    for kind in SUBTYPES:
        alone = [one.dice for one in found if one.kinds == (kind,)]
        if alone:
            report["diceByKind"][kind] = {"patients": len(alone), "value": round(float(np.mean(alone)), 4)}
    outlined = sum(one.outlined for one in found)
    report["volumeBias"] = round((sum(one.predicted for one in found) - outlined) / max(outlined, 1), 4)
    return report
