"""Loader for DICOM series with masks: slices in HU at served size, and a mask from a SEG object or a NIfTI file.

The server has its own loader (Java), which is the one that counts; this one is for training and for checks beside it.
"""

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
import torch
from torch.nn import functional

from bloodnet_training.constants import SERVED_SIDE

OUTSIDE_HU = -1000.0
#: Slices closer than this along the normal are one slice sent twice.
SAME_PLACE_MM = 0.1
#: NIfTI-1 datatype codes that masks come in.
NIFTI_TYPES = {2: np.uint8, 4: np.int16, 8: np.int32, 16: np.float32, 64: np.float64, 256: np.int8, 512: np.uint16}


@dataclass(frozen=True)
class HeadSeries:
    """Slices in order along the normal: hu float32 [S, 512, 512]; voxel_ml float32 [S]; sop_instance_uids [S]."""

    hu: np.ndarray
    voxel_ml: np.ndarray
    sop_instance_uids: list[str]


def load_series(folder: Path) -> HeadSeries:
    """Reads the single-frame axial images of one series; raises ValueError when there are fewer than two."""
    slices = [pydicom.dcmread(path) for path in sorted(folder.iterdir()) if path.is_file()]
    slices = [one for one in slices if hasattr(one, "ImagePositionPatient") and "PixelData" in one]
    slices = _sorted_unique(slices)
    if len(slices) < 2:
        raise ValueError(f"the series has {len(slices)} usable slices, at least 2 are needed")
    positions = np.array([_position_mm(one) for one in slices])
    hu = np.stack([resized(_hu(one)) for one in slices])
    pixel_mm2 = np.array([_served_pixel_mm2(one) for one in slices])
    voxel_ml = (pixel_mm2 * slice_depths_mm(positions) / 1000.0).astype(np.float32)
    return HeadSeries(hu, voxel_ml, [str(one.SOPInstanceUID) for one in slices])


def slice_depths_mm(positions_mm: np.ndarray) -> np.ndarray:
    """Half the distance to each neighbour; an end slice counts its only neighbour twice."""
    gaps = np.diff(positions_mm)
    before = np.concatenate([gaps[:1], gaps])
    after = np.concatenate([gaps, gaps[-1:]])
    return (before + after) / 2.0


def load_seg_mask(path: Path, series: HeadSeries) -> np.ndarray:
    """Bool [S, 512, 512] of a DICOM SEG, frames matched by their source SOP Instance UID; all segments count as blood."""
    seg = pydicom.dcmread(path)
    frames = np.asarray(seg.pixel_array)
    if frames.ndim == 2:
        frames = frames[None]
    position_of = {uid: index for index, uid in enumerate(series.sop_instance_uids)}
    mask = np.zeros(series.hu.shape, bool)
    for frame, groups in zip(frames, seg.PerFrameFunctionalGroupsSequence, strict=True):
        source = groups.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        if str(source) in position_of:
            mask[position_of[str(source)]] |= resized(frame.astype(np.float32)) >= 0.5
    return mask


def load_nifti_mask(path: Path, slices_from_feet: bool = True) -> np.ndarray:
    """Bool [S, rows, columns]: where a NIfTI-1 file has any value over 0; see `load_nifti`."""
    return load_nifti(path, slices_from_feet) > 0


def load_nifti(path: Path, slices_from_feet: bool = True) -> np.ndarray:
    """Values [S, rows, columns] of a NIfTI-1 file (.nii or .nii.gz) stored in the usual RAS or LAS order.

    Columns are mirrored as needed, so that they run from the patient's right to left like DICOM's. slices_from_feet says
    how the series is ordered.
    """
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    if len(content) < 352 or content[344:347] not in (b"n+1",):
        raise ValueError("not a single-file NIfTI-1 image")
    dimensions = np.frombuffer(content, "<i2", 8, offset=40)
    datatype = int(np.frombuffer(content, "<i2", 1, offset=70)[0])
    if datatype not in NIFTI_TYPES or not 3 <= dimensions[0] <= 4:
        raise ValueError(f"NIfTI datatype {datatype} with {dimensions[0]} dimensions is not supported")
    columns, rows, slices = (int(value) for value in dimensions[1:4])
    start = int(np.frombuffer(content, "<f4", 1, offset=108)[0])
    values = np.frombuffer(
        content, np.dtype(NIFTI_TYPES[datatype]).newbyteorder("<"), columns * rows * slices, offset=start
    )
    volume = values.reshape(slices, rows, columns)
    x_axis = float(np.frombuffer(content, "<f4", 1, offset=280)[0])
    volume = volume[:, ::-1, ::-1] if x_axis > 0 else volume[:, ::-1, :]
    return volume if slices_from_feet else volume[::-1]


def _normal(one: pydicom.Dataset) -> np.ndarray:
    rows, columns = np.array(one.ImageOrientationPatient, float).reshape(2, 3)
    return np.cross(rows, columns)


def _position_mm(one: pydicom.Dataset) -> float:
    return float(np.dot(_normal(one), np.array(one.ImagePositionPatient, float)))


def _sorted_unique(slices: list[pydicom.Dataset]) -> list[pydicom.Dataset]:
    kept: list[pydicom.Dataset] = []
    for one in sorted(slices, key=_position_mm):
        if not kept or _position_mm(one) - _position_mm(kept[-1]) > SAME_PLACE_MM:
            kept.append(one)
    return kept


def _hu(one: pydicom.Dataset) -> np.ndarray:
    """Rescaled pixels; padding becomes air."""
    stored = one.pixel_array.astype(np.float32)
    hu = stored * float(getattr(one, "RescaleSlope", 1)) + float(getattr(one, "RescaleIntercept", 0))
    if "PixelPaddingValue" in one:
        hu[stored == float(one.PixelPaddingValue)] = OUTSIDE_HU
    return np.maximum(hu, OUTSIDE_HU)


def resized(image: np.ndarray) -> np.ndarray:
    """float32 [rows, columns], linear to [512, 512], pixel centres aligned, averaging when it shrinks (see docs/model/serving.md)."""
    if image.shape == (SERVED_SIDE, SERVED_SIDE):
        return image
    served = functional.interpolate(
        torch.from_numpy(image)[None, None],
        size=(SERVED_SIDE, SERVED_SIDE),
        mode="bilinear",
        align_corners=False,
        antialias=True,
    )
    return served[0, 0].numpy()


def _served_pixel_mm2(one: pydicom.Dataset) -> float:
    row_mm, column_mm = (float(value) for value in one.PixelSpacing)
    return row_mm * column_mm * (one.Rows / SERVED_SIDE) * (one.Columns / SERVED_SIDE)
