"""Real lesions in new places: what was outlined in one patient is laid into a clean SliceWindow of another.

Real texture and real edges, at about the level of the head where they were. A transplant is made of two patients, and a
network may see it only if it trains on both (`Pool.made_of`).
"""

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional

from bloodnet_training.canvas import Canvas
from bloodnet_training.constants import WINDOW_RADIUS, WORKING_PER_MASK
from bloodnet_training.fields import chance, normal
from bloodnet_training.patients import BYTES_PER_HU, Patient

#: A transplant must show at least this many working pixels (0.13 mL in a 5 mm slice)...
VISIBLE_PIXELS_MIN = 32
#: ...that are at least this much brighter than what was there.
CONTRAST_HU_MIN = 5.0
#: Areas of the two heads at the level of lesion and target may differ by this factor.
AREA_RATIO_MAX = 1.35
#: Play in size and place (logarithm; share of half the field), and in brightness.
SCALE_DEVIATION, PLACE_DEVIATION, HU_DEVIATION = 0.08, 0.02, 2.0
MIRRORED_SHARE = 0.5


def outlined_places(patients: dict[int, Patient]) -> list[list[tuple[int, int]]]:
    """(patient, slice) of every slice with an outline, or a guess of one, and an inside, a list for each patient who has any."""
    by_patient = []
    for number, patient in patients.items():
        inside = patient.inside.any(axis=(1, 2))
        places = [(number, position) for position in np.nonzero(inside)[0] if patient.drawn(position) is not None]
        if places:
            by_patient.append(places)
    return by_patient


def transplant(canvas: Canvas, donor: Patient, centre: int, generator: Generator) -> Tensor | None:
    """Lays the outlined lesion around the donor's slice into the canvas; its mask [H, W] on the centre slice (0..1).

    None, and the canvas as it was, when the two heads are not alike there or the lesion would not show.
    """
    indices = donor.window_indices(centre)
    source_inside = torch.from_numpy(donor.inside[centre]).float()
    target_inside = canvas.inside[WINDOW_RADIUS]
    ratio = float(target_inside.sum() / source_inside.sum().clamp(min=1.0))
    if not 1.0 / AREA_RATIO_MAX < ratio < AREA_RATIO_MAX:
        return None
    theta = _source_from_target(source_inside, target_inside, generator)
    grid = functional.affine_grid(theta[None], [1, 1, *target_inside.shape], align_corners=False)
    nothing = np.zeros(tuple(side // WORKING_PER_MASK for side in source_inside.shape), np.uint8)
    drawn = [donor.drawn(index) for index in indices]
    outlines = torch.from_numpy(np.stack([nothing if one is None else one for one in drawn])).float()[None] / 255.0
    outlines = functional.interpolate(outlines, scale_factor=float(WORKING_PER_MASK), mode="bilinear", align_corners=False)
    amount = functional.grid_sample(outlines, grid, align_corners=False)[0] * canvas.inside
    blood = torch.from_numpy(donor.hu_bytes[indices]).float()[None] / BYTES_PER_HU
    blood = functional.grid_sample(blood, grid, padding_mode="border", align_corners=False)[0]
    change = amount * (blood + normal(generator, 0.0, HU_DEVIATION) - canvas.hu)
    mask = amount[WINDOW_RADIUS]
    contrast = float(change[WINDOW_RADIUS].sum() / mask.sum().clamp(min=1.0))
    if int((mask > 0.5).sum()) < VISIBLE_PIXELS_MIN or contrast < CONTRAST_HU_MIN:
        return None
    canvas.hu = canvas.hu + change
    return mask


def _source_from_target(source: Tensor, target: Tensor, generator: Generator) -> Tensor:
    """Affine matrix [2, 3] that lays the inside [H, W] of one head over that of another, half of them mirrored, with a little play."""
    (source_centre, source_spread), (target_centre, target_spread) = _place(source), _place(target)
    scale = source_spread / target_spread
    scale = scale * torch.exp(SCALE_DEVIATION * torch.randn(2, generator=generator))
    if chance(generator, MIRRORED_SHARE):
        scale[0] = -scale[0]
    play = PLACE_DEVIATION * torch.randn(2, generator=generator)
    theta = torch.zeros(2, 3)
    theta[0, 0], theta[1, 1] = scale[0], scale[1]
    theta[:, 2] = source_centre - scale * target_centre + play
    return theta


def _place(inside: Tensor) -> tuple[Tensor, Tensor]:
    """Centre and spread (x, y) of an inside [H, W], in grid coordinates from -1 to 1."""
    side = inside.shape[-1]
    places = (2.0 * torch.arange(side) + 1.0) / side - 1.0
    across, down = inside.sum(dim=0), inside.sum(dim=1)
    area = inside.sum().clamp(min=1.0)
    centre = torch.stack([(across * places).sum() / area, (down * places).sum() / area])
    square = torch.stack([(across * places**2).sum() / area, (down * places**2).sum() / area])
    return centre, (square - centre**2).clamp(min=1e-4).sqrt()
