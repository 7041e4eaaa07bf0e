"""Random changes of geometry and density, the same for the five slices of a window."""

from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor
from torch.nn import functional

from bloodnet_training.constants import WINDOW_HIGH_HU, WINDOWED_HIGH_HU, WORKING_PER_MASK, WORKING_SIDE
from bloodnet_training.window import squeezed

#: Rows and columns of the crop around the head that training works on: a third less work than the full field that is served.
HEAD_CROP = (224, 192)
FULL_FIELD = (WORKING_SIDE, WORKING_SIDE)
#: Detail that a hard kernel adds.
SHARPENING = 0.7
#: What a window that somebody else chose may cut off at either end.
CLIPPED_LOW_HU, CLIPPED_HIGH_HU = 8.0, 12.0


@dataclass(frozen=True)
class Strength:
    """How much looks are changed: shares of samples, 0..1, and standard deviations or maxima.

    gain: deviation of the contrast's factor. alone_share: how many lose their neighbours, each being the judged slice again.
    """

    gain: float = 0.05
    offset_hu: float = 2.5
    noisy_share: float = 0.4
    noise_hu: float = 4.0
    blurred_share: float = 0.15
    sharpened_share: float = 0.0
    coarse_share: float = 0.0
    clipped_share: float = 0.0
    alone_share: float = 0.0
    #: Whether something is known above the brain window; where it is not, the caller cuts what noise drove out of it.
    dense_known: bool = True


#: For patients of one scanner.
ONE_SCANNER = Strength()
#: For slices of many: nothing but the head shall tell one hospital from another.
MANY_SCANNERS = Strength(
    gain=0.10,
    offset_hu=4.0,
    noisy_share=0.5,
    noise_hu=5.0,
    blurred_share=0.2,
    sharpened_share=0.15,
    coarse_share=0.12,
    clipped_share=0.4,
    alone_share=0.35,
    dense_known=False,
)


@dataclass(frozen=True)
class Batch:
    """B training samples.

    hu [B, 5, H, W] windowed; mask [B, H/2, W/2] in 0..1; bleeding [B] 0 or 1; mask_known [B] 0..1: how much the mask counts
    (real bleeding slices that nobody outlined have none). kinds [B, 5] 0 or 1, in the order of SUBTYPES, and kinds_known [B] 0 or 1;
    None where kinds are not learnt.
    """

    hu: Tensor
    mask: Tensor
    bleeding: Tensor
    mask_known: Tensor
    kinds: Tensor | None = None
    kinds_known: Tensor | None = None


