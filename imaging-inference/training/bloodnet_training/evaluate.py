"""What a network or a bundle says about patients, turned into figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from bloodnet_training.calibration import Calibration
from bloodnet_training.constants import MASK_LOGIT, SERVED_VOXEL_ML
from bloodnet_training.dicom_series import load_series
from bloodnet_training.export import OUTPUT_NAMES, open_session
from bloodnet_training.inference import predict, score_patient
from bloodnet_training.metrics import (
    Figure,
    ScoredPatient,
    bootstrap,
    dice,
    proportion,
    sensitivity,
    slice_auc,
    specificity,
    study_auc,
)
from bloodnet_training.network import BloodNet
from bloodnet_training.parity import with_replicated_edges
from bloodnet_training.patients import BYTES_PER_HU, SUBTYPES, Patient
from bloodnet_training.pool import KINDS, NO_LESION, NO_PATIENT, Pool
from bloodnet_training.served_graph import ServedBloodNet, stack_windows, to_working_resolution
from bloodnet_training.window import apply_brain_window

#: Slices given to the graph at once; its answers do not depend on it.
SLICES_PER_RUN = 8
#: Bleeding slices of a study: fewest and most.
EXTENTS = {"1-3 slices": (1, 3), "4-8 slices": (4, 8), "9 or more slices": (9, 1000)}


@dataclass(frozen=True)
class StudyAnswer:
    """What a bundle answers for one series: probability [S], hard_volume_ml [S]."""

    probability: np.ndarray
    hard_volume_ml: np.ndarray

    @property
    def study_probability(self) -> float:
        return float(self.probability.max())


def score_patients(network: BloodNet, patients: Sequence[Patient], mirrored: bool = False) -> list[ScoredPatient]:
    """Class logits of every slice of these patients; mirrored: means of those of the slice and of its mirror image."""
    return [ScoredPatient(patient.number, patient.bleeding, _logits(network, patient, mirrored)) for patient in patients]


def _logits(network: BloodNet, patient: Patient, mirrored: bool) -> np.ndarray:
    """Class logits [S]."""
    logits = score_patient(network, patient).class_logit
    if not mirrored:
        return logits
    others = predict(network, patient, np.arange(patient.slice_count), mirrored=True)
    return (logits + np.concatenate([one.class_logit.numpy() for one in others])) / 2.0


@torch.no_grad()
def score_normal_series(served: ServedBloodNet, folder: Path, number: int) -> ScoredPatient:
    """The mean class logits, before calibration, of every slice of a DICOM series that is known not to bleed."""
    series = load_series(folder)
    hu, voxel_ml = torch.from_numpy(with_replicated_edges(series.hu)), torch.from_numpy(series.voxel_ml)
    logits = np.zeros(len(voxel_ml))
    for member, share in zip(served.members, served.shares, strict=True):
        windows = stack_windows(to_working_resolution(hu, *member.kind))
        ways = [windows, windows.flip(-1)] if served.mirrored else [windows]
        for start in range(0, len(voxel_ml), SLICES_PER_RUN):
            part = slice(start, start + SLICES_PER_RUN)
            for way in ways:
                logits[part] += member(way[part], voxel_ml[part]).class_logit.numpy() * (share / len(ways))
    return ScoredPatient(number, np.zeros(len(voxel_ml), bool), logits)


def calibrated(patients: Sequence[ScoredPatient], calibration: Calibration) -> list[ScoredPatient]:
    """The same patients with probabilities instead of logits."""
    return [ScoredPatient(one.number, one.labels, calibration.probability(one.scores)) for one in patients]


def auc_figures(patients: Sequence[ScoredPatient]) -> dict[str, Figure]:
    """Study and slice AUC with patient-level bootstrap intervals."""
    return {"studyAuc": bootstrap(study_auc, patients), "sliceAuc": bootstrap(slice_auc, patients)}


def threshold_table(patients: Sequence[ScoredPatient], thresholds: Sequence[float]) -> list[dict]:
    """Study sensitivity and specificity at each threshold."""
    return [
        {
            "threshold": round(threshold, 4),
            "sensitivity": sensitivity(patients, threshold).as_json(),
            "specificity": specificity(patients, threshold).as_json(),
        }
        for threshold in thresholds
    ]


def slice_recall_by_subtype(
    scored: Sequence[ScoredPatient], patients: dict[int, Patient], threshold: float
) -> dict[str, dict]:
    """Share of the bleeding slices of each subtype that reach the threshold."""
    recall = {}
    for column, subtype in enumerate(SUBTYPES):
        scores = np.concatenate([one.scores[patients[one.number].subtypes[:, column]] for one in scored])
        if len(scores):
            recall[subtype] = {"slices": len(scores)} | proportion(
                int((scores >= threshold).sum()), len(scores)
            ).as_json()
    return recall


def study_sensitivity_by_extent(scored: Sequence[ScoredPatient], threshold: float) -> dict[str, dict]:
    """Share of bleeding studies found, by how many slices bleed: the only size that is known without masks."""
    found = {}
    for name, (fewest, most) in EXTENTS.items():
        group = [one for one in scored if fewest <= int(one.labels.sum()) <= most]
        if group:
            found[name] = {"studies": len(group)} | sensitivity(group, threshold).as_json()
    return found


@torch.no_grad()
def pasted_lesion_dice(
    network: BloodNet, pool: Pool, patients: dict[int, Patient], samples_max: int
) -> dict[str, list[float]]:
    """Dice by kind on synthetic lesions pasted into real slices of these patients, who are of the network's grid.

    A check of the decoder, not a clinical figure.
    """
    network.eval()
    # Transplants hold the lesion of another patient, whom the network may know.
    painted = (pool.kinds != NO_LESION) & (pool.donors == NO_PATIENT)
    chosen = np.nonzero(np.isin(pool.patients, list(patients)) & painted)[0][:samples_max]
    by_kind: dict[str, list[float]] = {}
    for index in chosen:
        hu_bytes, mask = pool.sample_on(network.grid, patients, int(index))
        hu = torch.from_numpy(np.array(hu_bytes)).float()[None] / BYTES_PER_HU
        prediction = network(apply_brain_window(hu), torch.tensor([SERVED_VOXEL_ML]))
        overlap = dice(prediction.mask_logit[0].numpy() > MASK_LOGIT, mask >= 128)
        by_kind.setdefault(KINDS[pool.kinds[index]], []).append(overlap)
    return by_kind


def run_bundle(model: Path, hu: np.ndarray, voxel_ml: np.ndarray, mask_threshold: float) -> StudyAnswer:
    """Runs model.onnx over hu [S, 512, 512] as a server does: edges replicated, a few slices at a time."""
    session = open_session(model, threads=2)
    stacked = with_replicated_edges(hu)
    probabilities, volumes = [], []
    for start in range(0, len(hu), SLICES_PER_RUN):
        stop = min(start + SLICES_PER_RUN, len(hu))
        feed = {"hu": stacked[start : stop + 4], "voxel_ml": voxel_ml[start:stop]}
        probability, mask, _ = session.run(OUTPUT_NAMES, feed)
        probabilities.append(probability)
        volumes.append((mask >= mask_threshold).sum(axis=(1, 2)) * voxel_ml[start:stop])
    return StudyAnswer(np.concatenate(probabilities), np.concatenate(volumes))


def evaluate_dicom(model: Path, folder: Path, mask_threshold: float) -> StudyAnswer:
    """Runs the bundle over one DICOM series."""
    series = load_series(folder)
    return run_bundle(model, series.hu, series.voxel_ml, mask_threshold)
