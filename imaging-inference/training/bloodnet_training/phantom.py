"""Synthetic heads: anatomy from formulas and random numbers, no patient behind them.

HU as published for head CT: air -1000, fat -120, CSF 10-15, white matter 20-30, grey matter 37-45, dura 50, veins 37, muscle
50-55, skull 1000. Every value stays plausible only inside the window: that is all that the network sees.
"""

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from bloodnet_training.canvas import Canvas
from bloodnet_training.constants import (
    SLICE_MM,
    WINDOW_LOW_HU,
    WINDOW_SLICES,
    WINDOWED_HIGH_HU,
    WORKING_PIXEL_MM,
    WORKING_SIDE,
)
from bloodnet_training.fields import blur, chance, normal, pixel_grid, smooth_noise, uniform

AIR_HU, FAT_HU, BONE_HU = -1000.0, -120.0, 1000.0
#: Height of the head that phantoms are cut from, mm above the foramen magnum; the vertex is at the top.
HEIGHT_MAX_MM = 132.0
#: Below this height there are petrous bones, sinuses and orbits.
SKULL_BASE_MM = 38.0
#: The widest cross section.
WIDEST_MM = 62.0


@dataclass(frozen=True)
class HeadForm:
    """What stays the same over the slices of one head. Lengths in mm, angles in radians."""

    half_width: float
    half_length: float
    skull: float
    scalp: float
    row: float
    column: float
    rotation: float
    tilt: float
    white_hu: float
    grey_hu: float
    csf_hu: float
    ventricle_size: float
    atrophy: float
    outline: Tensor
    sulci: Tensor


def random_form(generator: Generator) -> HeadForm:
    """Draws one head."""
    return HeadForm(
        half_width=normal(generator, 66.0, 4.0),
        half_length=normal(generator, 83.0, 5.0),
        skull=uniform(generator, 4.0, 9.0),
        scalp=uniform(generator, 3.0, 8.0),
        row=WORKING_SIDE / 2 + normal(generator, 0.0, 8.0),
        column=WORKING_SIDE / 2 + normal(generator, 0.0, 6.0),
        rotation=normal(generator, 0.0, 0.12),
        tilt=normal(generator, 0.0, 0.15),
        white_hu=uniform(generator, 23.0, 31.0),
        grey_hu=uniform(generator, 33.0, 42.0),
        csf_hu=uniform(generator, 5.0, 15.0),
        ventricle_size=math.exp(normal(generator, 0.0, 0.35)),
        atrophy=uniform(generator, 0.0, 1.0),
        outline=smooth_noise(generator, (1, WORKING_SIDE, WORKING_SIDE), 60.0)[0],
        sulci=smooth_noise(generator, (2 * WINDOW_SLICES, WORKING_SIDE, WORKING_SIDE), 9.0),
    )


def paint_head(generator: Generator) -> Canvas:
    """One SliceWindow of a new head at a random height, on the generator's device."""
    form = random_form(generator)
    middle_mm = uniform(generator, 8.0, HEIGHT_MAX_MM - 8.0)
    slices = []
    for position in range(WINDOW_SLICES):
        slices.append(_slice(form, middle_mm + (position - 2) * SLICE_MM, position, generator))
    hu = torch.stack([one[0] for one in slices])
    inside = torch.stack([one[1] for one in slices])
    depth_mm = torch.stack([one[2] for one in slices])
    hu = blur(hu.clamp(WINDOW_LOW_HU - 20.0, WINDOWED_HIGH_HU), uniform(generator, 0.5, 0.9))
    noise = torch.randn(hu.shape, generator=generator, device=hu.device)
    hu = hu + blur(noise, 0.7) * uniform(generator, 3.0, 9.0)
    return Canvas(hu.clamp(WINDOW_LOW_HU, WINDOWED_HIGH_HU), inside, depth_mm)


