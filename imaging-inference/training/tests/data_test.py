"""Loaders: CT-ICH style folders, DICOM series with SEG, NIfTI masks. All files are made here."""

import json
import struct
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from bloodnet_training.dicom_series import load_nifti_mask, load_seg_mask, load_series, resized, slice_depths_mm
from bloodnet_training.outlines import load_outlines, origin_of
from bloodnet_training.patients import load_patients, to_working

LABELS_HEADER = "patient,slice,any,intraventricular,intraparenchymal,subarachnoid,epidural,subdural\n"


def write_ct_ich(folder, bleeding: str = "0") -> None:
    """Two slices of one patient: a skull ring with brain of 32 HU."""
    rows, columns = np.mgrid[:512, :512]
    radius = np.hypot(rows - 256, columns - 256)
    ring = (radius > 180) & (radius < 200)
    hu = np.where(radius < 200, 32.0, -1000.0)
    hu[ring] = 1000.0
    for name, low, width in (("brain", -20.0, 120.0), ("bone", -900.0, 3200.0)):
        (folder / name / "007").mkdir(parents=True)
        gray = np.clip((hu - low) / width * 255.0, 0, 255).astype(np.uint8)
        for number in (1, 2):
            Image.fromarray(gray).save(folder / name / "007" / f"{number:02d}.jpg", quality=98)
    (folder / "labels.csv").write_text(LABELS_HEADER + f"7,2,{bleeding},0,0,0,{bleeding},0\n7,1,0,0,0,0,0,0\n")


def write_slice(path, position_mm: float, value: int, side: int = 512, **changes) -> str:
    """One CT slice whose pixels are all of one stored value."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = pydicom.uid.CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    slice_ = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    slice_.SOPClassUID, slice_.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    slice_.ImagePositionPatient, slice_.ImageOrientationPatient = [0, 0, position_mm], [1, 0, 0, 0, 1, 0]
    slice_.Rows = slice_.Columns = side
    slice_.PixelSpacing = [0.5, 0.5]
    slice_.SamplesPerPixel, slice_.PhotometricInterpretation = 1, "MONOCHROME2"
    slice_.BitsAllocated, slice_.BitsStored, slice_.HighBit, slice_.PixelRepresentation = 16, 16, 15, 0
    slice_.RescaleSlope, slice_.RescaleIntercept = 1, -1024
    slice_.PixelData = np.full((side, side), value, np.uint16).tobytes()
    for name, changed in changes.items():
        setattr(slice_, name, changed)
    slice_.save_as(path)
    return str(slice_.SOPInstanceUID)


def write_nifti(path, volume) -> None:
    """uint8 [S, rows, columns] with columns from the patient's right to left."""
    slices, rows, columns = volume.shape
    header = bytearray(352)
    struct.pack_into("<8h", header, 40, 3, columns, rows, slices, 1, 1, 1, 1)
    struct.pack_into("<h", header, 70, 2)
    struct.pack_into("<f", header, 108, 352.0)
    struct.pack_into("<f", header, 280, -0.5)
    header[344:348] = b"n+1\0"
    path.write_bytes(bytes(header) + volume.tobytes())


def it_reads_slices_in_order_with_their_labels(tmp_path):
    write_ct_ich(tmp_path, bleeding="1")
    patient = load_patients(tmp_path)[7]
    assert patient.bleeding.tolist() == [False, True]
    assert patient.subtypes[1].tolist() == [False, False, False, True, False]
    assert abs(int(patient.hu_bytes[0, 128, 128]) - 80) <= 2
    assert patient.inside[0, 128, 128] and not patient.inside[0, 5, 5]
    assert patient.window_indices(0).tolist() == [0, 0, 0, 1, 1]


def it_reads_the_same_from_its_cache(tmp_path):
    write_ct_ich(tmp_path)
    first, second = (load_patients(tmp_path, tmp_path / "cache")[7] for _ in range(2))
    assert np.array_equal(first.hu_bytes, second.hu_bytes)


def it_refuses_a_table_without_patients(tmp_path):
    (tmp_path / "labels.csv").write_text("patient,slice,any\n")
    with pytest.raises(ValueError, match="no patient"):
        load_patients(tmp_path)


def it_windows_before_it_halves():
    assert to_working(np.tile([[40.0, 1000.0]], (2, 1)))[0, 0] == 70.0


def it_sorts_a_series_drops_doubles_and_measures_depth(tmp_path):
    for name, (position, value) in enumerate([(10.0, 1064), (0.0, 1054), (4.0, 1059), (4.0, 1059)]):
        write_slice(tmp_path / f"{name}.dcm", position, value)
    series = load_series(tmp_path)
    assert series.hu[:, 0, 0].tolist() == [30.0, 35.0, 40.0]
    assert series.voxel_ml == pytest.approx([0.001, 0.00125, 0.0015])


def it_turns_padding_into_air_and_resizes(tmp_path):
    write_slice(tmp_path / "a.dcm", 0.0, 7, side=256, PixelPaddingValue=7)
    write_slice(tmp_path / "b.dcm", 5.0, 1064, side=256)
    series = load_series(tmp_path)
    assert series.hu.shape == (2, 512, 512)
    assert series.hu[0].max() == -1000.0 and series.hu[1].min() == 40.0
    assert series.voxel_ml[0] == pytest.approx(0.25 * 0.25 * 5 / 1000)


def it_needs_two_slices(tmp_path):
    write_slice(tmp_path / "a.dcm", 0.0, 0)
    with pytest.raises(ValueError, match="1 usable slices"):
        load_series(tmp_path)


