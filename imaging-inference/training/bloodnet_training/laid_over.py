"""What was painted at half resolution, laid over the real slices at full resolution.

Painting at full resolution would cost four times as much. What it changed is smooth beside the noise of the slices, so the change alone
is made finer and added to them: noise and edges of the head stay those of the scanner.
"""

import torch
from torch import Tensor
from torch.nn import functional

from bloodnet_training.constants import WINDOWED_HIGH_HU
from bloodnet_training.grid import Grid
from bloodnet_training.patients import BYTES_PER_HU

#: Both are rounded to bytes: a difference of up to so many bytes is none.
ROUNDING_BYTES = 1.0


def laid_over(painted: Tensor, mask: Tensor, own: Tensor) -> tuple[Tensor, Tensor]:
    """hu_bytes [5, 512, 512] and mask [256, 256] of a painted sample, uint8, on the device where all of it lies.

    painted hu_bytes [5, 256, 256] and mask [128, 128] of it; own hu_bytes [5, 512, 512]: the slices that it was painted on.
    """
    finer = Grid.FULL.per_painted
    fine = own.float()
    change = painted.float() - functional.avg_pool2d(fine[:, None], finer)[:, 0]
    change = change * (change.abs() > ROUNDING_BYTES)
    hu_bytes = (fine + _finer(change, finer)).clamp(0.0, WINDOWED_HIGH_HU * BYTES_PER_HU)
    fine_mask = _finer(mask.float()[None], finer)[0]
    return hu_bytes.round().to(torch.uint8), fine_mask.round().to(torch.uint8)


def _finer(image: Tensor, factor: int) -> Tensor:
    return functional.interpolate(image[:, None], scale_factor=float(factor), mode="bilinear", align_corners=False)[:, 0]
