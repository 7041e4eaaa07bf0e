"""Random changes of geometry and density, the same for the five slices of a window."""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional

from bloodnet_training.constants import WINDOW_HIGH_HU, WORKING_PER_MASK, WORKING_SIDE

#: Rows and columns of the crop around the head that training works on: a third less work than the full field that is served.
HEAD_CROP = (224, 192)
FULL_FIELD = (WORKING_SIDE, WORKING_SIDE)


@dataclass(frozen=True)
class Batch:
    """B training samples.

    hu [B, 5, H, W] within the brain window; mask [B, H/2, W/2] in 0..1; bleeding [B] 0 or 1; mask_known [B] 0 or 1
    (real bleeding slices have no mask).
    """

    hu: Tensor
    mask: Tensor
    bleeding: Tensor
    mask_known: Tensor


def augment(batch: Batch, generator: Generator, field: tuple[int, int] = FULL_FIELD) -> Batch:
    """A changed copy of the batch, cut to the given field (rows, columns)."""
    theta = _random_affine(batch.hu, generator, field)
    hu = _resample(batch.hu, theta, field)
    mask_field = (field[0] // WORKING_PER_MASK, field[1] // WORKING_PER_MASK)
    mask = _resample(batch.mask[:, None], theta, mask_field)[:, 0]
    hu = _change_slices(hu, generator)
    hu = _change_density(hu, generator)
    return Batch(hu, mask, batch.bleeding, batch.mask_known)


def _random_affine(hu: Tensor, generator: Generator, field: tuple[int, int]) -> Tensor:
    """Flip, rotation (one in ten up to 45 degrees), scale 9 %, anisotropy and shift as affine matrices [B, 2, 3]."""
    count = len(hu)

    def random(deviation: float) -> Tensor:
        return torch.randn(count, generator=generator) * deviation

    angle = random(0.14)
    far = torch.rand(count, generator=generator) < 0.1
    angle = torch.where(far, (torch.rand(count, generator=generator) * 2 - 1) * 0.79, angle)
    scale, stretch = torch.exp(random(0.09)), torch.exp(random(0.04))
    flip = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    row_share, column_share = field[0] / WORKING_SIDE, field[1] / WORKING_SIDE
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = torch.cos(angle) * scale * stretch * flip * column_share
    theta[:, 0, 1] = -torch.sin(angle) * scale * stretch * row_share
    theta[:, 1, 0] = torch.sin(angle) * scale / stretch * flip * column_share
    theta[:, 1, 1] = torch.cos(angle) * scale / stretch * row_share
    theta[:, 0, 2], theta[:, 1, 2] = random(0.05), random(0.05)
    if field != FULL_FIELD:
        theta[:, :, 2] = theta[:, :, 2] * 0.5 + _head_centre(hu)
    return theta


def _head_centre(hu: Tensor) -> Tensor:
    """Centre of soft tissue in the judged slice, in grid coordinates (x, y) from -1 to 1, [B, 2]."""
    tissue = ((hu[:, 2] > 5.0) & (hu[:, 2] < 75.0)).float()
    places = torch.linspace(-1.0, 1.0, WORKING_SIDE)
    total = tissue.sum(dim=(1, 2)).clamp(min=1.0)
    x = (tissue.sum(dim=1) * places).sum(dim=1) / total
    y = (tissue.sum(dim=2) * places).sum(dim=1) / total
    return torch.stack([x, y], dim=1)


def _resample(image: Tensor, theta: Tensor, field: tuple[int, int]) -> Tensor:
    grid = functional.affine_grid(theta, [len(image), 1, *field], align_corners=False)
    return functional.grid_sample(image, grid, align_corners=False)


def _change_slices(hu: Tensor, generator: Generator) -> Tensor:
    """Sometimes turns the stack upside down, repeats a neighbour as at the end of a series, or lets a slice be missing."""
    count = len(hu)
    turned = torch.rand(count, generator=generator) < 0.3
    hu[turned] = hu[turned].flip(1)
    repeated = torch.rand(count, generator=generator) < 0.1
    upper = torch.rand(count, generator=generator) < 0.5
    hu[repeated & upper, 0] = hu[repeated & upper, 1]
    hu[repeated & ~upper, 4] = hu[repeated & ~upper, 3]
    ends = torch.rand(count, generator=generator) < 0.04
    hu[ends, 0] = hu[ends, 2]
    hu[ends, 1] = hu[ends, 2]
    return hu


def _change_density(hu: Tensor, generator: Generator) -> Tensor:
    """Gain, offset, noise and blur of what is neither air nor bone."""
    count = len(hu)

    def per_sample(values: Tensor) -> Tensor:
        return values[:, None, None, None]

    tissue = ((hu > 2.0) & (hu < 78.0)).to(hu.dtype)
    gain = per_sample(torch.randn(count, generator=generator) * 0.05)
    offset = per_sample(torch.randn(count, generator=generator) * 2.5)
    hu = hu + tissue * (gain * (hu - 35.0) + offset)
    noisy = torch.nonzero(torch.rand(count, generator=generator) < 0.4)[:, 0]
    if len(noisy):
        level = per_sample(torch.rand(len(noisy), generator=generator) * 4.0)
        noise = torch.randn(hu[noisy].shape, generator=generator)
        if float(torch.rand((), generator=generator)) < 0.4:
            noise = functional.avg_pool2d(noise, 3, stride=1, padding=1) * 2.5
        hu[noisy] = hu[noisy] + level * noise * tissue[noisy]
    blurred = torch.nonzero(torch.rand(count, generator=generator) < 0.15)[:, 0]
    if len(blurred):
        hu[blurred] = functional.avg_pool2d(hu[blurred], 3, stride=1, padding=1)
    return hu.clamp(0.0, WINDOW_HIGH_HU)
