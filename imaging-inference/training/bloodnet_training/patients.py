"""Loader for labelled patients: CT-ICH style pictures or DICOM series per patient, a table of labels, and masks where there are any.

Layout: `labels.csv` (patient, slice, any, one column per subtype) and for each patient PPP either `brain/PPP/SS.jpg` with
`bone/PPP/SS.jpg` or one series under `dicom/PPP/`, whose slices are numbered from the feet; masks as in `outlines.py`.
HU = value / 255 x width + level - width / 2; the brain window is 40/120, the bone window 700/3200.
"""

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from bloodnet_training.constants import SERVED_PER_WORKING, SERVED_SIDE
from bloodnet_training.dicom_series import load_series
from bloodnet_training.grid import Grid
from bloodnet_training.intracranial import depth_below_skull_mm, intracranial_mask
from bloodnet_training.outlines import load_outlines, mask_source
from bloodnet_training.window import Window

SUBTYPES = ("intraventricular", "intraparenchymal", "subarachnoid", "epidural", "subdural")
BRAIN_LOW_HU, BRAIN_WIDTH_HU = -20.0, 120.0
BONE_LOW_HU, BONE_WIDTH_HU = -900.0, 3200.0
#: Source of patients with whole studies.
STUDIES = "studies"
#: Windowed HU are kept as one byte.
BYTES_PER_HU = 2.5


@dataclass(frozen=True)
class Patient:
    """One patient's slices on a grid.

    number: as in labels.csv. hu_bytes uint8 [S, G, G], G being the grid's side: windowed HU x BYTES_PER_HU. inside bool
    [S, 256, 256]: intracranial, on the grid that is painted on. depth_mm uint8 [S, 256, 256]: below the skull. bleeding bool [S]: any
    hemorrhage. subtypes bool [S, 5], in the order of SUBTYPES. masks uint8 [S, G/2, G/2] (0..255): what was outlined as blood, or None.
    source: name of the folder that the slices came from. group: who, within the source, must not be on both sides of a split; "" is
    the patient alone. guesses uint8 [S, G/2, G/2] (0..255): what another program takes for blood, see `guesses.py`; empty where it is not
    believed. They train, and no figure is measured on them.
    """

    number: int
    hu_bytes: np.ndarray
    inside: np.ndarray
    depth_mm: np.ndarray
    bleeding: np.ndarray
    subtypes: np.ndarray
    masks: np.ndarray | None = None
    source: str = STUDIES
    group: str = ""
    guesses: np.ndarray | None = None

    @property
    def person(self) -> str:
        """Whom a split must keep on one side."""
        return self.group or f"{self.source} {self.number}"

    @property
    def slice_count(self) -> int:
        return len(self.hu_bytes)

    def outline(self, position: int) -> np.ndarray | None:
        """What was outlined on a bleeding slice, uint8 [G/2, G/2]; None where nothing was."""
        if self.masks is None or not self.bleeding[position] or not self.masks[position].any():
            return None
        return self.masks[position]

    def guess(self, position: int) -> np.ndarray | None:
        """What another program drew on a bleeding slice that nobody outlined, uint8 [G/2, G/2]; None where there is nothing."""
        if self.guesses is None or not self.bleeding[position] or self.outline(position) is not None:
            return None
        return self.guesses[position] if self.guesses[position].any() else None

    def drawn(self, position: int) -> np.ndarray | None:
        """The outline of a bleeding slice or, without one, the guess, uint8 [G/2, G/2]; None without either."""
        outline = self.outline(position)
        return self.guess(position) if outline is None else outline

    @property
    def outlined(self) -> np.ndarray:
        """Bool [S]: slices that bleed and whose blood was outlined."""
        return np.array([self.outline(position) is not None for position in range(self.slice_count)])

    @property
    def is_positive(self) -> bool:
        return bool(self.bleeding.any())

    def window_indices(self, centre: int) -> np.ndarray:
        """The five slice positions of the SliceWindow around centre, edges replicated."""
        return np.clip(np.arange(centre - 2, centre + 3), 0, self.slice_count - 1)


def load_patients(
    folder: Path, cache: Path | None = None, window: Window = Window.SQUEEZED, grid: Grid = Grid.HALF
) -> dict[int, Patient]:
    """All patients by number, windowed and as fine as told. With a cache folder the prepared arrays are kept there as .npz."""
    return {number: _load_cached(folder, number, rows, cache, window, grid) for number, rows in _labels(folder).items()}


def slice_names(folder: Path) -> dict[int, list[str]]:
    """Names of every patient's labelled slices, from the feet: what their files are called, without suffix."""
    return {number: [_slice_name(row) for row in rows] for number, rows in _labels(folder).items()}


def bleeding_slices(folder: Path) -> dict[int, np.ndarray]:
    """Which of every patient's labelled slices bleed, bool [S], from the feet."""
    return {number: np.array([row["any"] == "1" for row in rows]) for number, rows in _labels(folder).items()}


def _labels(folder: Path) -> dict[int, list[dict[str, str]]]:
    """Rows of labels.csv by patient, each patient's from the feet."""
    rows_by_patient: dict[int, list[dict[str, str]]] = {}
    with (folder / "labels.csv").open(newline="") as table:
        for row in csv.DictReader(table):
            rows_by_patient.setdefault(int(row["patient"]), []).append(row)
    if not rows_by_patient:
        raise ValueError("labels.csv names no patient")
    return {number: sorted(rows, key=lambda row: int(row["slice"])) for number, rows in sorted(rows_by_patient.items())}


