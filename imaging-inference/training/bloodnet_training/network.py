"""BloodNet and the three networks it is compared with.

All of them take SliceWindows at working resolution as `window.py` makes them, float32 [B, 5, H, W] in -1..1.5 with H and W multiples
of 32, and answer with a `Prediction`. The served graph (`served_graph.py`) puts windowing, stacking and calibration around them.
"""

from dataclasses import dataclass
from enum import Enum

import torch
from torch import Tensor, nn
from torch.nn import functional

from bloodnet_training.constants import WINDOW_RADIUS, WINDOW_SLICES
from bloodnet_training.encoders import CompactEncoder, ResNet50Encoder, convolution
from bloodnet_training.grid import Grid
from bloodnet_training.window import Window

HIDDEN_UNITS = 128
DROPOUT = 0.2
#: Dropout of the hidden units beside the volume: few patients bleed, and without it these units learn who they are.
HIDDEN_DROPOUT = 0.5
#: The volume that is fed to the last layer sums sigmoid(VOLUME_SHARPNESS x mask logit): the plain sum has a floor of a third of a
#: millilitre of "almost no blood" in every slice, in which small bleeds drown.
VOLUME_SHARPNESS = 3.0
#: log1p(VOLUME_GAIN x mL): without the gain the feature of a small bleed is close to zero and the last layer looks past it.
VOLUME_GAIN = 20.0
#: The largest activation is fed beside the mean, scaled down because it is several times larger.
MAX_POOL_SCALE = 0.3
#: Start of the mask's bias: blood covers about 2 % of the pixels that a mask loss sees.
MASK_BIAS_START = -4.0
#: Windowed value of 2 HU: what is darker is air or fat.
AIR_BELOW = -0.95
#: Working pixels along one side of a pixel of the deepest features.
DEEPEST_STRIDE = 32
#: Weight of a place that is all air; keeps the mean of an empty slice defined.
LEAST_WEIGHT = 1e-3


class Variant(Enum):
    """The four networks of the paper (Bar et al., arXiv 1907.00148, table of architectures)."""

    RESNET50 = "resnet50"
    SINGLE_TASK = "single-task"
    MULTI_TASK = "multi-task"
    TASK_DEPENDENT = "task-dependent"

    @property
    def has_mask(self) -> bool:
        return self in (Variant.MULTI_TASK, Variant.TASK_DEPENDENT)


@dataclass(frozen=True)
class Prediction:
    """What a network says about B SliceWindows.

    class_logit [B]; mask_logit [B, H/2, W/2] or None without a decoder; soft_volume_ml [B], zeros without a decoder; hidden [B,
    HIDDEN_UNITS], what the last layer reads beside the volume.
    Always float32, also under autocast: losses and volumes sum more pixels than bfloat16 can count.
    """

    class_logit: Tensor
    mask_logit: Tensor | None
    soft_volume_ml: Tensor
    hidden: Tensor | None = None


def mean_over_head(features: Tensor, centre: Tensor) -> Tensor:
    """Mean of features [B, C, H/32, W/32] where the centre slice [B, H, W] is not air, [B, C].

    Air does not count, so a head fills the mean equally in a wide and in a narrow field.
    """
    not_air = (centre > AIR_BELOW).to(features.dtype)[:, None]
    weight = functional.avg_pool2d(not_air, DEEPEST_STRIDE) + LEAST_WEIGHT
    return (features * weight).sum(dim=(2, 3)) / weight.sum(dim=(2, 3))


def volume_feature(mask_logit: Tensor, pixel_ml: Tensor) -> Tensor:
    """The blood of the centre slice as the last layer gets it, from mask logits [B, H/2, W/2] and mL per mask pixel [B] to [B]."""
    pixel_sum = torch.sigmoid(VOLUME_SHARPNESS * mask_logit).sum(dim=(1, 2))
    return torch.log1p(VOLUME_GAIN * pixel_sum * pixel_ml)


