"""Guessed masks for single bleeding slices: BLAST-CT's published networks, see `blast_ct.py`, on a slice whose neighbours are itself.

Where nothing changes from plane to plane a three-dimensional network is a two-dimensional one: each kernel is summed over the planes.
A guess is believed only where the program sees every kind of blood that the slice is labelled with, and only what is of these kinds.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from bloodnet_training.blast_ct import BLOOD_CLASSES, CONTEXT_MM, HIGH_HU, LOW_HU, STEP_MM
from bloodnet_training.constants import WINDOW_HIGH_HU, WORKING_PER_MASK, WORKING_PIXEL_MM, WORKING_SIDE
from bloodnet_training.guesses import PIXELS_MIN
from bloodnet_training.patients import BYTES_PER_HU, SUBTYPES, Patient

#: Where in BLOOD_CLASSES (parenchymal, extra-axial, ventricular) each kind may be found.
CLASSES_OF_KIND = {
    "intraventricular": (2, 0),
    "intraparenchymal": (0,),
    "subarachnoid": (1, 0),
    "epidural": (1,),
    "subdural": (1,),
}
#: The label says that there is blood, so less than an even chance is enough; the best of 0.15, 0.2 and 0.3 on experts' masks.
PROBABILITY_MIN = 0.15
#: Tissue is brightened a little, as if the slice were thinner; on experts' masks that made no difference worth naming.
GAIN, OFFSET_HU = 1.1, 4.0
#: Windowed HU up to and from which nothing is known but that it is dark or dense.
DARK_HU, DENSE_HU = 0.4, WINDOW_HIGH_HU - 0.4
SIDE_MM = -(-round(WORKING_SIDE * WORKING_PIXEL_MM) // STEP_MM) * STEP_MM


def flattened(network: nn.Module) -> nn.Module:
    """A DeepMedic for one plane that stands for all, in place: kernels [.., 1, k, k], steps only within the plane."""
    for module in network.modules():
        if hasattr(module, "conv"):
            kernel = module.conv
            flat = nn.Conv3d(kernel.in_channels, kernel.out_channels, (1, *kernel.kernel_size[1:]), bias=False)
            flat.weight = nn.Parameter(kernel.weight.detach().sum(dim=2, keepdim=True))
            module.conv = flat
            module.shortcut_slices = (*module.shortcut_slices[:2], slice(None), *module.shortcut_slices[3:])
        if hasattr(module, "scale_factor"):
            module.scale_factor = (1, *tuple(module.scale_factor)[1:])
        if hasattr(module, "slices"):
            module.slices = (*module.slices[:2], slice(None), *module.slices[3:])
    return network.eval()


def guesses(networks: Sequence[nn.Module], patients: dict[int, Patient]) -> Iterator[tuple[int, np.ndarray]]:
    """(number, mask uint8 [128, 128]) of every single slice that bleeds, that nobody outlined, and whose guess is believed."""
    for number, patient in patients.items():
        if patient.slice_count == 1 and patient.bleeding[0] and patient.outline(0) is None:
            mask = believed(blood_probability(networks, patient), patient.subtypes[0])
            if mask is not None:
                yield number, mask


@torch.no_grad()
def blood_probability(networks: Sequence[nn.Module], patient: Patient) -> np.ndarray:
    """Mean probability of each of BLOOD_CLASSES on a patient's only slice, float32 [3, 128, 128]; networks: `flattened`."""
    plane = _to_millimetres(torch.from_numpy(patient.hu_bytes[0]).float() / BYTES_PER_HU)
    with torch.autocast("cpu", torch.bfloat16):
        logits = [network(plane)[0] for network in networks]
    probability = torch.stack([torch.softmax(one.float(), dim=1)[0, list(BLOOD_CLASSES), 0] for one in logits]).mean(dim=0)
    side = WORKING_SIDE // WORKING_PER_MASK
    return _resampled(probability[None], side, WORKING_PIXEL_MM * WORKING_PER_MASK / SIDE_MM)[0].numpy()


def believed(probability: np.ndarray, kinds: np.ndarray) -> np.ndarray | None:
    """The mask uint8 [128, 128] of the labelled kinds (bool [5]); None where one of them is not seen, or none is labelled."""
    labelled = [kind for kind, there in zip(SUBTYPES, kinds, strict=True) if there]
    seen = [(probability[list(CLASSES_OF_KIND[kind])].sum(axis=0) > PROBABILITY_MIN).sum() >= PIXELS_MIN for kind in labelled]
    if not labelled or not all(seen):
        return None
    classes = sorted({one for kind in labelled for one in CLASSES_OF_KIND[kind]})
    return np.where(probability[classes].sum(axis=0) > PROBABILITY_MIN, 255, 0).astype(np.uint8)


def write_guesses(file: Path, found: dict[int, np.ndarray]) -> None:
    """Writes what `with_guesses` reads."""
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(file, numbers=np.array(list(found), np.int64), masks=np.stack(list(found.values())))


def _to_millimetres(hu: Tensor) -> Tensor:
    """HU [256, 256] within the brain window to -1..1 in pixels of 1 mm with what the network needs around them [1, 1, 1, .., ..]."""
    brighter = torch.where(hu >= DENSE_HU, torch.full_like(hu, HIGH_HU), hu * GAIN + OFFSET_HU)
    windowed = torch.where(hu <= DARK_HU, torch.full_like(hu, LOW_HU), brighter).clamp(LOW_HU, HIGH_HU)
    scaled = (2.0 * windowed - LOW_HU - HIGH_HU) / (HIGH_HU - LOW_HU)
    fine = _resampled(scaled[None, None], SIDE_MM, 1.0 / (WORKING_SIDE * WORKING_PIXEL_MM))
    return functional.pad(fine, (CONTEXT_MM,) * 4, mode="replicate")[:, :, None]


def _resampled(planes: Tensor, side: int, pitch: float) -> Tensor:
    """[1, C, h, w] to [1, C, side, side] around the same centre, linear; pitch: of the new pixels, as a share of the old side."""
    places = 2.0 * pitch * (torch.arange(side) - side / 2.0 + 0.5)
    grid = torch.stack(torch.meshgrid(places, places, indexing="ij")[::-1], dim=-1).float()
    return functional.grid_sample(planes, grid[None], align_corners=False, padding_mode="border")
