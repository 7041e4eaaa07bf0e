"""Single labelled slices of other hospitals: each becomes a `Patient` of one slice, whose neighbours are that slice again.

Three layouts, told apart by the columns of `labels.csv`:

- `window_width`, `hu_lo`: pictures that were drawn in a window of their own, HU = hu_lo + value x window_width / 255;
- `mask_px`: pictures whose values are HU, each with a mask of kinds of blood;
- `folder`: small pictures in the brain window.

What is known of a slice ends at its own window. So every source is cut to the brain window (`Window.CUT`), and what its own window
cut off counts as what the brain window cuts off: air and bone look alike in all of them.
"""

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from bloodnet_training.constants import SERVED_SIDE, WINDOW_HIGH_HU, WINDOW_LOW_HU, WORKING_PER_MASK
from bloodnet_training.grid import Grid
from bloodnet_training.intracranial import depth_below_skull_mm, intracranial_from_saturation
from bloodnet_training.patients import BYTES_PER_HU, SUBTYPES, Patient, to_working
from bloodnet_training.window import Window

#: Slices are numbered from here on, a block for each layout, far above the patients of a folder of studies.
FIRST_NUMBERS = {"windowed": 100_000, "density": 200_000, "small": 300_000}
#: What the masks beside windowed and small pictures outline: a slice that also bleeds elsewhere has no known mask.
OUTLINED_KINDS = ("intraparenchymal", "intraventricular")
#: Gray from which a pixel of a mask is blood: masks of kinds number these from 1.
MASK_GRAY = 1
#: Arrays of a patient that a cache keeps as they are.
KEPT_ARRAYS = ("hu_bytes", "inside", "depth_mm", "bleeding", "subtypes")


@dataclass(frozen=True)
class _Picture:
    """HU [512, 512]; kinds bool [5]; blood bool [512, 512] or None where it is not known; group: as in `Patient`."""

    hu: np.ndarray
    kinds: np.ndarray
    bleeding: bool
    blood: np.ndarray | None
    group: str


def load_slices(folder: Path, cache: Path | None = None, grid: Grid = Grid.HALF) -> dict[int, Patient]:
    """All slices of one folder as patients by number. With a cache folder the prepared arrays are kept there as one .npz.

    Raises ValueError for a layout that is none of the three.
    """
    with (folder / "labels.csv").open(newline="", encoding="utf-8-sig") as table:
        rows = list(csv.DictReader(table))
    layout, read = _layout(set(rows[0]) if rows else set())
    first = FIRST_NUMBERS[layout]
    kept = None if cache is None else cache / f"slices-{folder.name}-{grid.value}.npz"
    if kept is not None and kept.exists():
        return _unpacked(kept, folder.name, first)
    patients = {number: _patient(number, read(folder, row), folder.name, grid) for number, row in enumerate(rows, start=first)}
    if kept is not None:
        _keep(kept, list(patients.values()))
    return patients


def _keep(kept: Path, patients: list[Patient]) -> None:
    """Written aside first: another fold may be reading the same folder."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    empty = np.zeros((1, *[side // WORKING_PER_MASK for side in patients[0].hu_bytes.shape[-2:]]), np.uint8)
    arrays = {name: np.stack([getattr(one, name) for one in patients]) for name in KEPT_ARRAYS}
    arrays["masks"] = np.stack([empty if one.masks is None else one.masks for one in patients])
    arrays["masked"] = np.array([one.masks is not None for one in patients])
    arrays["groups"] = np.array([one.group for one in patients])
    partial = kept.with_suffix(f".{os.getpid()}.part.npz")
    np.savez(partial, **arrays)
    partial.rename(kept)


def _unpacked(kept: Path, source: str, first: int) -> dict[int, Patient]:
    with np.load(kept) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return {
        first + row: Patient(
            first + row,
            **{name: arrays[name][row] for name in KEPT_ARRAYS},
            masks=arrays["masks"][row] if arrays["masked"][row] else None,
            source=source,
            group=str(arrays["groups"][row]),
        )
        for row in range(len(arrays["masked"]))
    }


def _layout(columns: set[str]) -> tuple[str, Callable[[Path, dict[str, str]], _Picture]]:
    if {"window_width", "hu_lo"} <= columns:
        return "windowed", _windowed
    if "mask_px" in columns:
        return "density", _density
    if "folder" in columns:
        return "small", _small
    raise ValueError("labels.csv is of no known layout of single slices")


def from_own_window(values: np.ndarray, low_hu: float, width_hu: float) -> np.ndarray:
    """Values 0..255 of a window to HU within the brain window; what the own window cut off lies at the brain window's edge."""
    hu = low_hu + values.astype(np.float32) * (width_hu / 255.0)
    hu = np.where(values <= 0, WINDOW_LOW_HU, np.where(values >= 255, WINDOW_HIGH_HU, hu))
    return np.clip(hu, WINDOW_LOW_HU, WINDOW_HIGH_HU).astype(np.float32)


