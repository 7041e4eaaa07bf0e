"""Real lesions for the segmentation, without an expert's mask.

A network that was trained on synthetic blood outlines the blood of its own training patients (`own_masks`; a slice that is labelled
as not bleeding has none by its label). What it outlines becomes a mask to train on, and is transplanted into clean slices of other
training patients at about the same level of the head: real texture, real edges, in more places than few patients offer.
Everything comes from the training patients of one network, so no fold learns anything of those it holds out.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bloodnet_training.ct_ich import BYTES_PER_HU
from bloodnet_training.constants import (
    SERVED_VOXEL_ML,
    WINDOW_RADIUS,
    WORKING_PER_MASK,
)
from bloodnet_training.draws import Draws
from bloodnet_training.network import BloodNet, apply_brain_window
from bloodnet_training.pool import clean_centres
from bloodnet_training.resident import EMPTY_MASK, Residents, Shelf, even_shelf

#: An outline of fewer mask pixels (0.13 mL in a 5 mm slice) is taken for no outline.
OUTLINE_PIXELS_MIN = 8
#: A transplant must be this much brighter than what was there.
CONTRAST_HU_MIN = 5.0
#: Areas of the two heads at the level of lesion and target may differ by this factor.
AREA_RATIO_MAX = 1.35
#: Targets tried for each transplant; when none is at the level of the lesion, there is one transplant fewer.
TARGETS_TRIED = 8
WINDOWS_AT_ONCE = 64


@torch.no_grad()
def own_masks(network: BloodNet, residents: Residents, draws: Draws) -> np.ndarray:
    """The network's outlines on its own bleeding slices, taken in as masks; rows [positive_places].

    An expert's outline stays; EMPTY_MASK where the network does not find the slice bleeding, or outlines next to nothing.
    """
    network.eval()
    windows = residents.windows(draws.positive_places)
    outlines, found = [], []
    for start in range(0, len(windows), WINDOWS_AT_ONCE):
        rows = torch.from_numpy(windows[start : start + WINDOWS_AT_ONCE]).to(residents.device)
        voxel_ml = torch.full((len(rows),), SERVED_VOXEL_ML, device=residents.device)
        prediction = network(apply_brain_window(residents.hu(rows)), voxel_ml)
        outlines.append(prediction.mask_logit > 0)
        found.append(prediction.class_logit > 0)
    outlined = torch.cat(outlines)
    rows = residents.add_masks(outlined.to(torch.uint8) * 255)
    believed = torch.cat(found) & (outlined.sum(dim=(1, 2)) >= OUTLINE_PIXELS_MIN)
    rows = np.where(believed.cpu().numpy(), rows, EMPTY_MASK)
    known = draws.real_positives.mask_known
    return np.where(known, draws.real_positives.masks, rows)


@torch.no_grad()
def transplants(residents: Residents, draws: Draws, mask_rows: np.ndarray, wanted: int, seed: int) -> Shelf:
    """Up to `wanted` transplants of the lesions that mask_rows [positive_places] outline, taken in as windows."""
    order = np.random.default_rng((seed, wanted))
    mask_of = dict(zip(draws.positive_places, mask_rows, strict=True))
    sources = [place for place in draws.positive_places if mask_of[place] != EMPTY_MASK]
    patients = {number: residents.patients[number] for number in draws.trained_on}
    heads = _Heads(residents)
    pairs = _pairs(sources, clean_centres(patients), heads, residents, order, wanted)
    generator = torch.Generator(residents.device).manual_seed(seed)
    slices, masks = [], []
    for start in range(0, len(pairs), WINDOWS_AT_ONCE):
        part = pairs[start : start + WINDOWS_AT_ONCE]
        source_masks = np.stack([_window_masks(residents, place, mask_of) for place, _ in part])
        windows, outlines = _transplanted(residents, heads, part, source_masks, generator)
        rows = residents.add_windows(windows, outlines)
        slices.append(rows[0])
        masks.append(rows[1])
    if not slices:
        raise ValueError("no outlined lesion fits any clean slice")
    every_slice, every_mask = np.concatenate(slices), np.concatenate(masks)
    return even_shelf(every_slice, every_mask, np.ones(len(every_mask), bool), True)


class _Heads:
    """Centre and spread of the inside of every patient's slice, in grid coordinates (x, y) from -1 to 1; area in pixels."""

    def __init__(self, residents: Residents):
        inside = residents.inside.float()
        side = inside.shape[-1]
        places = (2.0 * torch.arange(side, device=inside.device) + 1.0) / side - 1.0
        across, down = inside.sum(dim=1), inside.sum(dim=2)
        self.area = inside.sum(dim=(1, 2))
        least = self.area.clamp(min=1.0)
        self.centre = torch.stack([(across * places).sum(1) / least, (down * places).sum(1) / least], dim=1)
        square = torch.stack([(across * places**2).sum(1) / least, (down * places**2).sum(1) / least], dim=1)
        self.spread = (square - self.centre**2).clamp(min=1e-4).sqrt()


