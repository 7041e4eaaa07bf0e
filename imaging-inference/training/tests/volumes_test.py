"""Volumes for whoever outlines, and their outlines as masks. All files are made here."""

import gzip

import numpy as np
import pytest
from fakes import made_up_patient
from PIL import Image

from bloodnet_training.cli import main
from bloodnet_training.dicom_series import load_nifti
from bloodnet_training.outlines import origin_of
from bloodnet_training.volumes import take_outlines, write_nifti

NAMES = [f"{number:02d}" for number in range(1, 13)]


def segmentation_of(blood: dict[int, tuple[slice, slice, int]], slices: int = 12) -> np.ndarray:
    """Values [slices, 512, 512]: (rows, columns, value) on some slices."""
    values = np.zeros((slices, 512, 512), np.float32)
    for position, (rows, columns, value) in blood.items():
        values[position, rows, columns] = value
    return values


def inside_square(patient, position, size=40):
    """Served rows and columns of a square in the middle of the patient's inside."""
    rows, columns = np.nonzero(patient.inside[position])
    row, column = int(rows.mean()) * 2, int(columns.mean()) * 2
    return slice(row - size // 2, row + size // 2), slice(column - size // 2, column + size // 2)


def write_folder(folder, slices=2):
    """A folder of one patient, 7, whose first slice bleeds; every slice has its own gray."""
    lines = ["patient,slice,any,intraventricular,intraparenchymal,subarachnoid,epidural,subdural"]
    (folder / "brain" / "007").mkdir(parents=True)
    for number in range(1, slices + 1):
        lines.append(f"7,{number},{int(number == 1)},0,0,0,{int(number == 1)},0")
        picture = np.full((512, 512), 60 * number, np.uint8)
        picture[:10] = 0
        Image.fromarray(picture).save(folder / "brain" / "007" / f"{number:02d}.jpg", quality=100)
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")


def it_reads_back_the_volume_that_it_wrote(tmp_path):
    hu = np.arange(2 * 512 * 512, dtype=np.float32).reshape(2, 512, 512) % 1000 - 500
    write_nifti(tmp_path / "007.nii.gz", hu)
    assert np.array_equal(load_nifti(tmp_path / "007.nii.gz"), hu)


def it_writes_the_geometry_of_the_slices(tmp_path):
    write_nifti(tmp_path / "007.nii.gz", np.zeros((3, 512, 512), np.float32))
    content = gzip.decompress((tmp_path / "007.nii.gz").read_bytes())
    assert np.frombuffer(content, "<i2", 4, offset=40).tolist() == [3, 512, 512, 3]
    assert np.frombuffer(content, "<f4", 3, offset=80) == pytest.approx([0.45, 0.45, 5.0])
    assert len(content) == 352 + 3 * 512 * 512 * 2


def it_takes_blood_on_bleeding_slices_only(tmp_path):
    patient = made_up_patient(1, bleeding_slices=(3,))
    square = inside_square(patient, 3)
    write_nifti(tmp_path / "s.nii.gz", segmentation_of({3: (*square, 2), 4: (*square, 2)}))
    assert take_outlines(tmp_path / "s.nii.gz", (1, 2), patient, NAMES, tmp_path / "masks") == 1
    assert [one.name for one in (tmp_path / "masks").iterdir()] == ["04.png"]
    taken = np.asarray(Image.open(tmp_path / "masks" / "04.png"))
    assert taken[square].min() == 255 and taken.sum() == 255 * 40 * 40


def it_takes_nothing_of_other_labels_or_of_next_to_nothing(tmp_path):
    patient = made_up_patient(1, bleeding_slices=(3,))
    write_nifti(tmp_path / "s.nii.gz", segmentation_of({3: (*inside_square(patient, 3), 3)}))
    assert take_outlines(tmp_path / "s.nii.gz", (1, 2), patient, NAMES, tmp_path / "masks") == 0
    write_nifti(tmp_path / "s.nii.gz", segmentation_of({3: (*inside_square(patient, 3, size=8), 1)}))
    assert take_outlines(tmp_path / "s.nii.gz", (1, 2), patient, NAMES, tmp_path / "masks") == 0
    assert not (tmp_path / "masks").exists()


def it_drops_slivers_and_what_lies_outside_the_skull(tmp_path):
    patient = made_up_patient(1, bleeding_slices=(3,))
    rows, columns = inside_square(patient, 3)
    values = segmentation_of({3: (rows, columns, 1)})
    values[3, rows.stop + 4 : rows.stop + 8, columns] = 1
    values[3, :20, :400] = 1
    write_nifti(tmp_path / "s.nii.gz", values)
    assert take_outlines(tmp_path / "s.nii.gz", (1,), patient, NAMES, tmp_path / "masks") == 1
    assert np.asarray(Image.open(tmp_path / "masks" / "04.png")).sum() == 255 * 40 * 40


def it_refuses_a_segmentation_of_other_slices(tmp_path):
    write_nifti(tmp_path / "s.nii.gz", segmentation_of({}, slices=5))
    with pytest.raises(ValueError, match="the patient has 12 slices of 512"):
        take_outlines(tmp_path / "s.nii.gz", (1,), made_up_patient(1, (3,)), NAMES, tmp_path / "masks")


def it_goes_from_pictures_to_volumes_and_from_outlines_to_masks(tmp_path, capsys):
    write_folder(tmp_path)
    data, out = ["--data", str(tmp_path)], tmp_path / "volumes"
    assert main(["volumes", *data, "--out", str(out)]) == 0
    assert load_nifti(out / "007.nii.gz")[1, 300, 300] == pytest.approx(120 * 120 / 255 - 20, abs=2)
    values = np.zeros((2, 512, 512), np.float32)
    values[0, 200:260, 200:260] = 1
    (tmp_path / "drawn").mkdir()
    write_nifti(tmp_path / "drawn" / "007.nii.gz", values)
    take = ["outlines", *data, "--segmentations", str(tmp_path / "drawn"), "--origin"]
    with pytest.raises(ValueError, match="ORIGIN"):
        main([*take, " "])
    assert main([*take, "two readers"]) == 0
    assert "outlines on 1 of 1 bleeding slices" in capsys.readouterr().out
    assert origin_of(tmp_path) == "two readers"
    with pytest.raises(SystemExit, match="already"):
        main([*take, "others"])
