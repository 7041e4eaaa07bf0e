"""Hard negatives: what is bright in a head CT and is not blood, painted into a Canvas without a mask.

They follow the paper's false positives (calcifications) and the ones that a first prototype showed: falx and sinuses, beam
hardening, streaks, motion, metal, noise, post-operative gaps.
"""

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor

from bloodnet_training.canvas import Canvas
from bloodnet_training.constants import SLICE_MM, WINDOW_RADIUS, WORKING_PIXEL_MM
from bloodnet_training.fields import blur, chance, choice, normal, smooth_noise, uniform
from bloodnet_training.lesions import ellipsoid_distance, random_inside_point


def paint_distractors(canvas: Canvas, generator: Generator, count: int) -> None:
    """Paints this many distractors of random kinds."""
    for _ in range(count):
        DISTRACTORS[choice(generator, [WEIGHTS.get(one, 1.0) for one in DISTRACTORS])](canvas, generator)


def _spot(
    canvas: Canvas,
    row: float,
    column: float,
    radius_pixels: float,
    hu: float,
    half_height_slices: float,
    softness: float = 0.5,
) -> None:
    """A ball of one density."""
    through = (1.0 - (canvas.offsets_mm / SLICE_MM / half_height_slices) ** 2).clamp(min=0.0).sqrt()
    radius = (radius_pixels * through)[:, None, None].clamp(min=1e-3)
    distance = torch.hypot(canvas.rows - row, canvas.columns - column)[None] / radius
    amount = ((1.0 - distance) / softness + 0.5).clamp(0.0, 1.0) * canvas.paintable()
    canvas.hu = canvas.hu + amount * (hu - canvas.hu)


def parenchymal_calcification(canvas: Canvas, generator: Generator) -> None:
    point = random_inside_point(canvas, generator, depth_min_mm=2.0)
    if point is not None:
        _spot(
            canvas,
            *point,
            uniform(generator, 1.2, 6.0),
            uniform(generator, 85.0, 350.0),
            uniform(generator, 0.6, 2.0),
            uniform(generator, 0.3, 0.9),
        )


def choroid_calcification(canvas: Canvas, generator: Generator) -> None:
    row, column, radius = canvas.centre_of_head()
    row += uniform(generator, 0.1, 0.45) * radius
    sideways = uniform(generator, 0.2, 0.45) * radius
    hu, size = uniform(generator, 85.0, 350.0), uniform(generator, 1.5, 5.0)
    for side in (-1, 1):
        _spot(
            canvas,
            row + normal(generator, 0.0, 2.0),
            column + side * sideways,
            size * uniform(generator, 0.5, 1.2),
            hu,
            uniform(generator, 0.7, 2.0),
        )


def pineal_calcification(canvas: Canvas, generator: Generator) -> None:
    row, column, radius = canvas.centre_of_head()
    _spot(
        canvas,
        row + uniform(generator, 0.0, 0.25) * radius,
        column + normal(generator, 0.0, 2.0),
        uniform(generator, 1.5, 4.5),
        uniform(generator, 85.0, 300.0),
        uniform(generator, 0.7, 1.5),
    )


def basal_ganglia_calcification(canvas: Canvas, generator: Generator) -> None:
    row, column, radius = canvas.centre_of_head()
    row -= uniform(generator, 0.0, 0.25) * radius
    sideways = uniform(generator, 0.22, 0.38) * radius
    hu, size = uniform(generator, 60.0, 200.0), uniform(generator, 2.0, 6.0)
    for side in (-1, 1):
        _spot(
            canvas,
            row + normal(generator, 0.0, 1.5),
            column + side * sideways,
            size * uniform(generator, 0.7, 1.2),
            hu,
            uniform(generator, 0.8, 1.6),
            softness=1.0,
        )


def falx_calcification(canvas: Canvas, generator: Generator) -> None:
    row, column, radius = canvas.centre_of_head()
    end = -1 if chance(generator, 0.5) else 1
    _spot(
        canvas,
        row + end * uniform(generator, 0.3, 0.95) * radius,
        column + normal(generator, 0.0, 1.5),
        uniform(generator, 1.5, 4.0),
        uniform(generator, 90.0, 400.0),
        uniform(generator, 0.7, 3.0),
    )


def _brighten(canvas: Canvas, amount: Tensor, hu: float) -> None:
    """Raises tissue to hu where amount is 1; never darkens."""
    canvas.hu = canvas.hu + amount * (hu - canvas.tissue()).clamp(min=0.0)


