"""The graph that is shipped: HU in, calibrated probability and full-size mask out (DESIGN section 5, "Model graph")."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from bloodnet_training.constants import WINDOW_RADIUS, WINDOW_SLICES
from bloodnet_training.grid import Grid
from bloodnet_training.network import BloodNet
from bloodnet_training.window import Window, scaled

#: A centre slice with less of its field between the two limits below has no intracranial content worth judging.
CONTENT_FRACTION_MIN = 0.01
#: Windowed values (-1..1) of 5 and 75 HU: soft tissue, neither air nor bone.
CONTENT_LOW = -0.875
CONTENT_HIGH = 0.875
#: What an empty slice loses from its calibrated logit.
GATE_STRENGTH = 12.0


class ServedBloodNet(nn.Module):
    """The mean of one or more task-dependent members, calibrated.

    Members of one kind (window and grid) count together as much as those of any other kind. Masks and volumes are those of the members
    of the finest grid.

    mirrored: each member looks at the mirror image of a slice too, and its answers are means of both.

    Inputs: hu [N+4, 512, 512] consecutive slices in HU, the two edge slices replicated by the caller; voxel_ml [N].
    Outputs: probability [N], mask [N, 512, 512], soft_volume_ml [N].
    """

    def __init__(
        self,
        members: list[BloodNet],
        calibration_scale: float = 1.0,
        calibration_offset: float = 0.0,
        mirrored: bool = False,
    ):
        super().__init__()
        if not members:
            raise ValueError("a served graph needs at least one member")
        self.members = nn.ModuleList(members)
        #: Each window and grid that a member sees, once.
        self.kinds = list(dict.fromkeys(member.kind for member in members))
        self.shares = shares_of(members)
        self.finest = max((member.grid for member in members), key=lambda grid: grid.side)
        #: Whether a slice has content is asked where it has the fewest pixels.
        self.coarsest = min(self.kinds, key=lambda kind: kind[1].side)
        self.calibration_scale = calibration_scale
        self.calibration_offset = calibration_offset
        self.mirrored = mirrored

    def forward(self, hu: Tensor, voxel_ml: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        slices = {kind: to_working_resolution(hu, *kind) for kind in self.kinds}
        seen = {kind: stack_windows(one) for kind, one in slices.items()}
        mirror = {kind: stack_windows(one.flip(-1)) for kind, one in slices.items()} if self.mirrored else {}
        logits, masks, volumes = [], [], []
        for member in self.members:
            ways = [member(windows[member.kind], voxel_ml) for windows in (seen, mirror) if windows]
            logits.append(mean_of([way.class_logit for way in ways]))
            if member.grid is self.finest:
                drawn = [torch.sigmoid(way.mask_logit) for way in ways]
                masks.append(mean_of([drawn[0], *[one.flip(-1) for one in drawn[1:]]]))
                volumes.append(mean_of([way.soft_volume_ml for way in ways]))
        logit = mean_by_share(logits, self.shares) * self.calibration_scale + self.calibration_offset
        probability = torch.sigmoid(logit - empty_slice_penalty(seen[self.coarsest][:, WINDOW_RADIUS]))
        # Bilinear doubling keeps the sum: soft_volume_ml stays sum(mask) x voxel_ml.
        mask = functional.interpolate(
            mean_of(masks)[:, None],
            scale_factor=float(self.finest.served_per_mask),
            mode="bilinear",
            align_corners=False,
        )[:, 0]
        return probability, mask, mean_of(volumes)


def shares_of(members: list[BloodNet]) -> list[float]:
    """What each member counts in the mean of the logits: every kind the same; they add up to 1."""
    kinds = [member.kind for member in members]
    return [1.0 / (len(set(kinds)) * kinds.count(kind)) for kind in kinds]


def mean_of(parts: list[Tensor]) -> Tensor:
    """Mean of tensors of one shape, which are added where they are instead of being laid side by side first."""
    return sum(parts[1:], parts[0]) / len(parts)


def mean_by_share(logits: list[Tensor], shares: list[float]) -> Tensor:
    """Sum of each member's logits [N] times its share."""
    return torch.stack([logit * share for logit, share in zip(logits, shares, strict=True)]).sum(dim=0)


def to_working_resolution(hu: Tensor, window: Window = Window.SQUEEZED, grid: Grid = Grid.HALF) -> Tensor:
    """HU [S, 512, 512] to windowed working slices [S, G, G], G being the grid's side.

    Windowed before the mean, so that bone does not bleed into tissue.
    """
    windowed = window.of(hu)
    if grid is not Grid.FULL:
        windowed = functional.avg_pool2d(windowed[:, None], grid.served_per_working)[:, 0]
    return scaled(windowed)


def stack_windows(slices: Tensor) -> Tensor:
    """Slices [N+4, H, W] to N SliceWindows [N, 5, H, W]."""
    first = torch.arange(slices.shape[0] - (WINDOW_SLICES - 1), device=slices.device)
    return slices[first[:, None] + torch.arange(WINDOW_SLICES, device=slices.device)]


def empty_slice_penalty(centre: Tensor) -> Tensor:
    """Windowed centre slices [N, H, W] to what their logits lose [N]: nothing from CONTENT_FRACTION_MIN upwards."""
    tissue = ((centre > CONTENT_LOW) & (centre < CONTENT_HIGH)).to(centre.dtype)
    fraction = tissue.mean(dim=(1, 2))
    return GATE_STRENGTH * functional.relu(1.0 - fraction / CONTENT_FRACTION_MIN)