class LightDecoder(nn.Module):
    """A narrow feature pyramid that ends at a quarter of the working resolution and doubles it by pixel shuffle."""

    def __init__(self, encoder_channels: list[int], widths: tuple[int, int, int] = (96, 64, 48)):
        super().__init__()
        deepest, *shallower = list(reversed(encoder_channels))
        self.top = convolution(deepest, widths[0], kernel=1)
        self.laterals = nn.ModuleList()
        self.merges = nn.ModuleList()
        width = widths[0]
        for skip_channels, next_width in zip(shallower[:3], widths, strict=True):
            self.laterals.append(nn.Conv2d(skip_channels, width, kernel_size=1))
            self.merges.append(convolution(width, next_width))
            width = next_width
        self.out = nn.Conv2d(width, 4, kernel_size=1)
        nn.init.constant_(self.out.bias, MASK_BIAS_START)

    def forward(self, features: list[Tensor]) -> Tensor:
        """Features at strides 2, 4, 8, 16, 32 to mask logits [B, H/2, W/2]."""
        x = self.top(features[-1])
        skips = features[-2:0:-1]
        for skip, lateral, merge in zip(skips, self.laterals, self.merges, strict=True):
            x = merge(functional.interpolate(x, scale_factor=2.0, mode="nearest") + lateral(skip))
        return functional.pixel_shuffle(self.out(x), 2).squeeze(1)


class BloodNet(nn.Module):
    """Encoder, optional decoder and classification head; the variant decides what reaches the last layer.

    window, grid: how its slices are windowed and how fine they are, which is up to the caller.
    """

    def __init__(self, variant: Variant = Variant.TASK_DEPENDENT):
        super().__init__()
        self.variant = variant
        self.window = Window.SQUEEZED
        self.grid = Grid.HALF
        self.encoder = ResNet50Encoder(WINDOW_SLICES) if variant is Variant.RESNET50 else CompactEncoder(WINDOW_SLICES)
        channels = self.encoder.channels
        self.decoder = LightDecoder(channels) if variant.has_mask else None
        self.dropout = nn.Dropout(DROPOUT)
        self.hidden = nn.Linear(2 * channels[-1], HIDDEN_UNITS)
        self.hidden_dropout = nn.Dropout(HIDDEN_DROPOUT)
        volume_inputs = 1 if variant is Variant.TASK_DEPENDENT else 0
        self.last = nn.Linear(HIDDEN_UNITS + volume_inputs, 1)

    @property
    def kind(self) -> tuple[Window, Grid]:
        """What it sees, and whom it counts with in a served mean."""
        return self.window, self.grid

    def forward(self, window: Tensor, voxel_ml: Tensor) -> Prediction:
        """window [B, 5, H, W] in -1..1.5; voxel_ml [B], mL of one served voxel of the centre slice."""
        features = self.encoder(window)
        mask_logit = None
        soft_volume_ml = torch.zeros_like(voxel_ml)
        pixel_ml = voxel_ml * self.grid.served_voxels_per_mask_pixel
        if self.decoder is not None:
            mask_logit = self.decoder(features).float()
            soft_volume_ml = torch.sigmoid(mask_logit).sum(dim=(1, 2)) * pixel_ml
        deepest = features[-1]
        mean = mean_over_head(deepest, window[:, WINDOW_RADIUS])
        pooled = torch.cat([mean, deepest.amax(dim=(2, 3)) * MAX_POOL_SCALE], dim=1)
        hidden = self.hidden_dropout(functional.relu(self.hidden(self.dropout(pooled))))
        read = hidden
        if self.variant is Variant.TASK_DEPENDENT:
            read = torch.cat([hidden, volume_feature(mask_logit, pixel_ml)[:, None]], dim=1)
        return Prediction(self.last(read)[:, 0].float(), mask_logit, soft_volume_ml, hidden.float())
