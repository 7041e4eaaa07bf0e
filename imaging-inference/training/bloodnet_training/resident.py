"""Training data in the memory of one device: slices and masks are gathered there by row, so that no batch crosses the bus.

A patient's slices and painted windows become rows of one tensor; a SliceWindow is five row numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from bloodnet_training.constants import WINDOW_SLICES
from bloodnet_training.grid import Grid
from bloodnet_training.laid_over import laid_over
from bloodnet_training.patients import BYTES_PER_HU, Patient
from bloodnet_training.pool import Pool

#: Row of the mask without blood; also stands for masks that are not known.
EMPTY_MASK = 0


@dataclass(frozen=True)
class Shelf:
    """N samples to draw from.

    slices int64 [N, 5] and masks int64 [N]: rows of the residents; mask_known bool [N]; bleeding: true of all of them;
    weights float64 [N]: how often each is drawn, adding up to 1.
    """

    slices: np.ndarray
    masks: np.ndarray
    mask_known: np.ndarray
    bleeding: bool
    weights: np.ndarray

    def weighted(self, weights: np.ndarray) -> "Shelf":
        """The same samples, drawn in proportion to these weights."""
        return Shelf(self.slices, self.masks, self.mask_known, self.bleeding, weights / weights.sum())


def even_shelf(slices: np.ndarray, masks: np.ndarray, mask_known: np.ndarray, bleeding: bool) -> Shelf:
    """Each sample as likely as any other."""
    return Shelf(slices, masks, mask_known, bleeding, np.full(len(slices), 1.0 / max(len(slices), 1)))


class Residents:
    """Slices uint8 [R, G, G] (HU x BYTES_PER_HU) and masks uint8 [M, G/2, G/2] on one device; grows up to the room it was given.

    grid: that of the patients, G its side.
    """

    def __init__(self, patients: dict[int, Patient], device: torch.device, window_room: int, grid: Grid = Grid.HALF):
        if not patients:
            raise ValueError("residents need at least one patient")
        self.patients = patients
        self.device = device
        self.grid = grid
        side = grid.side
        own = sum(patient.slice_count for patient in patients.values())
        self.slices = torch.empty((own + window_room * WINDOW_SLICES, side, side), dtype=torch.uint8, device=device)
        mask_side = grid.mask_side
        outlined = sum(int(patient.outlined.sum()) for patient in patients.values())
        self.masks = torch.zeros((1 + outlined + window_room, mask_side, mask_side), dtype=torch.uint8, device=device)
        self.slices_used, self.masks_used = 0, 1
        self.first_slice: dict[int, int] = {}
        for number, patient in patients.items():
            self.first_slice[number] = self.slices_used
            self._put_slices(torch.from_numpy(patient.hu_bytes))
        #: Mask row of every (patient, slice) whose blood was outlined.
        self.outlines: dict[tuple[int, int], int] = {}
        for number, patient in patients.items():
            for position in np.nonzero(patient.outlined)[0]:
                mask = torch.from_numpy(patient.masks[position])[None]
                self.outlines[(number, int(position))] = int(self._put_masks(mask)[0])

    def window(self, number: int, centre: int) -> np.ndarray:
        """Rows of the SliceWindow around a patient's slice, int64 [5]."""
        return self.first_slice[number] + self.patients[number].window_indices(centre)

    def windows(self, places: Iterable[tuple[int, int]]) -> np.ndarray:
        """Rows of the SliceWindows around (patient, slice) places, int64 [N, 5]."""
        rows = [self.window(number, centre) for number, centre in places]
        return np.stack(rows) if rows else np.empty((0, WINDOW_SLICES), np.int64)

    def add_windows(self, hu_bytes: Tensor, masks: Tensor) -> tuple[np.ndarray, np.ndarray]:
        """Takes in windows uint8 [N, 5, H, W] and the masks uint8 [N, H/2, W/2] of their centres; their rows [N, 5] and [N]."""
        first = self._put_slices(hu_bytes.flatten(0, 1))
        slices = first + np.arange(hu_bytes.shape[0] * WINDOW_SLICES).reshape(-1, WINDOW_SLICES)
        return slices, self._put_masks(masks)

    def hu(self, slices: Tensor) -> Tensor:
        """HU float32 [..., H, W] of slice rows [...]."""
        return self.slices[slices].float() / BYTES_PER_HU

    def mask(self, masks: Tensor) -> Tensor:
        """Masks float32 [..., H/2, W/2] in 0..1 of mask rows [...]."""
        return self.masks[masks].float() / 255.0

    def _put_masks(self, masks: Tensor) -> np.ndarray:
        """Takes in masks uint8 [N, H/2, W/2]; their rows [N]."""
        stop = self.masks_used + len(masks)
        if stop > len(self.masks):
            raise ValueError(f"room for {len(self.masks)} masks, not for {stop}")
        self.masks[self.masks_used : stop] = masks.to(self.device)
        rows = np.arange(self.masks_used, stop)
        self.masks_used = stop
        return rows

    def _put_slices(self, hu_bytes: Tensor) -> int:
        first, stop = self.slices_used, self.slices_used + len(hu_bytes)
        if stop > len(self.slices):
            raise ValueError(f"room for {len(self.slices)} slices, not for {stop}")
        self.slices[first:stop] = hu_bytes.to(self.device)
        self.slices_used = stop
        return first


@dataclass(frozen=True)
class ResidentPool:
    """Where the pool's samples lie: slices int64 [N, 5] and masks int64 [N], in the pool's order; nowhere (row 0) those that the
    residents have no use for: of other patients, or phantoms on the full grid.
    """

    pool: Pool
    slices: np.ndarray
    masks: np.ndarray


def room_for(pool: Pool, patients: dict[int, Patient], grid: Grid) -> int:
    """Windows that `take_in` adds to these patients' residents."""
    return int(pool.made_of(patients, grid).sum())


def take_in(residents: Residents, pool: Pool) -> ResidentPool:
    """Moves a pool to the device; on the full grid what was painted is laid over the patients' own slices there."""
    slices = np.zeros((len(pool.patients), WINDOW_SLICES), np.int64)
    masks = np.full(len(pool.patients), EMPTY_MASK, np.int64)
    for index in np.nonzero(pool.made_of(residents.patients, residents.grid))[0]:
        hu_bytes, mask = (torch.from_numpy(np.array(part)).to(residents.device) for part in pool.sample(int(index)))
        if residents.grid is Grid.FULL:
            own = residents.window(int(pool.patients[index]), int(pool.centres[index]))
            hu_bytes, mask = laid_over(hu_bytes, mask, residents.slices[torch.from_numpy(own).to(residents.device)])
        window_rows, mask_rows = residents.add_windows(hu_bytes[None], mask[None])
        slices[index], masks[index] = window_rows[0], mask_rows[0]
    return ResidentPool(pool, slices, masks)