def _slice(form: HeadForm, height_mm: float, position: int, generator: Generator) -> tuple[Tensor, Tensor, Tensor]:
    """HU, inside and depth of one slice, each [H, W]."""
    rows, columns = pixel_grid(WORKING_SIDE, WORKING_SIDE, form.outline.device)
    down = (rows - form.row) * WORKING_PIXEL_MM
    across = (columns - form.column) * WORKING_PIXEL_MM
    x = across * math.cos(form.rotation) + down * math.sin(form.rotation)
    y = down * math.cos(form.rotation) - across * math.sin(form.rotation)
    local_height = height_mm + y * math.tan(form.tilt)
    size = _size_at(local_height)
    radius = torch.sqrt((x / form.half_width) ** 2 + (y / form.half_length) ** 2)
    mean_axis = (form.half_width + form.half_length) / 2.0
    # Distance below the inner table, positive inside; exact on the axes, good enough between them.
    depth_mm = (size - radius) * mean_axis + 1.2 * form.outline
    hu = torch.full_like(radius, AIR_HU)
    outer = depth_mm + form.skull
    hu = torch.where(
        outer + form.scalp > 0,
        torch.where(form.outline > 0.4, torch.full_like(hu, FAT_HU), torch.full_like(hu, 48.0)),
        hu,
    )
    hu = torch.where(outer > 0, torch.full_like(hu, BONE_HU), hu)
    inside = depth_mm > 0
    hu = torch.where(inside, _brain(form, x, y, depth_mm, local_height, size, position), hu)
    if height_mm < SKULL_BASE_MM:
        base = _skull_base(x, y, height_mm, generator)
        hu = torch.where((outer > 0) & ~torch.isnan(base), base, hu)
        inside = inside & torch.isnan(base)
    return hu, inside.float(), depth_mm.clamp(min=0.0) * inside


def _size_at(height_mm: Tensor) -> Tensor:
    """Cross section relative to the widest one; shrinks to nothing at the vertex."""
    above = ((height_mm - WIDEST_MM) / (HEIGHT_MAX_MM - WIDEST_MM)).clamp(min=0.0)
    below = ((WIDEST_MM - height_mm) / WIDEST_MM).clamp(min=0.0)
    return (1.0 - above**2).clamp(min=0.0).sqrt() * (1.0 - 0.25 * below**2)


def _brain(
    form: HeadForm, x: Tensor, y: Tensor, depth_mm: Tensor, height_mm: Tensor, size: Tensor, position: int
) -> Tensor:
    """Brain tissue, ventricles, sulci and dura, [H, W]; coordinates in mm from the centre."""
    folds = form.sulci[position] * 0.4 + form.sulci[position + 1] * 0.6
    cortex = (depth_mm < 9.0 + 3.0 * folds) | (folds.abs() < 0.25) & (depth_mm < 22.0)
    hu = torch.where(cortex, form.grey_hu, form.white_hu)
    nuclei_height = torch.exp(-(((height_mm - 66.0) / 12.0) ** 2))
    nuclei = ((x.abs() - 20.0) / 9.0) ** 2 + ((y + 4.0) / 17.0) ** 2 < nuclei_height
    hu = torch.where(nuclei, torch.full_like(hu, form.grey_hu), hu)
    cerebellum = (height_mm < 40.0) & (y > 10.0)
    hu = torch.where(cerebellum, torch.full_like(hu, 0.5 * (form.grey_hu + form.white_hu)), hu)
    ridge = form.sulci[position + 4].abs()
    sulcus = (ridge < 0.08 + 0.22 * form.atrophy) & (depth_mm < 14.0 + 8.0 * form.atrophy) & (height_mm > 30.0)
    hu = torch.where(sulcus, torch.full_like(hu, form.csf_hu + 6.0), hu)
    fissure = (x.abs() < 1.0 + form.atrophy) & (depth_mm < 40.0)
    hu = torch.where(fissure, torch.full_like(hu, form.csf_hu + 5.0), hu)
    hu = torch.where(_ventricles(form, x, y, height_mm), torch.full_like(hu, form.csf_hu), hu)
    falx = (x.abs() < 0.9) & (height_mm > 45.0) & (depth_mm < 45.0)
    hu = torch.where(falx, torch.full_like(hu, 47.0), hu)
    sinus = (x.abs() < 4.0 - 0.5 * depth_mm) & (y > 0.0) & (depth_mm < 7.0)
    hu = torch.where(sinus, torch.full_like(hu, 50.0), hu)
    return torch.where((depth_mm < 1.6 * form.atrophy) & (size > 0.5), torch.full_like(hu, form.csf_hu + 8.0), hu)


