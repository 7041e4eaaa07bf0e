"""Running a network over whole patients."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from bloodnet_training.constants import MASK_LOGIT, SERVED_VOXEL_ML
from bloodnet_training.network import BloodNet, Prediction
from bloodnet_training.patients import BYTES_PER_HU, Patient
from bloodnet_training.window import apply_brain_window

WINDOWS_PER_BATCH = 8


@dataclass(frozen=True)
class PatientScores:
    """Per slice of one patient: class_logit [S], soft_volume_ml [S], hard_volume_ml [S] (mask over MASK_THRESHOLD)."""

    number: int
    class_logit: np.ndarray
    soft_volume_ml: np.ndarray
    hard_volume_ml: np.ndarray


@torch.no_grad()
def predict(network: BloodNet, patient: Patient, centres: np.ndarray, mirrored: bool = False) -> Iterator[Prediction]:
    """What the network says of these slices, a few at a time; mirrored: of their mirror images, masks and all.

    Raises ValueError when the patient was loaded on another grid.
    """
    if patient.hu_bytes.shape[-1] != network.grid.side:
        raise ValueError(f"slices of {patient.hu_bytes.shape[-1]} pixels a side, but the network sees {network.grid.side}")
    network.eval()
    for start in range(0, len(centres), WINDOWS_PER_BATCH):
        indices = np.stack(
            [patient.window_indices(int(centre)) for centre in centres[start : start + WINDOWS_PER_BATCH]]
        )
        hu = torch.from_numpy(patient.hu_bytes[indices]).float() / BYTES_PER_HU
        hu = hu.flip(-1) if mirrored else hu
        voxel_ml = torch.full((len(hu),), SERVED_VOXEL_ML)
        yield network(apply_brain_window(hu).contiguous(memory_format=torch.channels_last), voxel_ml)


def score_patient(network: BloodNet, patient: Patient, centres: np.ndarray | None = None) -> PatientScores:
    """Runs the network on every slice, or on the given centres only."""
    centres = np.arange(patient.slice_count) if centres is None else centres
    logits, soft, hard = [], [], []
    for prediction in predict(network, patient, centres):
        logits.append(prediction.class_logit.numpy())
        soft.append(prediction.soft_volume_ml.numpy())
        if prediction.mask_logit is None:
            hard.append(np.zeros(len(prediction.class_logit), np.float32))
        else:
            pixels = (prediction.mask_logit > MASK_LOGIT).sum(dim=(1, 2)).numpy()
            hard.append(pixels * (SERVED_VOXEL_ML * network.grid.served_voxels_per_mask_pixel))
    return PatientScores(patient.number, np.concatenate(logits), np.concatenate(soft), np.concatenate(hard))


def score_negatives(network: BloodNet, patients: dict[int, Patient]) -> dict[tuple[int, int], float]:
    """Probability of every slice without bleeding, by (patient, slice)."""
    scores: dict[tuple[int, int], float] = {}
    for number, patient in patients.items():
        centres = np.nonzero(~patient.bleeding)[0]
        if not len(centres):  # a single slice that bleeds
            continue
        logits = score_patient(network, patient, centres).class_logit
        for centre, logit in zip(centres, logits, strict=True):
            scores[(number, int(centre))] = float(1.0 / (1.0 + np.exp(-logit)))
    return scores
