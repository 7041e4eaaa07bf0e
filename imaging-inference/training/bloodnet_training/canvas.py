"""The SliceWindow that lesions and distractors are painted on."""

from dataclasses import dataclass

import torch
from torch import Tensor

from bloodnet_training.constants import (
    SLICE_MM,
    WINDOW_HIGH_HU,
    WINDOW_RADIUS,
    WINDOW_SLICES,
    WINDOWED_HIGH_HU,
    WORKING_PIXEL_MM,
)
from bloodnet_training.fields import blur, pixel_grid, wide_blur
from bloodnet_training.window import squeezed

#: Blur that separates tissue from noise.
TISSUE_SIGMA_PIXELS = 1.0


@dataclass
class Canvas:
    """Five slices with what painting needs to know about them; painting replaces `hu`.

    hu float32 [5, H, W]: windowed HU at first; what is painted on tissue is HU, and `windowed` puts both together. inside float32 [5, H, W]: 1 within the skull. depth_mm float32
    [5, H, W]: distance to the inner table.
    """

    hu: Tensor
    inside: Tensor
    depth_mm: Tensor

    def __post_init__(self) -> None:
        shapes = {tuple(self.hu.shape), tuple(self.inside.shape), tuple(self.depth_mm.shape)}
        if len(shapes) != 1 or self.hu.shape[0] != WINDOW_SLICES:
            raise ValueError(f"a canvas is five slices of one shape, not {sorted(shapes)}")
        height, width = self.hu.shape[-2:]
        self.rows, self.columns = pixel_grid(height, width, self.hu.device)
        self.was_dense = self.hu > WINDOW_HIGH_HU
        self.offsets_mm = torch.arange(-WINDOW_RADIUS, WINDOW_RADIUS + 1, device=self.hu.device) * SLICE_MM

    def windowed(self) -> Tensor:
        """Windowed HU [5, H, W] of what is painted by now; what was dense from the start is squeezed already."""
        return torch.where(self.was_dense, self.hu.clamp(0.0, WINDOWED_HIGH_HU), squeezed(self.hu))

    def centre_of_head(self) -> tuple[float, float, float]:
        """Row, column and radius in pixels of the centre slice's inside."""
        inside = self.inside[WINDOW_RADIUS]
        area = inside.sum().clamp(min=1.0)
        row = float((self.rows * inside).sum() / area)
        column = float((self.columns * inside).sum() / area)
        return row, column, float(torch.sqrt(area / torch.pi))

    def tissue(self) -> Tensor:
        """HU without noise, [5, H, W]."""
        return blur(self.hu, TISSUE_SIGMA_PIXELS)

    def neighbourhood(self) -> Tensor:
        """Mean HU of the inside around each pixel, [5, H, W]: what a sulcus is darker than."""
        weight = wide_blur(self.inside, 8.0).clamp(min=0.05)
        return wide_blur(self.hu.clamp(0.0, 60.0) * self.inside, 8.0) / weight

    def paintable(self) -> Tensor:
        """1 where blood may be: inside the skull or at its very edge, [5, H, W]."""
        return torch.maximum(
            self.inside, torch.nn.functional.max_pool2d(self.inside, 3, stride=1, padding=1) * (self.hu < 70)
        )

    def blend(self, amount: Tensor, target_hu: Tensor | float, texture: Tensor | float = 0.0) -> None:
        """Replaces tissue by target_hu + texture where amount is 1, keeping the slice's own noise."""
        self.hu = self.hu + amount * (target_hu + texture - self.tissue())

    def distance_mm(self, row: float, column: float) -> Tensor:
        """In-plane distance of every pixel to a point, [H, W]."""
        return torch.hypot(self.rows - row, self.columns - column) * WORKING_PIXEL_MM
