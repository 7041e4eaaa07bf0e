"""Outlines of real blood beside a folder of labelled patients, when there are any: an expert's, or those of another program.

`masks/PPP.nii` or `.nii.gz` (slices from the feet), `masks/PPP.dcm` (DICOM SEG, only where the patient's slices are DICOM), or
`masks/PPP/SS.png` (any bright pixel is blood; a slice without a file has none). `masks/ORIGIN.txt` says in a line who drew them.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from bloodnet_training.constants import SERVED_SIDE
from bloodnet_training.dicom_series import HeadSeries, load_nifti_mask, load_seg_mask, resized
from bloodnet_training.grid import Grid

#: Gray from which a pixel of a mask picture is blood.
BLOOD_GRAY = 128
ORIGIN_CHARACTERS_MAX = 300
#: Beside labels.csv: what the data are, on what terms, and whom to cite.
SOURCE_FILE = "SOURCE.txt"


def mask_source(folder: Path, name: str) -> Path | None:
    """Where the masks of the patient of this name (three digits) are, or None when nobody drew any."""
    places = [folder / "masks" / (name + suffix) for suffix in (".nii.gz", ".nii", ".dcm", "")]
    return next((place for place in places if place.exists()), None)


def origin_of(folder: Path) -> str | None:
    """Who drew the outlines, as it is said to whoever uses the network; None when there are none.

    Raises ValueError when nobody said so: a program's outlines must not pass for an expert's.
    """
    if not (folder / "masks").is_dir():
        return None
    said = folder / "masks" / "ORIGIN.txt"
    if not said.exists() and (folder / SOURCE_FILE).exists():
        return f"those whom {SOURCE_FILE} of the data names"
    return checked_origin(said.read_text() if said.exists() else "")


def write_origin(folder: Path, origin: str) -> None:
    """Says who drew the outlines; raises ValueError like `checked_origin`."""
    (folder / "masks" / "ORIGIN.txt").write_text(checked_origin(origin) + "\n")


def checked_origin(origin: str) -> str:
    """The line without space around it; raises ValueError when it is empty, longer than ORIGIN_CHARACTERS_MAX or more than one."""
    origin = origin.strip()
    if not 0 < len(origin) <= ORIGIN_CHARACTERS_MAX or "\n" in origin:
        raise ValueError(f"masks/ORIGIN.txt must say in one line of up to {ORIGIN_CHARACTERS_MAX} characters who drew the masks")
    return origin


def load_outlines(source: Path, slice_names: list[str], series: HeadSeries | None, grid: Grid = Grid.HALF) -> np.ndarray:
    """uint8 [S, M, M], M being the grid's mask_side: share of each mask pixel that is blood, 0..255.

    Raises ValueError when it is not of these slices.
    """
    if source.is_dir():
        served = np.stack([_picture(source / f"{name}.png") for name in slice_names])
    elif source.suffix == ".dcm":
        if series is None:
            raise ValueError(f"{source.name}: a SEG names DICOM slices, but the slices of this patient are pictures")
        served = load_seg_mask(source, series)
    else:
        served = np.stack([resized(one.astype(np.float32)) >= 0.5 for one in load_nifti_mask(source)])
    if len(served) != len(slice_names):
        raise ValueError(f"{source.name}: {len(served)} slices have masks, but {len(slice_names)} are labelled")
    side, served_per_mask = grid.mask_side, grid.served_per_mask
    blocks = served.reshape(len(served), side, served_per_mask, side, served_per_mask)
    return np.round(blocks.mean(axis=(2, 4)) * 255.0).astype(np.uint8)


def _picture(path: Path) -> np.ndarray:
    """Bool [512, 512]."""
    if not path.exists():
        return np.zeros((SERVED_SIDE, SERVED_SIDE), bool)
    with Image.open(path) as image:
        return resized((np.asarray(image.convert("L")) >= BLOOD_GRAY).astype(np.float32)) >= 0.5