def bright_falx(canvas: Canvas, generator: Generator) -> None:
    row, column, radius = canvas.centre_of_head()
    lean = normal(generator, 0.0, 0.04)
    width = uniform(generator, 0.7, 1.9)
    line = (width - (canvas.columns - column + lean * (canvas.rows - row)).abs()).clamp(0.0, 1.0)
    towards = canvas.rows - row if chance(generator, 0.5) else row - canvas.rows
    amount = line * (towards > (1.0 - uniform(generator, 0.4, 1.6)) * radius)
    _brighten(canvas, amount[None] * canvas.paintable(), uniform(generator, 52.0, 76.0))


def bright_sagittal_sinus(canvas: Canvas, generator: Generator) -> None:
    """A bright triangle on the inner table at the back (or front) of the midline."""
    _, column, _ = canvas.centre_of_head()
    size = uniform(generator, 4.0, 9.0)
    at_back = chance(generator, 0.8)
    midline = ((canvas.columns - column).abs() < 3.0) & (canvas.inside[WINDOW_RADIUS] > 0)
    rows = canvas.rows[midline]
    if len(rows) == 0:
        return
    height = rows.max() - canvas.rows if at_back else canvas.rows - rows.min()
    half_width = 0.6 * size * (1.0 - height / (1.1 * size)).clamp(0.0, 1.0)
    triangle = ((half_width - (canvas.columns - column).abs()) / 1.2 + 0.5).clamp(0.0, 1.0) * (half_width > 0)
    _brighten(canvas, triangle[None] * canvas.paintable(), uniform(generator, 54.0, 76.0))


def bright_transverse_sinus(canvas: Canvas, generator: Generator) -> None:
    row, column, radius = canvas.centre_of_head()
    side = -1 if chance(generator, 0.5) else 1
    direction = math.pi / 2 + side * uniform(generator, 0.2, 1.1)
    half_length = uniform(generator, 8.0, 24.0)
    thickness_mm = uniform(generator, 2.5, 6.5)
    angle = torch.atan2(canvas.rows - row, canvas.columns - column) - direction
    arc = torch.atan2(torch.sin(angle), torch.cos(angle)).abs() * radius
    local_mm = thickness_mm * (1.0 - (arc / half_length) ** 4).clamp(0.0, 1.0)
    amount = ((local_mm[None] - canvas.depth_mm) / 1.4 + 0.5).clamp(0.0, 1.0) * (arc < half_length) * canvas.paintable()
    amount = amount * (canvas.offsets_mm.abs() < 2 * SLICE_MM)[:, None, None]
    _brighten(canvas, amount, uniform(generator, 52.0, 76.0))


def bright_cerebellum(canvas: Canvas, generator: Generator) -> None:
    """Part of the back of the head a little brighter than the rest: the cerebellum beside the tentorium, on one side when the head is tilted."""
    row, column, radius = canvas.centre_of_head()
    row += uniform(generator, 0.25, 0.85) * radius
    column += normal(generator, 0.0, 0.35) * radius
    half_height, half_width = uniform(generator, 0.15, 0.5) * radius, uniform(generator, 0.2, 0.65) * radius
    growth = 1.0 + uniform(generator, -0.2, 0.2) * canvas.offsets_mm / SLICE_MM
    radius_in_plane = torch.hypot((canvas.rows - row) / half_height, (canvas.columns - column) / half_width)
    distance = radius_in_plane[None] / growth[:, None, None].clamp(min=0.3)
    roughness = smooth_noise(generator, tuple(canvas.hu.shape), uniform(generator, 8.0, 25.0)) * uniform(generator, 0.05, 0.3)
    amount = ((1.0 - distance - roughness) / uniform(generator, 0.15, 0.9) + 0.5).clamp(0.0, 1.0)
    tissue = canvas.tissue()
    brain = (tissue > 18.0) & (tissue < 60.0)
    canvas.hu = canvas.hu + uniform(generator, 2.0, 9.0) * amount * canvas.inside * brain


def streaks(canvas: Canvas, generator: Generator) -> None:
    """Interpetrous and other hardening streaks, bright or dark, mostly left to right."""
    row, column, radius = canvas.centre_of_head()
    tissue = (canvas.hu > 0.0) & (canvas.hu < 79.0)
    for _ in range(1 + choice(generator, [1.0] * 4)):
        angle = normal(generator, 0.0, 0.3) if chance(generator, 0.6) else uniform(generator, 0.0, math.pi)
        offset = uniform(generator, -0.8, 0.8) * radius
        across = (canvas.rows - row) * math.cos(angle) - (canvas.columns - column) * math.sin(angle) - offset
        profile = normal(generator, 0.0, 16.0) * torch.exp(-0.5 * (across / uniform(generator, 1.5, 7.0)) ** 2)
        fading = torch.rand(len(canvas.hu), generator=generator, device=generator.device) * 0.7 + 0.3
        canvas.hu = canvas.hu + profile[None] * fading[:, None, None] * tissue


