"""NIfTI volumes for annotation tools and segmentation programs, and what these outline taken back as masks.

Whoever outlines, the labels have the last word: blood is kept only on slices that are labelled as bleeding, within the skull, and
in parts that are not small beside the largest one of the slice.
"""

import gzip
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from bloodnet_training.constants import SERVED_PER_WORKING, SERVED_SIDE, SERVED_VOXEL_ML, SLICE_MM
from bloodnet_training.dicom_series import load_nifti
from bloodnet_training.patients import BYTES_PER_HU, Patient, read_pictures

#: Side of a served pixel that training assumes (CT-ICH).
SERVED_PIXEL_MM = 0.45
#: A slice with less outlined blood than this counts as not outlined.
OUTLINE_ML_MIN = 0.1
#: Parts of a slice's outline smaller than this share of its largest are dropped: programs like to mark slivers along the skull.
PART_SHARE_MIN = 0.25
#: Outlines may reach this many working pixels over the edge of the inside.
INSIDE_MARGIN_PIXELS = 2
#: Where no inside was found: from here on it is bone.
BONE_FROM_HU = 79.0


def write_nifti(path: Path, hu: np.ndarray) -> None:
    """Writes slices [S, 512, 512] in HU, from the feet, rows to the back, columns to the left, as NIfTI-1 (.nii.gz, int16)."""
    slices, rows, columns = hu.shape
    header = bytearray(352)
    header[0:4] = np.int32(348).tobytes()
    header[40:56] = np.array([3, columns, rows, slices, 1, 1, 1, 1], "<i2").tobytes()
    header[70:74] = np.array([4, 16], "<i2").tobytes()
    header[76:92] = np.array([1.0, SERVED_PIXEL_MM, SERVED_PIXEL_MM, SLICE_MM], "<f4").tobytes()
    header[108:112] = np.float32(352).tobytes()
    header[112:116] = np.float32(1).tobytes()
    header[123] = 2  # millimetres
    header[254:256] = np.int16(1).tobytes()  # sform: scanner's coordinates
    axes = [[-SERVED_PIXEL_MM, 0, 0, 0], [0, SERVED_PIXEL_MM, 0, 0], [0, 0, SLICE_MM, 0]]
    header[280:328] = np.array(axes, "<f4").tobytes()
    header[344:348] = b"n+1\0"
    stored = np.round(hu[:, ::-1]).astype("<i2").tobytes()
    # No time in the gzip header: the same slices give the same file.
    path.write_bytes(gzip.compress(bytes(header) + stored, mtime=0))


def write_volume(folder: Path, number: int, slice_names: list[str], target: Path) -> bool:
    """Writes target/PPP.nii.gz of a patient whose slices are pictures; False for a DICOM series, which such tools read themselves."""
    name = f"{number:03d}"
    if not (folder / "brain" / name).is_dir():
        return False
    target.mkdir(parents=True, exist_ok=True)
    write_nifti(target / f"{name}.nii.gz", np.stack([read_pictures(folder, Path(name) / f"{one}.jpg") for one in slice_names]))
    return True


def take_outlines(segmentation: Path, labels: tuple[int, ...], patient: Patient, slice_names: list[str], target: Path) -> int:
    """Writes target/SS.png for each bleeding slice that the NIfTI file outlines; how many.

    labels: values that mean blood. Raises ValueError when the file has other slices than the patient.
    """
    volume = load_nifti(segmentation)
    if volume.shape != (patient.slice_count, SERVED_SIDE, SERVED_SIDE):
        raise ValueError(f"{segmentation.name}: {volume.shape}, but the patient has {patient.slice_count} slices of {SERVED_SIDE}")
    taken = 0
    for position in np.nonzero(patient.bleeding)[0]:
        blood = _cleaned(np.isin(volume[position], labels), patient, int(position))
        if blood.sum() * SERVED_VOXEL_ML >= OUTLINE_ML_MIN:
            target.mkdir(parents=True, exist_ok=True)
            Image.fromarray(blood.astype(np.uint8) * 255).save(target / f"{slice_names[position]}.png")
            taken += 1
    return taken


def _cleaned(blood: np.ndarray, patient: Patient, position: int) -> np.ndarray:
    """Bool [512, 512]: what of it lies within the skull and is not small beside the largest part."""
    inside = patient.inside[position]
    if inside.any():
        may_be = ndimage.binary_dilation(inside, iterations=INSIDE_MARGIN_PIXELS)
    else:
        may_be = ~ndimage.binary_dilation(patient.hu_bytes[position] >= BONE_FROM_HU * BYTES_PER_HU)
    blood = blood & np.kron(may_be, np.ones((SERVED_PER_WORKING, SERVED_PER_WORKING), bool))
    regions, count = ndimage.label(blood)
    if count == 0:
        return blood
    sizes = ndimage.sum(blood, regions, range(1, count + 1))
    return np.isin(regions, 1 + np.nonzero(sizes >= PART_SHARE_MIN * sizes.max())[0])