def it_splits_uneven_gaps_between_neighbours():
    assert slice_depths_mm(np.array([0.0, 4.0, 10.0])).tolist() == [4.0, 5.0, 6.0]


def it_lands_a_seg_frame_on_its_source_slice(tmp_path):
    uids = [write_slice(tmp_path / f"{position}.dcm", position, 1064) for position in (0.0, 5.0)]
    series = load_series(tmp_path)
    source, derivation, groups = Dataset(), Dataset(), Dataset()
    source.ReferencedSOPInstanceUID = uids[1]
    derivation.SourceImageSequence = [source]
    groups.DerivationImageSequence = [derivation]
    frame = np.zeros((512, 512), np.uint8)
    frame[10:20, 30:40] = 1
    (tmp_path / "seg").mkdir()
    write_slice(
        tmp_path / "seg" / "seg.dcm", 0.0, 0, PixelData=frame.tobytes(), BitsAllocated=8, BitsStored=8, HighBit=7,
        NumberOfFrames=1, PerFrameFunctionalGroupsSequence=[groups],
    )  # fmt: skip
    mask = load_seg_mask(tmp_path / "seg" / "seg.dcm", series)
    assert not mask[0].any()
    assert np.array_equal(mask[1], frame > 0)


def it_reads_a_nifti_mask_in_dicom_orientation(tmp_path):
    volume = np.zeros((2, 3, 4), np.uint8)
    volume[1, 0, 3] = 1
    write_nifti(tmp_path / "mask.nii", volume)
    mask = load_nifti_mask(tmp_path / "mask.nii")
    assert np.argwhere(mask).tolist() == [[1, 2, 3]]
    (tmp_path / "other.nii").write_bytes(b"no header")
    with pytest.raises(ValueError, match="NIfTI"):
        load_nifti_mask(tmp_path / "other.nii")


def it_reads_a_patient_from_dicom_as_from_pictures(tmp_path):
    (tmp_path / "dicom" / "007").mkdir(parents=True)
    for position, value in ((5.0, 1064), (0.0, 1054)):
        write_slice(tmp_path / "dicom" / "007" / f"{position}.dcm", position, value)
    (tmp_path / "labels.csv").write_text(LABELS_HEADER + "7,1,0,0,0,0,0,0\n7,2,1,0,1,0,0,0\n")
    patient = load_patients(tmp_path)[7]
    assert patient.hu_bytes[:, 100, 100].tolist() == [75, 100]
    assert patient.bleeding.tolist() == [False, True]


def it_refuses_labels_of_another_number_of_slices(tmp_path):
    (tmp_path / "dicom" / "007").mkdir(parents=True)
    for position in (0.0, 5.0):
        write_slice(tmp_path / "dicom" / "007" / f"{position}.dcm", position, 1064)
    (tmp_path / "labels.csv").write_text(LABELS_HEADER + "7,1,0,0,0,0,0,0\n")
    with pytest.raises(ValueError, match="2 slices in its series, 1 labelled"):
        load_patients(tmp_path)


def it_reads_outlines_and_knows_which_slices_have_one(tmp_path):
    write_ct_ich(tmp_path, bleeding="1")
    cache = tmp_path / "cache"
    assert not load_patients(tmp_path, cache)[7].outlined.any()
    (tmp_path / "masks" / "007").mkdir(parents=True)
    blood = np.zeros((650, 650), np.uint8)
    blood[260:390, 260:390] = 255
    Image.fromarray(blood).save(tmp_path / "masks" / "007" / "02.png")
    for _ in range(2):
        patient = load_patients(tmp_path, cache)[7]
        assert patient.outlined.tolist() == [False, True]
        assert patient.masks[1, 64, 64] == 255
        assert patient.masks[1].mean() / 255 == pytest.approx(0.04, abs=0.003)


def it_refuses_a_seg_of_pictures_and_masks_of_other_slices(tmp_path):
    with pytest.raises(ValueError, match="are pictures"):
        load_outlines(tmp_path / "007.dcm", ["01"], None)
    (tmp_path / "007").mkdir()
    write_nifti(tmp_path / "007.nii", np.zeros((2, 3, 4), np.uint8))
    with pytest.raises(ValueError, match="2 slices have masks, but 1 are labelled"):
        load_outlines(tmp_path / "007.nii", ["01"], None)


def it_wants_to_know_who_drew_the_masks(tmp_path):
    assert origin_of(tmp_path) is None
    (tmp_path / "masks").mkdir()
    for said in (None, "", "one line\nand another", "x" * 301):
        if said is not None:
            (tmp_path / "masks" / "ORIGIN.txt").write_text(said)
        with pytest.raises(ValueError, match="ORIGIN.txt must say in one line"):
            origin_of(tmp_path)
    (tmp_path / "masks" / "ORIGIN.txt").write_text("two readers\n")
    assert origin_of(tmp_path) == "two readers"


def it_takes_the_source_of_the_data_for_the_origin_of_its_masks(tmp_path):
    (tmp_path / "masks").mkdir()
    (tmp_path / "SOURCE.txt").write_text("Outlined by two radiologists.")
    assert origin_of(tmp_path) == "those whom SOURCE.txt of the data names"


def test_slices_are_resized_as_the_server_resizes_them() -> None:
    """The server's ResamplerTest reads the same numbers."""
    expected = json.loads((Path(__file__).parent / "resampling.json").read_text())
    for size in expected["sizes"]:
        rows, columns = np.mgrid[0 : size["rows"], 0 : size["columns"]]
        image = (31 * rows + 17 * columns + rows * columns % 101) % 400 - 100
        served = resized(image.astype(np.float32))
        for row, column, hu in size["values"]:
            assert served[row, column] == pytest.approx(hu, abs=0.01)