def motion_ghost(canvas: Canvas, generator: Generator) -> None:
    rows, columns = round(uniform(generator, -6.0, 6.0)), round(uniform(generator, -6.0, 6.0))
    share = uniform(generator, 0.15, 0.45)
    canvas.hu = (1.0 - share) * canvas.hu + share * torch.roll(canvas.hu, (rows, columns), dims=(1, 2))


def bright_rim(canvas: Canvas, generator: Generator) -> None:
    """Beam hardening: brain is brighter right below the skull."""
    reach_mm = uniform(generator, 1.8, 5.4)
    canvas.hu = canvas.hu + uniform(generator, 4.0, 18.0) * torch.exp(-canvas.depth_mm / reach_mm) * canvas.inside


def heavy_noise(canvas: Canvas, generator: Generator) -> None:
    white = torch.randn(canvas.hu.shape, generator=generator, device=generator.device)
    tissue = (canvas.hu > 0.0) & (canvas.hu < 79.0)
    canvas.hu = canvas.hu + blur(white, 0.8) * uniform(generator, 6.0, 20.0) * tissue


def shifted_brain(canvas: Canvas, generator: Generator) -> None:
    canvas.hu = canvas.hu + uniform(generator, -8.0, 8.0) * canvas.paintable()


def _patch_of_density(canvas: Canvas, generator: Generator, low_hu: float, high_hu: float) -> None:
    """A noisy ellipse of a density relative to its surroundings."""
    point = random_inside_point(canvas, generator, depth_min_mm=3.0)
    if point is None:
        return
    axes_mm = tuple(uniform(generator, 6.0, 24.0) for _ in range(3))
    distance = ellipsoid_distance(canvas, point, axes_mm, uniform(generator, 0.0, math.pi), normal(generator, 0.0, 5.0))
    roughness = smooth_noise(generator, tuple(canvas.hu.shape), 12.0) * 0.2
    amount = ((1.0 - distance - roughness) / 0.4 + 0.5).clamp(0.0, 1.0) * canvas.inside
    canvas.hu = canvas.hu + amount * uniform(generator, low_hu, high_hu)


def infarct(canvas: Canvas, generator: Generator) -> None:
    _patch_of_density(canvas, generator, -18.0, -6.0)


def faint_patch(canvas: Canvas, generator: Generator) -> None:
    _patch_of_density(canvas, generator, -3.0, 3.0)


def metal_star(canvas: Canvas, generator: Generator) -> None:
    """A clip or coil: a saturated spot with bright and dark rays."""
    point = random_inside_point(canvas, generator, depth_min_mm=1.0)
    if point is None:
        return
    row, column = point
    angle = torch.atan2(canvas.rows - row, canvas.columns - column)
    rays = torch.cos(angle * (3 + choice(generator, [1.0] * 5)) + uniform(generator, 0.0, math.pi))
    fade = torch.exp(-canvas.distance_mm(row, column) / uniform(generator, 12.0, 40.0))
    spread = (canvas.offsets_mm.abs() <= SLICE_MM).float()[:, None, None]
    canvas.hu = canvas.hu + uniform(generator, 15.0, 50.0) * (rays * fade)[None] * spread
    _spot(canvas, row, column, uniform(generator, 1.5, 4.0), 1500.0, uniform(generator, 0.8, 1.8))


def post_operative_gap(canvas: Canvas, generator: Generator) -> None:
    """A piece of skull is missing and fluid lies below it."""
    row, column, radius = canvas.centre_of_head()
    angle = torch.atan2(canvas.rows - row, canvas.columns - column) - uniform(generator, -math.pi, math.pi)
    sector = torch.atan2(torch.sin(angle), torch.cos(angle)).abs() < uniform(generator, 0.15, 0.5)
    skull = (canvas.hu > 75.0) & (canvas.distance_mm(row, column) > 0.8 * radius * WORKING_PIXEL_MM) & sector
    canvas.hu = torch.where(skull, torch.full_like(canvas.hu, uniform(generator, 15.0, 45.0)), canvas.hu)
    fluid = sector[None] * (canvas.depth_mm < uniform(generator, 2.0, 8.0)) * canvas.inside
    canvas.blend(blur(fluid.float(), 0.8), uniform(generator, 5.0, 20.0))


DISTRACTORS: list[Callable[[Canvas, Generator], None]] = [
    parenchymal_calcification,
    choroid_calcification,
    pineal_calcification,
    basal_ganglia_calcification,
    falx_calcification,
    bright_falx,
    bright_sagittal_sinus,
    bright_transverse_sinus,
    bright_cerebellum,
    streaks,
    motion_ghost,
    bright_rim,
    heavy_noise,
    shifted_brain,
    infarct,
    faint_patch,
    metal_star,
    post_operative_gap,
]
#: How often, beside 1 for the rest: a cerebellum beside the tentorium was the commonest false alarm of earlier networks.
WEIGHTS = {bright_cerebellum: 3.0}
