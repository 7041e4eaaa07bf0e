"""The five kinds of intracranial hemorrhage, painted into a Canvas.

Shapes and statistics follow what was measured over BHSD (standards table): intraparenchymal noisy ellipsoids with edema
and mass effect, intraventricular dependent layers, epidural lenses, subdural crescents, subarachnoid blood in sulci and cisterns.
"""

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor
from torch.nn import functional

from bloodnet_training.canvas import Canvas
from bloodnet_training.constants import SLICE_MM, WINDOW_RADIUS, WORKING_PIXEL_MM
from bloodnet_training.fields import blur, chance, choice, clipped_normal, normal, smooth_noise, uniform

#: How often each kind is painted; subdural and subarachnoid lead, because they are what networks miss in other hospitals.
KIND_WEIGHTS = {
    "intraparenchymal": 0.20,
    "epidural": 0.14,
    "subdural": 0.32,
    "intraventricular": 0.10,
    "subarachnoid": 0.24,
}
#: A painted lesion counts only if the centre slice shows at least this many pixels (0.2 mL in a 5 mm slice)...
VISIBLE_PIXELS_MIN = 40
#: ...that are at least this much brighter than what was there.
CONTRAST_HU_MIN = 7.0
#: Thirds of a slice: averaging a shape over them gives 5 mm partial volume.
PARTIAL_VOLUME_OFFSETS_MM = (-SLICE_MM / 3.0, 0.0, SLICE_MM / 3.0)


def paint_lesion(canvas: Canvas, generator: Generator) -> tuple[Tensor, str] | None:
    """Paints one lesion of a random kind; its mask [H, W] on the centre slice (0..1) and its kind, or None when it would not show."""
    kind = list(KIND_WEIGHTS)[choice(generator, list(KIND_WEIGHTS.values()))]
    before = canvas.tissue()
    shape_of: dict[str, Callable[[Canvas, Generator], tuple[Tensor, float] | None]] = {
        "intraparenchymal": intraparenchymal,
        "epidural": epidural,
        "subdural": subdural,
        "intraventricular": intraventricular,
        "subarachnoid": subarachnoid,
    }
    painted = shape_of[kind](canvas, generator)
    if painted is None:
        return None
    amount, blood_hu = painted
    centre = amount[WINDOW_RADIUS]
    contrast = blood_hu - float((before[WINDOW_RADIUS] * centre).sum() / centre.sum().clamp(min=1e-3))
    if int((centre > 0.5).sum()) < VISIBLE_PIXELS_MIN or contrast < CONTRAST_HU_MIN:
        return None
    canvas.blend(amount, blood_hu, blood_texture(canvas, generator, kind))
    return centre, kind


def blood_texture(canvas: Canvas, generator: Generator, kind: str) -> Tensor:
    """HU variation within a clot [5, H, W]; some clots are mixed with unclotted, darker blood."""
    shape = tuple(canvas.hu.shape)
    texture = smooth_noise(generator, shape, uniform(generator, 4.0, 14.0)) * uniform(generator, 1.0, 5.0)
    if kind in ("epidural", "subdural", "intraparenchymal") and chance(generator, 0.2):
        swirl = smooth_noise(generator, shape, 12.0).clamp(0.0, 2.0)
        texture = texture - swirl * uniform(generator, 5.0, 12.0)
    return texture


def random_inside_point(
    canvas: Canvas, generator: Generator, depth_min_mm: float, depth_max_mm: float = 1e9
) -> tuple[float, float] | None:
    """Row and column of a pixel of the centre slice at such a depth, or None when there are hardly any."""
    depth = canvas.depth_mm[WINDOW_RADIUS]
    candidates = torch.nonzero((depth > depth_min_mm) & (depth < depth_max_mm))
    if len(candidates) < 50:
        return None
    pick = int(torch.randint(len(candidates), (), generator=generator, device=generator.device))
    return float(candidates[pick, 0]), float(candidates[pick, 1])


