"""Outlined lesions in other patients' slices: where they land, and whose they are."""

from dataclasses import replace

import numpy as np
import torch
from fakes import made_up_patient, outlined

from bloodnet_training import pool as pool_module
from bloodnet_training.pool import KINDS, NO_PATIENT, TRANSPLANTED, canvas_of, clean_centres, paint_sample
from bloodnet_training.transplants import outlined_places, transplant

SEED = 3
BRIGHT_BYTES = 175  # 70 HU


def bright_donor():
    """A head with an outlined bright square of blood on slices 3 and 4, within the skull."""
    donor = outlined(made_up_patient(1, bleeding_slices=(3, 4)))
    hu_bytes = donor.hu_bytes.copy()
    hu_bytes[3:5, 80:120, 100:140] = BRIGHT_BYTES
    return replace(donor, hu_bytes=hu_bytes)


def it_lays_a_lesion_where_it_says_and_leaves_the_rest():
    donor, target = bright_donor(), made_up_patient(1)
    for seed in range(20):
        canvas = canvas_of(target, 3)
        before = canvas.hu.clone()
        mask = transplant(canvas, donor, 3, torch.Generator().manual_seed(seed))
        if mask is not None:
            break
    assert mask is not None, "no transplant with any of 20 seeds"
    assert float(canvas.hu[2][mask > 0.9].mean()) > 60.0
    assert torch.equal(canvas.hu[2][mask == 0.0], before[2][mask == 0.0])
    # Slices without an outline stay as they were: 1 and 2 lie below the lesion, 5 above it.
    assert torch.equal(canvas.hu[[0, 1, 4]], before[[0, 1, 4]])


def everywhere(donor):
    """The same donor, bright and outlined all over the slices that bleed."""
    masks, hu_bytes = donor.masks.copy(), donor.hu_bytes.copy()
    masks[3:5], hu_bytes[3:5] = 255, BRIGHT_BYTES
    return replace(donor, masks=masks, hu_bytes=hu_bytes)


def it_stays_within_the_skull():
    canvas = canvas_of(made_up_patient(1), 3)
    mask = transplant(canvas, everywhere(bright_donor()), 3, torch.Generator().manual_seed(SEED))
    outside = canvas.inside[2] == 0
    assert mask is not None and outside.any()
    assert not mask[outside].any()


def it_refuses_heads_of_another_level():
    target = made_up_patient(1)
    inside = target.inside.copy()
    rows = np.nonzero(inside[3].any(axis=1))[0]
    inside[3, : rows[len(rows) // 2]] = False
    canvas = canvas_of(replace(target, inside=inside), 3)
    before = canvas.hu.clone()
    assert transplant(canvas, everywhere(bright_donor()), 3, torch.Generator().manual_seed(SEED)) is None
    assert torch.equal(canvas.hu, before)


def it_refuses_lesions_that_do_not_show():
    target = made_up_patient(1)
    dark = replace(bright_donor(), hu_bytes=np.full_like(target.hu_bytes, 25))
    assert transplant(canvas_of(target, 3), dark, 3, torch.Generator().manual_seed(SEED)) is None


def it_puts_transplants_into_the_pool_with_both_patients(monkeypatch):
    monkeypatch.setattr(pool_module, "OUTLINED_RECIPE_WEIGHTS", {TRANSPLANTED: 1.0})
    patients = {1: bright_donor(), 2: made_up_patient(2), 3: made_up_patient(3)}
    donors, centres = outlined_places(patients), clean_centres(patients)
    assert donors == [[(1, 3), (1, 4)]]
    generator = torch.Generator().manual_seed(SEED)
    for _ in range(3):
        _, mask, patient, kind, donor, _ = paint_sample(patients, centres, donors, generator)
        assert (patient in (2, 3), KINDS[kind], donor) == (True, TRANSPLANTED, 1)
        assert mask.max() > 128


def it_paints_without_donors_when_nobody_is_outlined():
    patients = {1: made_up_patient(1), 2: made_up_patient(2, bleeding_slices=(3,))}
    assert outlined_places(patients) == []
    sample = paint_sample(patients, clean_centres(patients), [], torch.Generator().manual_seed(SEED))
    assert sample[4] == NO_PATIENT
