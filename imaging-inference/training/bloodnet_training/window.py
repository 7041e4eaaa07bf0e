"""The window that the network sees: the standard brain window, and what is denser squeezed above it instead of cut off.

Clotted blood ends at about 90 HU. Calcium, partial volume of bone, and metal lie above; cut at 80 HU they would look like it.
"""

from enum import Enum

from torch import Tensor
from torch.nn import functional

from bloodnet_training.constants import DENSE_HIGH_HU, DENSE_SQUEEZE, WINDOW_HIGH_HU, WINDOW_LOW_HU, WINDOWED_HIGH_HU


class Window(Enum):
    """What a network was trained to see."""

    #: 0..80 HU, what is denser cut off: networks of bundles before 0.5.0.
    CUT = "cut"
    #: What is denser squeezed.
    SQUEEZED = "squeezed"

    def of(self, hu: Tensor) -> Tensor:
        """HU of any shape to windowed HU; both start from the squeezed ones, so that a graph that needs both makes those once."""
        return cut(squeezed(hu)) if self is Window.CUT else squeezed(hu)


def cut(hu: Tensor) -> Tensor:
    """HU of any shape, windowed or not, cut to the brain window, 0..80."""
    return hu.clamp(WINDOW_LOW_HU, WINDOW_HIGH_HU)


def squeezed(hu: Tensor) -> Tensor:
    """HU of any shape to windowed HU: 0..80 stay, 80..380 become 80..100."""
    return WINDOW_HIGH_HU - functional.leaky_relu(WINDOW_HIGH_HU - hu.clamp(WINDOW_LOW_HU, DENSE_HIGH_HU), 1.0 / DENSE_SQUEEZE)


def expanded(windowed: Tensor) -> Tensor:
    """Windowed HU back to HU, 0..380."""
    return windowed + (windowed - WINDOW_HIGH_HU).clamp(min=0.0) * (DENSE_SQUEEZE - 1.0)


def scaled(windowed: Tensor) -> Tensor:
    """Windowed HU of any shape to what the network takes: -1..1 for 0..80 HU (level 40, width 80), up to 1.5 for what is denser."""
    half_width = (WINDOW_HIGH_HU - WINDOW_LOW_HU) / 2.0
    return windowed / half_width - 1.0


def apply_brain_window(windowed: Tensor) -> Tensor:
    """`scaled` windowed HU that noise or painting may have driven out of the window."""
    return scaled(windowed.clamp(WINDOW_LOW_HU, WINDOWED_HIGH_HU))
