"""Lesions, distractors and phantoms stay within what anatomy and the window allow."""

import numpy as np
import pytest
import torch
from fakes import made_up_patient

from bloodnet_training import lesions
from bloodnet_training.canvas import Canvas
from bloodnet_training.distractors import DISTRACTORS
from bloodnet_training.intracranial import depth_below_skull_mm, intracranial_mask
from bloodnet_training.phantom import paint_head
from bloodnet_training.pool import NO_PATIENT, clean_centres, paint_sample

SEED = 5


def head() -> tuple[Canvas, torch.Generator]:
    """A head cut at ventricle height."""
    generator = torch.Generator().manual_seed(SEED)
    canvas = paint_head(generator)
    while float(canvas.inside[2].mean()) < 0.15:
        canvas = paint_head(generator)
    return canvas, generator


@pytest.mark.parametrize("kind", list(lesions.KIND_WEIGHTS))
def it_paints_each_kind_brighter_and_inside_the_skull(kind, monkeypatch):
    monkeypatch.setattr(lesions, "KIND_WEIGHTS", {kind: 1.0})
    generator = torch.Generator().manual_seed(SEED)
    for _ in range(60):
        canvas = paint_head(generator)
        before, inside = canvas.tissue()[2], canvas.paintable()[2]
        painted = lesions.paint_lesion(canvas, generator)
        if painted is not None:
            break
    assert painted is not None, f"no {kind} in 60 heads, seed {SEED}"
    mask, name = painted
    assert name == kind
    solid = mask > 0.5
    assert float(canvas.hu[2][solid].mean()) > float(before[solid].mean())
    assert float(torch.nn.functional.max_pool2d(inside[None], 5, 1, 2)[0][solid].min()) > 0


@pytest.mark.parametrize("paint", DISTRACTORS, ids=lambda paint: paint.__name__)
def it_paints_each_distractor_with_finite_values(paint):
    canvas, generator = head()
    before = canvas.hu.clone()
    paint(canvas, generator)
    assert bool(torch.isfinite(canvas.hu).all())
    assert canvas.hu.shape == before.shape


def it_paints_the_same_sample_for_the_same_seed():
    first = paint_sample({}, [], [], torch.Generator().manual_seed(SEED))
    second = paint_sample({}, [], [], torch.Generator().manual_seed(SEED))
    assert np.array_equal(first[0], second[0]) and np.array_equal(first[1], second[1])
    assert first[2] == NO_PATIENT


def it_paints_only_far_from_real_bleeding():
    patient = made_up_patient(1, bleeding_slices=(6,), slices=13)
    centres = {position for _, position in clean_centres({1: patient})}
    assert not centres & set(range(3, 10))


def it_finds_the_inside_of_a_closed_ring_and_nothing_in_an_open_one():
    rows, columns = np.mgrid[:256, :256]
    radius = np.hypot(rows - 128, columns - 128)
    bone = np.where((radius > 80) & (radius < 90), 1000.0, 0.0)
    brain = np.where(radius < 90, 35.0, 0.0)
    inside = intracranial_mask(bone, brain)
    assert 0.9 < inside.sum() / (np.pi * 78**2) < 1.1
    assert depth_below_skull_mm(inside).max() == pytest.approx(78 * 0.9, abs=2.0)
    bone[:, 128:] = 0.0
    assert not intracranial_mask(bone, brain).any()


def it_refuses_a_canvas_of_four_slices():
    with pytest.raises(ValueError, match="five slices"):
        Canvas(torch.zeros(4, 8, 8), torch.zeros(4, 8, 8), torch.zeros(4, 8, 8))


def it_squeezes_painted_calcium_and_leaves_what_was_dense():
    hu = torch.full((5, 16, 16), 40.0)
    hu[:, 0] = 95.0
    canvas = Canvas(hu, torch.ones(5, 16, 16), torch.ones(5, 16, 16))
    canvas.hu = canvas.hu.clone()
    canvas.hu[2, 8, 8] = 230.0
    windowed = canvas.windowed()
    assert windowed[2, 8, 8] == 90.0
    assert torch.equal(windowed[:, 0], hu[:, 0])