def _pairs(
    sources: list[tuple[int, int]],
    targets: list[tuple[int, int]],
    heads: _Heads,
    residents: Residents,
    order: np.random.Generator,
    wanted: int,
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """(source, target) places at about the same level of two different heads; each bleeding patient is as likely as any other."""
    area = heads.area.cpu().numpy()
    by_patient: dict[int, list[tuple[int, int]]] = {}
    for place in sources:
        if area[residents.first_slice[place[0]] + place[1]] > 0:
            by_patient.setdefault(place[0], []).append(place)
    numbers = sorted(by_patient)
    pairs = []
    for _ in range(wanted if numbers and targets else 0):
        candidates = by_patient[numbers[order.integers(len(numbers))]]
        source = candidates[order.integers(len(candidates))]
        source_area = area[residents.first_slice[source[0]] + source[1]]
        for _ in range(TARGETS_TRIED):
            target = targets[order.integers(len(targets))]
            ratio = area[residents.first_slice[target[0]] + target[1]] / source_area
            if target[0] != source[0] and 1.0 / AREA_RATIO_MAX < ratio < AREA_RATIO_MAX:
                pairs.append((source, target))
                break
    return pairs


def _window_masks(residents: Residents, place: tuple[int, int], mask_of: dict[tuple[int, int], int]) -> np.ndarray:
    """Mask rows of the five slices around a place, [5]."""
    number, centre = place
    positions = residents.patients[number].window_indices(centre)
    return np.array([mask_of.get((number, int(position)), EMPTY_MASK) for position in positions])


def _transplanted(
    residents: Residents,
    heads: _Heads,
    pairs: list[tuple[tuple[int, int], tuple[int, int]]],
    source_masks: np.ndarray,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Windows uint8 [N, 5, H, W] and outlines uint8 [N, H/2, W/2] of those pairs whose lesion shows in the target."""
    device = residents.device
    source_rows = torch.from_numpy(residents.windows([source for source, _ in pairs])).to(device)
    target_rows = torch.from_numpy(residents.windows([target for _, target in pairs])).to(device)
    target = residents.hu(target_rows)
    grid = functional.affine_grid(
        _source_from_target(heads, source_rows[:, WINDOW_RADIUS], target_rows[:, WINDOW_RADIUS], generator),
        [len(pairs), 1, *target.shape[-2:]],
        align_corners=False,
    )
    masks = residents.mask(torch.from_numpy(source_masks).to(device))
    masks = functional.interpolate(masks, scale_factor=float(WORKING_PER_MASK), mode="bilinear", align_corners=False)
    amount = functional.grid_sample(masks, grid, align_corners=False) * residents.inside[target_rows]
    lesion = functional.grid_sample(residents.hu(source_rows), grid, padding_mode="border", align_corners=False)
    shift = torch.randn((len(pairs), 1, 1, 1), generator=generator, device=device) * 2.0
    change = amount * (lesion + shift - target)
    centre = amount[:, WINDOW_RADIUS]
    contrast = change[:, WINDOW_RADIUS].sum(dim=(1, 2)) / centre.sum(dim=(1, 2)).clamp(min=1.0)
    outline = functional.avg_pool2d(centre[:, None], WORKING_PER_MASK)[:, 0] > 0.5
    shows = (outline.sum(dim=(1, 2)) >= OUTLINE_PIXELS_MIN) & (contrast >= CONTRAST_HU_MIN)
    windows = ((target + change).clamp(0.0, 80.0) * BYTES_PER_HU).round().to(torch.uint8)
    return windows[shows], outline[shows].to(torch.uint8) * 255


def _source_from_target(heads: _Heads, source: Tensor, target: Tensor, generator: torch.Generator) -> Tensor:
    """Affine matrices [N, 2, 3] that lay one head over the other, half of them mirrored, with a little play."""
    count, device = len(source), source.device
    scale = heads.spread[source] / heads.spread[target]
    scale = scale * torch.exp(torch.randn((count, 2), generator=generator, device=device) * 0.08)
    mirrored = torch.rand(count, generator=generator, device=device) < 0.5
    scale[:, 0] = torch.where(mirrored, -scale[:, 0], scale[:, 0])
    play = torch.randn((count, 2), generator=generator, device=device) * 0.02
    theta = torch.zeros((count, 2, 3), device=device)
    theta[:, 0, 0], theta[:, 1, 1] = scale[:, 0], scale[:, 1]
    theta[:, :, 2] = heads.centre[source] - scale * heads.centre[target] + play
    return theta
