"""Experts' masks beside a folder of labelled patients, when there are any.

`masks/PPP.nii` or `.nii.gz` (slices from the feet), `masks/PPP.dcm` (DICOM SEG, only where the patient's slices are DICOM), or
`masks/PPP/SS.png` (any bright pixel is blood; a slice without a file has none).
"""

from pathlib import Path

import numpy as np
from PIL import Image

from bloodnet_training.constants import SERVED_PER_WORKING, SERVED_SIDE, WORKING_PER_MASK
from bloodnet_training.dicom_series import HeadSeries, load_nifti_mask, load_seg_mask, resized

#: Served pixels along one side of a mask pixel.
SERVED_PER_MASK = SERVED_PER_WORKING * WORKING_PER_MASK
#: Gray from which a pixel of a mask picture is blood.
BLOOD_GRAY = 128


def mask_source(folder: Path, name: str) -> Path | None:
    """Where the masks of the patient of this name (three digits) are, or None when nobody drew any."""
    places = [folder / "masks" / (name + suffix) for suffix in (".nii.gz", ".nii", ".dcm", "")]
    return next((place for place in places if place.exists()), None)


def load_expert_masks(source: Path, slice_names: list[str], series: HeadSeries | None) -> np.ndarray:
    """uint8 [S, 128, 128]: share of each mask pixel that is blood, 0..255. Raises ValueError when it is not of these slices."""
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
    side = SERVED_SIDE // SERVED_PER_MASK
    blocks = served.reshape(len(served), side, SERVED_PER_MASK, side, SERVED_PER_MASK)
    return np.round(blocks.mean(axis=(2, 4)) * 255.0).astype(np.uint8)


def _picture(path: Path) -> np.ndarray:
    """Bool [512, 512]."""
    if not path.exists():
        return np.zeros((SERVED_SIDE, SERVED_SIDE), bool)
    with Image.open(path) as image:
        return resized((np.asarray(image.convert("L")) >= BLOOD_GRAY).astype(np.float32)) >= 0.5