def _ventricles(form: HeadForm, x: Tensor, y: Tensor, height_mm: Tensor) -> Tensor:
    """Lateral, third and fourth ventricles and the basal cisterns, bool [H, W]."""
    grown = form.ventricle_size
    lateral_height = torch.exp(-(((height_mm - 78.0) / 14.0) ** 2))
    front = ((x.abs() - 8.0 - 0.12 * (y + 22.0).abs()) / (4.5 * grown)) ** 2 + ((y + 20.0) / 17.0) ** 2
    back = ((x.abs() - 17.0 - 0.25 * (y - 22.0)) / (5.0 * grown)) ** 2 + ((y - 25.0) / 18.0) ** 2
    third = (x / (2.2 * grown)) ** 2 + ((y - 2.0) / 11.0) ** 2 + ((height_mm - 62.0) / 9.0) ** 2
    fourth = (x / (6.0 * grown)) ** 2 + ((y - 34.0) / 6.0) ** 2 + ((height_mm - 28.0) / 10.0) ** 2
    arms = torch.minimum((y + 8.0 - 0.5 * x.abs()).abs(), (y - 14.0 + 0.6 * x.abs()).abs())
    cistern = (arms < 2.2) & (x.abs() < 22.0) & ((height_mm - 45.0).abs() < 6.0)
    return (front < lateral_height) | (back < lateral_height) | (third < 1) | (fourth < 1) | cistern


def _skull_base(x: Tensor, y: Tensor, height_mm: float, generator: Generator) -> Tensor:
    """Petrous ridges, orbits and air cells; NaN where the brain stays, [H, W]."""
    depth_below = (SKULL_BASE_MM - height_mm) / SKULL_BASE_MM
    hu = torch.full_like(x, float("nan"))
    ridge_row = 8.0 - 0.45 * (x.abs() - 20.0)
    ridge = ((y + ridge_row).abs() < 4.0 + 10.0 * depth_below) & (x.abs() > 12.0)
    hu = torch.where(ridge, torch.full_like(hu, BONE_HU), hu)
    air_cells = ridge & (smooth_noise(generator, (1, *x.shape), 6.0)[0] > 1.0)
    hu = torch.where(air_cells, torch.full_like(hu, AIR_HU), hu)
    orbit = ((x.abs() - 30.0) / 19.0) ** 2 + ((y + 62.0) / 20.0) ** 2
    hu = torch.where(orbit < 1.3, torch.full_like(hu, BONE_HU), hu)
    hu = torch.where(orbit < 1.0, torch.full_like(hu, FAT_HU), hu)
    eye = ((x.abs() - 30.0) / 12.0) ** 2 + ((y + 66.0) / 12.0) ** 2
    hu = torch.where(eye < 1.0, torch.full_like(hu, 12.0), hu)
    nose = (x.abs() < 11.0) & (y < -30.0)
    cavity = smooth_noise(generator, (1, *x.shape), 8.0)[0]
    hu = torch.where(nose, torch.where(cavity > 0.0, torch.full_like(hu, AIR_HU), torch.full_like(hu, BONE_HU)), hu)
    if height_mm < 18.0 or chance(generator, 0.1):
        face = y < -8.0 - 20.0 * uniform(generator, 0.0, 1.0)
        tissue = torch.where(cavity > 0.6, torch.full_like(hu, BONE_HU), torch.full_like(hu, 52.0))
        hu = torch.where(face & torch.isnan(hu), torch.where(cavity < -0.6, torch.full_like(hu, FAT_HU), tissue), hu)
    return hu