def ellipsoid_distance(
    canvas: Canvas, centre: tuple[float, float], axes_mm: tuple[float, float, float], angle: float, z_mm: float
) -> Tensor:
    """Normalised radius [5, H, W] (1 on the surface), averaged over the slice's thickness."""
    across = (canvas.columns - centre[1]) * WORKING_PIXEL_MM
    down = (canvas.rows - centre[0]) * WORKING_PIXEL_MM
    along_first = (across * math.cos(angle) + down * math.sin(angle)) / axes_mm[0]
    along_second = (down * math.cos(angle) - across * math.sin(angle)) / axes_mm[1]
    in_plane = along_first**2 + along_second**2
    total = torch.zeros_like(canvas.hu)
    for offset in PARTIAL_VOLUME_OFFSETS_MM:
        through = ((canvas.offsets_mm + offset - z_mm) / axes_mm[2]) ** 2
        total += torch.sqrt(in_plane[None] + through[:, None, None])
    return total / len(PARTIAL_VOLUME_OFFSETS_MM)


def intraparenchymal(canvas: Canvas, generator: Generator) -> tuple[Tensor, float] | None:
    """A noisy ellipsoid, 0.4 to 59 mL, often with a dark rim of edema and pushed-away surroundings."""
    centre = random_inside_point(canvas, generator, depth_min_mm=7.0)
    if centre is None:
        return None
    volume_ml = min(max(math.exp(normal(generator, math.log(7.0), 1.3)), 0.3), 80.0)
    radius_mm = (3.0 * volume_ml * 1000.0 / (4.0 * math.pi)) ** (1.0 / 3.0)
    first = radius_mm * math.exp(normal(generator, 0.0, 0.22))
    second = radius_mm * math.exp(normal(generator, 0.0, 0.22))
    axes_mm = (first, second, radius_mm**3 / (first * second))
    z_mm = uniform(generator, -0.6, 0.6) * axes_mm[2]
    if radius_mm > 8.0 and chance(generator, 0.5):
        push_away(canvas, centre, radius_mm, uniform(generator, 0.15, 0.4))
    distance = ellipsoid_distance(canvas, centre, axes_mm, uniform(generator, 0.0, math.pi), z_mm)
    roughness = smooth_noise(generator, tuple(canvas.hu.shape), uniform(generator, 8.0, 20.0)) * uniform(
        generator, 0.08, 0.3
    )
    softness = uniform(generator, 0.1, 0.35)
    paintable = canvas.paintable()
    amount = ((1.0 - distance - roughness) / softness + 0.5).clamp(0.0, 1.0) * paintable
    edema_reach = uniform(generator, 1.25, 1.8)
    edema = ((edema_reach - distance) / 0.3).clamp(0.0, 1.0) * (1.0 - amount) * canvas.inside
    canvas.hu = canvas.hu - uniform(generator, 2.0, 10.0) * edema
    return amount, clipped_normal(generator, 57.0, 8.0, 43.0, 80.0)


def push_away(canvas: Canvas, centre: tuple[float, float], radius_mm: float, strength: float) -> None:
    """Mass effect: squeezes tissue outward from the centre, less so near the skull."""
    height, width = canvas.hu.shape[-2:]
    reach = canvas.distance_mm(*centre) / radius_mm
    scale = 1.0 - strength * torch.exp(-((reach / 1.6) ** 2))
    source_row = centre[0] + (canvas.rows - centre[0]) * scale
    source_column = centre[1] + (canvas.columns - centre[1]) * scale
    grid = torch.stack([(2 * source_column + 1) / width - 1, (2 * source_row + 1) / height - 1], dim=-1)
    moved = functional.grid_sample(canvas.hu[None], grid[None], padding_mode="border", align_corners=False)[0]
    share = (canvas.depth_mm / 7.0).clamp(0.0, 1.0)
    canvas.hu = canvas.hu * (1.0 - share) + moved * share


def _layer_on_skull(
    canvas: Canvas,
    generator: Generator,
    half_length_mm: float,
    thickness_mm: float,
    half_height_slices: float,
    power: float,
) -> Tensor:
    """Blood between skull and brain, thickest at a random place: amount [5, H, W]."""
    row, column, radius = canvas.centre_of_head()
    direction = uniform(generator, -math.pi, math.pi)
    angle = torch.atan2(canvas.rows - row, canvas.columns - column) - direction
    arc_mm = torch.atan2(torch.sin(angle), torch.cos(angle)) * radius * WORKING_PIXEL_MM
    along = (1.0 - (arc_mm.abs() / half_length_mm) ** power).clamp(min=0.0)
    z = uniform(generator, -0.8, 0.8) * half_height_slices
    through = (1.0 - ((canvas.offsets_mm / SLICE_MM - z) / half_height_slices) ** 2).clamp(min=0.0).sqrt()
    roughness = 1.0 + 0.18 * smooth_noise(generator, tuple(canvas.hu.shape), uniform(generator, 10.0, 30.0))
    local_mm = thickness_mm * through[:, None, None] * along[None] * roughness
    depth = canvas.depth_mm - 0.5
    return ((local_mm - depth) / 1.4 + 0.3).clamp(0.0, 1.0) * canvas.paintable() * (local_mm > 0.8)