def _windowed(folder: Path, row: dict[str, str]) -> _Picture:
    hu = from_own_window(_gray(folder / row["file"]), float(row["hu_lo"]), float(row["window_width"]))
    mask = folder / row["mask"] if row.get("mask") else None
    return _labelled(hu, row, mask)


def _small(folder: Path, row: dict[str, str]) -> _Picture:
    hu, mask = _gray(folder / row["file"]), folder / "masks" / f"{row['id']}.png"
    return _labelled(from_own_window(hu, WINDOW_LOW_HU, WINDOW_HIGH_HU), row, mask if mask.exists() else None)


def _labelled(hu: np.ndarray, row: dict[str, str], mask: Path | None) -> _Picture:
    kinds = np.array([row[kind] == "1" for kind in SUBTYPES])
    elsewhere = any(row[kind] == "1" for kind in SUBTYPES if kind not in OUTLINED_KINDS)
    blood = None if mask is None or elsewhere else _gray(mask, Image.Resampling.NEAREST) >= MASK_GRAY
    return _Picture(hu, kinds, row["any"] == "1", blood, row.get("patient") or row["id"])


def _density(folder: Path, row: dict[str, str]) -> _Picture:
    values = _gray(folder / "images" / f"{row['id']}.png")
    blood = _gray(folder / "masks" / f"{row['id']}.png", Image.Resampling.NEAREST) >= MASK_GRAY
    kinds = np.array([int(row[f"{kind}_px"]) > 0 for kind in SUBTYPES])
    hu = np.clip(values, WINDOW_LOW_HU, WINDOW_HIGH_HU).astype(np.float32)
    return _Picture(hu, kinds, bool(kinds.any()), blood, row["case"])


def _gray(path: Path, resampling: Image.Resampling = Image.Resampling.BICUBIC) -> np.ndarray:
    """Gray values of a picture, float32 [512, 512]; a smaller one is enlarged."""
    with Image.open(path) as image:
        gray = image.convert("L")
        if gray.size != (SERVED_SIDE, SERVED_SIDE):
            gray = gray.resize((SERVED_SIDE, SERVED_SIDE), resampling)
        return np.asarray(gray, dtype=np.float32)


def _patient(number: int, picture: _Picture, source: str, grid: Grid) -> Patient:
    inside = intracranial_from_saturation(to_working(picture.hu, Window.CUT))[None]
    masks = None if picture.blood is None else mask_share(picture.blood, grid)[None]
    return Patient(
        number=number,
        hu_bytes=np.round(to_working(picture.hu, Window.CUT, grid) * BYTES_PER_HU).astype(np.uint8)[None],
        inside=inside,
        depth_mm=np.minimum(depth_below_skull_mm(inside), 255).astype(np.uint8),
        bleeding=np.array([picture.bleeding]),
        subtypes=picture.kinds[None],
        masks=masks,
        source=source,
        group=picture.group,
    )


def mask_share(blood: np.ndarray, grid: Grid) -> np.ndarray:
    """Bool [512, 512] to uint8 [M, M], M being the grid's mask_side: share of each mask pixel that is blood, 0..255."""
    side, served = grid.mask_side, grid.served_per_mask
    return np.round(blood.reshape(side, served, side, served).mean(axis=(1, 3)) * 255.0).astype(np.uint8)
