"""Loaders of single slices of other hospitals, and that a split keeps a person on one side. All files are made here."""

import numpy as np
import pytest
from fakes import blank_patients
from PIL import Image

from bloodnet_training.grid import Grid
from bloodnet_training.patients import BYTES_PER_HU, SUBTYPES, Patient
from bloodnet_training.sources import from_own_window, load_slices
from bloodnet_training.splits import patient_folds

WINDOWED = "id,file,epidural,intraparenchymal,intraventricular,subarachnoid,subdural,any,patient,window_width,hu_lo,mask\n"
SMALL = "id,file,epidural,intraparenchymal,intraventricular,subarachnoid,subdural,any,patient,folder\n"
DENSITY = "id,case,slice,epidural_px,intraparenchymal_px,intraventricular_px,subarachnoid_px,subdural_px,mask_px\n"


def head(side: int = 512, brain: int = 128) -> np.ndarray:
    """Gray values: a skull of 255 around brain, air of 0 around both."""
    rows, columns = np.mgrid[:side, :side] * (512.0 / side)
    radius = np.hypot(rows - 256, columns - 256)
    return np.where(radius < 180, brain, np.where(radius < 200, 255, 0)).astype(np.uint8)


def write_picture(path, gray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(gray).save(path)


def windowed_folder(tmp_path, rows: str):
    folder = tmp_path / "rsna"
    write_picture(folder / "images" / "a.png", head())
    blood = np.zeros((512, 512), np.uint8)
    blood[200:240, 200:240] = 255
    write_picture(folder / "masks" / "a.png", blood)
    (folder / "labels.csv").write_text(WINDOWED + rows)
    return folder


def it_reads_a_slice_in_its_own_window(tmp_path):
    folder = windowed_folder(tmp_path, "a,images/a.png,0,0,0,0,1,1,P1,150,-35,\n")
    (patient,) = load_slices(folder).values()
    assert abs(patient.hu_bytes[0, 128, 128] / BYTES_PER_HU - (-35 + 128 * 150 / 255)) < 0.3
    assert patient.hu_bytes[0, 0, 0] == 0 and patient.hu_bytes.max() == 80 * BYTES_PER_HU
    assert patient.inside[0, 128, 128] and not patient.inside[0, 2, 2]
    assert patient.bleeding.tolist() == [True] and patient.subtypes[0].tolist() == [kind == "subdural" for kind in SUBTYPES]
    assert patient.masks is None and patient.person == "P1" and patient.source == "rsna"
    assert patient.window_indices(0).tolist() == [0] * 5


def it_takes_what_the_own_window_cut_off_for_the_edge_of_the_brain_window():
    hu = from_own_window(np.array([0.0, 100.0, 255.0]), 7.0, 60.0)
    assert hu[0] == 0.0 and hu[2] == 80.0 and abs(hu[1] - (7.0 + 100 * 60 / 255)) < 1e-4


def it_takes_a_mask_of_some_kinds_only_where_no_other_kind_bleeds(tmp_path):
    rows = "a,images/a.png,0,1,0,0,0,1,P1,80,0,masks/a.png\nb,images/a.png,0,1,0,0,1,1,P2,80,0,masks/a.png\n"
    alone, mixed = load_slices(windowed_folder(tmp_path, rows)).values()
    assert alone.outlined.tolist() == [True] and alone.masks[0, 55, 55] == 255
    assert mixed.outlined.tolist() == [False]


def it_reads_density_and_kinds_of_blood(tmp_path):
    folder = tmp_path / "bhsd"
    write_picture(folder / "images" / "c1.png", np.where(head() == 128, 33, head()).astype(np.uint8))
    kinds = np.zeros((512, 512), np.uint8)
    kinds[200:240, 200:240] = 5
    write_picture(folder / "masks" / "c1.png", kinds)
    (folder / "labels.csv").write_text(DENSITY + "c1,case1,9,0,0,0,0,1600,1600\n")
    (patient,) = load_slices(folder, grid=Grid.FULL).values()
    assert patient.hu_bytes.shape == (1, 512, 512) and patient.hu_bytes[0, 256, 256] == round(33 * BYTES_PER_HU)
    assert patient.masks.shape == (1, 256, 256) and patient.masks[0, 110, 110] == 255 and patient.masks[0, 10, 10] == 0
    assert patient.subtypes[0].tolist() == [kind == "subdural" for kind in SUBTYPES] and patient.person == "case1"


def it_enlarges_small_pictures(tmp_path):
    folder = tmp_path / "small"
    write_picture(folder / "images" / "s.png", head(224))
    (folder / "labels.csv").write_text(SMALL + "s,images/s.png,0,0,0,0,0,0,,normal\n")
    (patient,) = load_slices(folder).values()
    assert abs(patient.hu_bytes[0, 128, 128] / BYTES_PER_HU - 128 * 80 / 255) < 0.5 and not patient.is_positive


def it_reads_the_same_slices_from_its_cache(tmp_path):
    folder = windowed_folder(tmp_path, "a,images/a.png,0,1,0,0,0,1,P1,80,0,masks/a.png\nb,images/a.png,0,0,0,0,0,0,,80,0,\n")
    first, second = (load_slices(folder, tmp_path / "cache") for _ in range(2))
    assert list(first) == list(second)
    for one, other in zip(first.values(), second.values(), strict=True):
        assert np.array_equal(one.hu_bytes, other.hu_bytes) and np.array_equal(one.inside, other.inside)
        assert (one.person, one.source, one.outlined.tolist()) == (other.person, other.source, other.outlined.tolist())
        assert (one.masks is None) == (other.masks is None)


def it_refuses_a_table_of_another_layout(tmp_path):
    (tmp_path / "labels.csv").write_text("patient,slice,any\n1,1,0\n")
    with pytest.raises(ValueError, match="no known layout"):
        load_slices(tmp_path)


def slice_of(number: int, person: str, bleeding: bool = False) -> Patient:
    one = blank_patients(1, 0)[1]
    return Patient(number, one.hu_bytes[:1], one.inside[:1], one.depth_mm[:1], np.array([bleeding]), one.subtypes[:1], source="x", group=person)


def it_holds_all_slices_of_a_person_out_together():
    slices = {number: slice_of(number, f"P{number // 3}", number % 2 == 0) for number in range(100, 130)}
    folds = patient_folds(slices, folds=2)
    people = [{slices[number].person for number in fold} for fold in folds]
    assert not people[0] & people[1] and sum(len(fold) for fold in folds) == 30


def it_spreads_each_source_evenly_and_holds_no_known_patient_out():
    patients = blank_patients(4, 4) | {number: slice_of(number, "") for number in range(100, 110)}
    folds = patient_folds(patients, folds=2, known=(1, 5))
    assert sorted(number for fold in folds for number in fold) == sorted(set(patients) - {1, 5})
    assert [sum(number >= 100 for number in fold) for fold in folds] == [5, 5]
