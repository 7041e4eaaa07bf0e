"""Small torch tools for painting: coordinates, smooth random fields, blurring. They work on CPU and GPU tensors alike."""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional


def uniform(generator: Generator, low: float, high: float) -> float:
    """One number, uniform in [low, high)."""
    return low + (high - low) * float(torch.rand((), generator=generator, device=generator.device))


def normal(generator: Generator, mean: float, deviation: float) -> float:
    """One number, normally distributed."""
    return mean + deviation * float(torch.randn((), generator=generator, device=generator.device))


def clipped_normal(generator: Generator, mean: float, deviation: float, low: float, high: float) -> float:
    """One number, normally distributed and then clipped to [low, high]."""
    return min(max(normal(generator, mean, deviation), low), high)


def chance(generator: Generator, probability: float) -> bool:
    """True with this probability."""
    return uniform(generator, 0.0, 1.0) < probability


def choice(generator: Generator, weights: list[float]) -> int:
    """An index, drawn in proportion to the weights."""
    return int(torch.multinomial(torch.tensor(weights, device=generator.device), 1, generator=generator))


def pixel_grid(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Row and column numbers, each float32 [H, W]."""
    rows = torch.arange(height, dtype=torch.float32, device=device)
    columns = torch.arange(width, dtype=torch.float32, device=device)
    return rows[:, None].expand(height, width), columns[None, :].expand(height, width)


def smooth_noise(generator: Generator, shape: tuple[int, int, int], grain_pixels: float) -> Tensor:
    """Noise [S, H, W] of about unit deviation whose features are about grain_pixels wide."""
    slices, height, width = shape
    cells = (max(2, round(height / grain_pixels)), max(2, round(width / grain_pixels)))
    coarse = torch.randn((slices, 1, *cells), generator=generator, device=generator.device)
    return functional.interpolate(coarse, size=(height, width), mode="bilinear", align_corners=False)[:, 0]


def blur(image: Tensor, sigma_pixels: float) -> Tensor:
    """Gaussian blur of [S, H, W] within each slice."""
    radius = max(1, math.ceil(2.5 * sigma_pixels))
    offsets = torch.arange(-radius, radius + 1, dtype=image.dtype, device=image.device)
    kernel = torch.exp(-0.5 * (offsets / sigma_pixels) ** 2)
    kernel = kernel / kernel.sum()
    padded = functional.pad(image[:, None], (radius, radius, radius, radius), mode="replicate")
    rows_done = functional.conv2d(padded, kernel[None, None, :, None])
    return functional.conv2d(rows_done, kernel[None, None, None, :])[:, 0]


def wide_blur(image: Tensor, sigma_pixels: float) -> Tensor:
    """Like blur, at a quarter of the cost for wide kernels: done at a quarter of the resolution."""
    small = functional.avg_pool2d(image[:, None], 4)[:, 0]
    blurred = blur(small, sigma_pixels / 4.0)
    return functional.interpolate(blurred[:, None], size=image.shape[-2:], mode="bilinear", align_corners=False)[:, 0]