def _slice_name(row: dict[str, str]) -> str:
    return f"{int(row['slice']):02d}"


def read_window(path: Path, low_hu: float, width_hu: float) -> np.ndarray:
    """One windowed JPG as HU, float32 [512, 512]."""
    with Image.open(path) as image:
        served = image.convert("L").resize((SERVED_SIDE, SERVED_SIDE), Image.Resampling.BILINEAR)
        return np.asarray(served, dtype=np.float32) * (width_hu / 255.0) + low_hu


def read_pictures(folder: Path, name: Path) -> np.ndarray:
    """HU of one slice, float32 [512, 512]: from the brain window, and from the bone window where that one is saturated."""
    return _joined(*_both_windows(folder, name))


def _both_windows(folder: Path, name: Path) -> tuple[np.ndarray, np.ndarray | None]:
    """HU of the brain picture and of the bone picture, float32 [512, 512] each; None without a bone picture."""
    brain, bone_file = read_window(folder / "brain" / name, BRAIN_LOW_HU, BRAIN_WIDTH_HU), folder / "bone" / name
    return brain, read_window(bone_file, BONE_LOW_HU, BONE_WIDTH_HU) if bone_file.exists() else None


def _joined(brain: np.ndarray, bone: np.ndarray | None) -> np.ndarray:
    saturated = (brain <= BRAIN_LOW_HU) | (brain >= BRAIN_LOW_HU + BRAIN_WIDTH_HU)
    return brain if bone is None else np.where(saturated, bone, brain)


def to_working(hu: np.ndarray, window: Window = Window.SQUEEZED, grid: Grid = Grid.HALF) -> np.ndarray:
    """HU [..., 512, 512] to windowed HU [..., G, G], as the served graph does it."""
    windowed, pooled = window.of(torch.from_numpy(hu)).numpy(), grid.served_per_working
    *leading, rows, columns = windowed.shape
    return windowed.reshape(*leading, rows // pooled, pooled, columns // pooled, pooled).mean(axis=(-3, -1))


def _load_cached(
    folder: Path, number: int, rows: list[dict[str, str]], cache: Path | None, window: Window, grid: Grid
) -> Patient:
    if cache is None:
        return _load(folder, number, rows, window, grid)
    # Masks that are added to a folder later must not be missed.
    masked = "-masked" if mask_source(folder, f"{number:03d}") else ""
    suffix = masked + ("" if window is Window.SQUEEZED else f"-{window.value}") + ("" if grid is Grid.HALF else f"-{grid.value}")
    cached = cache / f"patient-{number:03d}{suffix}.npz"
    if not cached.exists():
        patient = _load(folder, number, rows, window, grid)
        cache.mkdir(parents=True, exist_ok=True)
        names = ["hu_bytes", "inside", "depth_mm", "bleeding", "subtypes"] + (["masks"] if masked else [])
        # Written aside first: another fold may be reading the same folder.
        partial = cache / f"patient-{number:03d}{suffix}.{os.getpid()}.part.npz"
        np.savez(partial, **{name: getattr(patient, name) for name in names})
        partial.rename(cached)
    with np.load(cached) as arrays:
        return Patient(number, **{name: arrays[name] for name in arrays.files})


def _load(folder: Path, number: int, rows: list[dict[str, str]], window: Window, grid: Grid) -> Patient:
    name, names = f"{number:03d}", [_slice_name(row) for row in rows]
    series = load_series(folder / "dicom" / name) if (folder / "dicom" / name).is_dir() else None
    if series is not None and len(series.hu) != len(rows):
        raise ValueError(f"patient {name}: {len(series.hu)} slices in its series, {len(rows)} labelled")
    if series is None:
        served = [_read_pictures(folder, Path(name) / f"{one}.jpg") for one in names]
    else:
        served = [(hu, hu) for hu in series.hu]
    inside = np.stack([_inside(hu, bone, window) for hu, bone in served])
    source = mask_source(folder, name)
    return Patient(
        number=number,
        hu_bytes=np.stack([np.round(to_working(hu, window, grid) * BYTES_PER_HU).astype(np.uint8) for hu, _ in served]),
        inside=inside,
        depth_mm=np.minimum(depth_below_skull_mm(inside), 255).astype(np.uint8),
        bleeding=np.array([row["any"] == "1" for row in rows]),
        subtypes=np.array([[row[subtype] == "1" for subtype in SUBTYPES] for row in rows]),
        masks=None if source is None else load_outlines(source, names, series, grid),
    )


def _read_pictures(folder: Path, name: Path) -> tuple[np.ndarray, np.ndarray]:
    """HU of one slice and HU up to bone, each [512, 512]; without a bone picture nothing is bone."""
    brain, bone = _both_windows(folder, name)
    return _joined(brain, bone), np.full_like(brain, BONE_LOW_HU) if bone is None else bone


def _inside(hu: np.ndarray, bone: np.ndarray, window: Window) -> np.ndarray:
    """Where the inside of the skull is, bool [256, 256], of a slice and its bone, HU [512, 512] each."""
    return intracranial_mask(bone[::SERVED_PER_WORKING, ::SERVED_PER_WORKING], to_working(hu, window))