def augment(
    batch: Batch, generator: Generator, field: tuple[int, int] = FULL_FIELD, strength: Strength = ONE_SCANNER
) -> Batch:
    """A changed copy of the batch, cut to the given field (rows, columns); generator and batch are on one device.

    No size depends on what is drawn, so that a GPU can replay it as a graph.
    """
    theta = _random_affine(batch.hu, generator, field)
    hu = _resample(batch.hu, theta, field)
    mask_field = (field[0] // WORKING_PER_MASK, field[1] // WORKING_PER_MASK)
    mask = _resample(batch.mask[:, None], theta, mask_field)[:, 0]
    hu = _change_slices(hu, generator, strength)
    hu = _change_density(hu, generator, strength)
    if strength.clipped_share:
        hu = _clip_anew(hu, generator, strength)
    return replace(batch, hu=hu, mask=mask)


def _random_affine(hu: Tensor, generator: Generator, field: tuple[int, int]) -> Tensor:
    """Flip, rotation (one in ten up to 45 degrees), scale 9 %, anisotropy and shift as affine matrices [B, 2, 3]."""
    count = len(hu)

    def random(deviation: float) -> Tensor:
        return torch.randn(count, generator=generator, device=hu.device) * deviation

    angle = torch.where(_chance(hu, generator, 0.1), (_uniform(hu, generator) * 2 - 1) * 0.79, random(0.14))
    scale, stretch = torch.exp(random(0.09)), torch.exp(random(0.04))
    flip = torch.where(_chance(hu, generator, 0.5), -1.0, 1.0)
    rows, columns = hu.shape[-2:]
    row_share, column_share = field[0] / rows, field[1] / columns
    theta = torch.zeros(count, 2, 3, device=hu.device)
    theta[:, 0, 0] = torch.cos(angle) * scale * stretch * flip * column_share
    theta[:, 0, 1] = -torch.sin(angle) * scale * stretch * row_share
    theta[:, 1, 0] = torch.sin(angle) * scale / stretch * flip * column_share
    theta[:, 1, 1] = torch.cos(angle) * scale / stretch * row_share
    theta[:, 0, 2], theta[:, 1, 2] = random(0.05), random(0.05)
    if field != (rows, columns):
        theta[:, :, 2] = theta[:, :, 2] * 0.5 + _head_centre(hu)
    return theta


def _uniform(hu: Tensor, generator: Generator) -> Tensor:
    """One number in [0, 1) per sample, [B]."""
    return torch.rand(len(hu), generator=generator, device=hu.device)


def _chance(hu: Tensor, generator: Generator, probability: float) -> Tensor:
    """Bool [B], each True with this probability."""
    return _uniform(hu, generator) < probability


def _per_sample(values: Tensor) -> Tensor:
    """[B] as [B, 1, 1, 1]."""
    return values[:, None, None, None]


def _head_centre(hu: Tensor) -> Tensor:
    """Centre of soft tissue in the judged slice, in grid coordinates (x, y) from -1 to 1, [B, 2]."""
    tissue = ((hu[:, 2] > 5.0) & (hu[:, 2] < 75.0)).float()
    places = torch.linspace(-1.0, 1.0, hu.shape[-1], device=hu.device)
    total = tissue.sum(dim=(1, 2)).clamp(min=1.0)
    x = (tissue.sum(dim=1) * places).sum(dim=1) / total
    y = (tissue.sum(dim=2) * places).sum(dim=1) / total
    return torch.stack([x, y], dim=1)


def _resample(image: Tensor, theta: Tensor, field: tuple[int, int]) -> Tensor:
    grid = functional.affine_grid(theta, [len(image), 1, *field], align_corners=False)
    return functional.grid_sample(image, grid, align_corners=False)


def _some(hu: Tensor, generator: Generator, share: float) -> Tensor:
    """Which samples a change meets: this share of the batch, drawn anew; int64 [share x B]."""
    return torch.argsort(_uniform(hu, generator))[: round(share * len(hu))]


def _change_slices(hu: Tensor, generator: Generator, strength: Strength) -> Tensor:
    """Sometimes turns the stack, repeats a neighbour as at the end of a series, lets a slice be missing, or takes all neighbours."""
    turned = _some(hu, generator, 0.3)
    hu = hu.index_copy(0, turned, hu[turned].flip(1))
    repeated, upper = _chance(hu, generator, 0.1), _chance(hu, generator, 0.5)
    ends = _chance(hu, generator, 0.04)
    first = torch.where(repeated & upper, 1, 0)
    last = torch.where(repeated & ~upper, 3, 4)
    second = torch.where(ends, 2, 1)
    first = torch.where(ends, 2, first)
    everyone = torch.arange(len(hu), device=hu.device)
    hu[:, 0], hu[:, 4] = hu[everyone, first], hu[everyone, last]
    hu[:, 1] = hu[everyone, second]
    if strength.alone_share:
        alone = _chance(hu, generator, strength.alone_share)
        hu = torch.where(_per_sample(alone), hu[:, 2:3], hu)
    return hu


def _change_density(hu: Tensor, generator: Generator, strength: Strength) -> Tensor:
    """Gain, offset, noise (fine or coarse) and blur of what is neither air nor bone."""

    def random(count: int) -> Tensor:
        return torch.randn(count, generator=generator, device=hu.device)

    tissue = ((hu > 2.0) & (hu < 78.0)).to(hu.dtype)
    gain, offset = _per_sample(random(len(hu)) * strength.gain), _per_sample(random(len(hu)) * strength.offset_hu)
    hu = hu + tissue * (gain * (hu - 35.0) + offset)
    noisy = _some(hu, generator, strength.noisy_share)
    level = torch.rand(len(noisy), generator=generator, device=hu.device) * strength.noise_hu
    noise = torch.randn((len(noisy), *hu.shape[1:]), generator=generator, device=hu.device)
    coarse = round(0.4 * len(noisy))
    noise[:coarse] = functional.avg_pool2d(noise[:coarse], 3, stride=1, padding=1) * 2.5
    hu.index_add_(0, noisy, _per_sample(level) * noise * tissue[noisy])
    if strength.dense_known:
        hu = torch.where(tissue > 0, squeezed(hu), hu)
    blurred = _some(hu, generator, strength.blurred_share)
    hu.index_copy_(0, blurred, functional.avg_pool2d(hu[blurred], 3, stride=1, padding=1))
    if strength.sharpened_share:
        sharpened = _some(hu, generator, strength.sharpened_share)
        smooth = functional.avg_pool2d(hu[sharpened], 3, stride=1, padding=1)
        hu.index_add_(0, sharpened, (hu[sharpened] - smooth) * SHARPENING)
    if strength.coarse_share:
        coarse = _some(hu, generator, strength.coarse_share)
        small = functional.avg_pool2d(hu[coarse], 2)
        hu.index_copy_(0, coarse, functional.interpolate(small, scale_factor=2.0, mode="bilinear", align_corners=False))
    return hu.clamp(0.0, WINDOWED_HIGH_HU)


def _clip_anew(hu: Tensor, generator: Generator, strength: Strength) -> Tensor:
    """Some lose what lies beyond a narrower window of their own, as pictures that somebody else windowed have."""
    chosen = _some(hu, generator, strength.clipped_share)
    low = _per_sample(_uniform(hu, generator)[chosen] * CLIPPED_LOW_HU)
    high = WINDOW_HIGH_HU - _per_sample(_uniform(hu, generator)[chosen] * CLIPPED_HIGH_HU)
    part = hu[chosen]
    part = torch.where(part <= low, 0.0, torch.where(part >= high, part.clamp(min=WINDOW_HIGH_HU), part))
    return hu.index_copy(0, chosen, part)

