"""Runs the published networks of BLAST-CT over volumes, for `outlines`: what bundle 0.5.0's masks were made with.

Monteiro et al., Lancet Digital Health 2020; `biomedia-mira/blast-ct` on GitHub, Apache-2.0, not part of this project: the caller names a
checkout whose `blast_ct/data/saved_models` holds the networks (`model_1.pt` .., DeepMedic with five classes). Its own command does about
the same for a whole head; this one looks at bleeding slices only and averages probabilities of blood.
"""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from bloodnet_training.constants import SERVED_SIDE, SLICE_MM
from bloodnet_training.dicom_series import load_nifti
from bloodnet_training.volumes import SERVED_PIXEL_MM, write_nifti

#: As in BLAST-CT's config.json: 1 mm voxels, this window to -1..1, these widths.
LOW_HU, HIGH_HU = -15.0, 100.0
FEATURE_MAPS = (30, 30, 40, 40, 40, 40, 50, 50)
FULLY_CONNECTED = (250, 250)
CLASSES = 5
#: Intraparenchymal, extra-axial, intraventricular; the fourth is edema.
BLOOD_CLASSES = (1, 2, 4)
#: What DeepMedic sees around each voxel that it judges.
CONTEXT_MM = 40
#: Sides of what is judged at once must be multiples of this.
STEP_MM = 15
SLICES_AT_ONCE = 6
PROBABILITY_MIN = 0.5
MM_PER_SLICE = int(SLICE_MM)
SIDE_MM = -(-round(SERVED_SIDE * SERVED_PIXEL_MM) // STEP_MM) * STEP_MM


def load_networks(checkout: Path, count: int) -> list[nn.Module]:
    """Networks 1..count of a checkout. Raises ValueError when it is none."""
    weights = [checkout / "blast_ct" / "data" / "saved_models" / f"model_{number}.pt" for number in range(1, count + 1)]
    missing = [one.name for one in weights if not one.exists()]
    if missing:
        raise ValueError(f"no checkout of BLAST-CT with these networks: {', '.join(missing)} not found")
    sys.path.insert(0, str(checkout))
    deepmedic = importlib.import_module("blast_ct.models.deepmedic")
    networks = []
    for one in weights:
        network = deepmedic.DeepMedic(1, CLASSES, feature_maps=FEATURE_MAPS, fully_connected=FULLY_CONNECTED)
        network.load_state_dict(torch.load(one, map_location="cpu", weights_only=True))
        networks.append(network.eval())
    return networks


def segment(networks: list[nn.Module], volume: Path, wanted: np.ndarray, target: Path) -> None:
    """Writes 1 where the mean probability of blood is over PROBABILITY_MIN on the wanted slices (bool [S]) of a NIfTI volume, else 0."""
    hu = load_nifti(volume).astype(np.float32)
    if hu.shape != (len(wanted), SERVED_SIDE, SERVED_SIDE):
        raise ValueError(f"{volume.name}: {hu.shape}, but {len(wanted)} slices of {SERVED_SIDE} are labelled")
    fine = _to_millimetres(hu)
    blood = np.zeros((len(wanted), SERVED_SIDE, SERVED_SIDE), np.float32)
    for first, stop in _runs(wanted):
        probability = torch.stack([_blood(network, fine, first, stop) for network in networks]).mean(dim=0)
        blood[first:stop] = (_resampled(probability, SERVED_SIDE, SERVED_PIXEL_MM) > PROBABILITY_MIN).numpy()
    blood[~wanted] = 0.0
    write_nifti(target, blood)


def _runs(wanted: np.ndarray) -> Iterator[tuple[int, int]]:
    """(first, stop) of up to SLICES_AT_ONCE slices that begin and end with a wanted one."""
    position = 0
    while position < len(wanted):
        if wanted[position]:
            ahead = np.nonzero(wanted[position : position + SLICES_AT_ONCE])[0]
            yield position, position + int(ahead[-1]) + 1
            position += SLICES_AT_ONCE
        else:
            position += 1


def _to_millimetres(hu: np.ndarray) -> Tensor:
    """HU [S, 512, 512] to -1..1 in voxels of 1 mm, with what the network needs around them [5 (S - 1) + 1 + .., .., ..]."""
    windowed = (2.0 * np.clip(hu, LOW_HU, HIGH_HU) - LOW_HU - HIGH_HU) / (HIGH_HU - LOW_HU)
    slices = _resampled(torch.from_numpy(windowed).float(), SIDE_MM, 1.0 / SERVED_PIXEL_MM)
    depth = MM_PER_SLICE * (len(slices) - 1) + 1
    fine = functional.interpolate(slices[None, None], size=(depth, SIDE_MM, SIDE_MM), mode="trilinear", align_corners=True)
    around = (CONTEXT_MM, CONTEXT_MM)
    return functional.pad(
        fine, (*around, *around, CONTEXT_MM, CONTEXT_MM + MM_PER_SLICE * SLICES_AT_ONCE), mode="replicate"
    )[0, 0]


@torch.no_grad()
def _blood(network: nn.Module, fine: Tensor, first: int, stop: int) -> Tensor:
    """Probability of blood on slices first..stop-1, [stop - first, SIDE_MM, SIDE_MM]."""
    count = stop - first
    depth = -(-((count - 1) * MM_PER_SLICE + 1) // STEP_MM) * STEP_MM
    start = MM_PER_SLICE * first
    part = fine[start : start + depth + 2 * CONTEXT_MM][None, None]
    with torch.autocast("cpu", torch.bfloat16):
        size = network.get_output_size(tuple(part.shape[2:]))
        # Only the planes in the middle of the slices are judged: the fully connected layers are half of the work.
        features = torch.cat([path(part, size)[:, :, ::MM_PER_SLICE][:, :, :count] for path in network.paths], dim=1)
        logits = network.fully_connected(features)
    return torch.softmax(logits.float(), dim=1)[0, list(BLOOD_CLASSES)].sum(dim=0)


def _resampled(slices: Tensor, side: int, pitch: float) -> Tensor:
    """[N, h, h] to [N, side, side], linear; pitch: distance of the new pixels in old ones. The first pixels share their centre."""
    places = 2.0 * (torch.arange(side) * pitch + 0.5) / slices.shape[-1] - 1.0
    grid = torch.stack(torch.meshgrid(places, places, indexing="ij")[::-1], dim=-1).float()
    return functional.grid_sample(slices[None], grid[None], align_corners=False, padding_mode="border")[0]