def epidural(canvas: Canvas, generator: Generator) -> tuple[Tensor, float] | None:
    """A lens between skull and dura."""
    half_length_mm = uniform(generator, 9.0, 45.0)
    thickness_mm = min(max(half_length_mm * uniform(generator, 0.2, 0.6), 3.0), 26.0)
    amount = _layer_on_skull(canvas, generator, half_length_mm, thickness_mm, uniform(generator, 1.2, 6.0), power=2.0)
    return amount, clipped_normal(generator, 59.0, 8.0, 42.0, 82.0)


def subdural(canvas: Canvas, generator: Generator) -> tuple[Tensor, float] | None:
    """A crescent along the inner table."""
    half_length_mm = uniform(generator, 25.0, 110.0)
    thickness_mm = min(max(math.exp(normal(generator, 1.6, 0.55)), 1.8), 18.0)
    power = 2.0 if chance(generator, 0.4) else 5.0
    amount = _layer_on_skull(canvas, generator, half_length_mm, thickness_mm, uniform(generator, 2.0, 9.0), power)
    # One in three is old or mixed and hardly brighter than cortex: what tells it is that sulci do not reach the skull there.
    faint = chance(generator, 0.33)
    hu = (43.0, 4.0, 35.0, 50.0) if faint else (57.0, 8.0, 42.0, 80.0)
    return amount, clipped_normal(generator, *hu)


def intraventricular(canvas: Canvas, generator: Generator) -> tuple[Tensor, float] | None:
    """Blood in the dark, deep, central spaces: all of them, or a layer at the back, where it settles."""
    _, column, radius = canvas.centre_of_head()
    dark = canvas.tissue() < uniform(generator, 19.0, 23.0)
    central = (canvas.columns - column).abs() < 0.62 * radius
    ventricles = (dark & (canvas.depth_mm > 14.0) & central[None]).float()
    eroded = -functional.max_pool2d(-ventricles, 3, stride=1, padding=1)
    ventricles = functional.max_pool2d(eroded, 3, stride=1, padding=1) * ventricles
    rows = canvas.rows[ventricles[WINDOW_RADIUS] > 0]
    if len(rows) < VISIBLE_PIXELS_MIN:
        return None
    if chance(generator, 0.65):
        level = torch.quantile(rows, uniform(generator, 0.3, 0.85))
        ventricles = ventricles * (canvas.rows > level)
    return (blur(ventricles, 0.8) * 1.05).clamp(0.0, 1.0), clipped_normal(generator, 55.0, 8.0, 42.0, 75.0)


def subarachnoid(canvas: Canvas, generator: Generator) -> tuple[Tensor, float] | None:
    """Blood in the sulci and cisterns of a neighbourhood: where tissue is darker than its surroundings."""
    deepest_mm = 28.0 if chance(generator, 0.7) else 70.0  # sulci of the convexity; cisterns and the Sylvian fissure
    centre = random_inside_point(canvas, generator, depth_min_mm=0.5, depth_max_mm=deepest_mm)
    if centre is None:
        return None
    reach_mm = uniform(generator, 8.0, 55.0)
    stretch = uniform(generator, 0.6, 1.6)
    across = (canvas.columns - centre[1]) * WORKING_PIXEL_MM / (reach_mm * stretch)
    down = (canvas.rows - centre[0]) * WORKING_PIXEL_MM / (reach_mm / stretch)
    in_plane = torch.exp(-0.5 * (across**2 + down**2))
    z = normal(generator, 0.0, 1.0)
    height = uniform(generator, 1.0, 4.0)
    through = torch.exp(-0.5 * ((canvas.offsets_mm / SLICE_MM - z) / height) ** 2)
    near = ((in_plane[None] * through[:, None, None] - 0.25) / 0.2).clamp(0.0, 1.0)
    darker_by = canvas.neighbourhood() - canvas.tissue()
    sulci = torch.sigmoid((darker_by - uniform(generator, 1.5, 3.0)) / 0.8) * canvas.inside
    return (blur(sulci * near, 0.5) * 1.1).clamp(0.0, 1.0), clipped_normal(generator, 52.0, 7.0, 38.0, 72.0)
