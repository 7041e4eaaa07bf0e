"""The window that the network sees: the standard brain window, and what is denser squeezed above it instead of cut off.

Clotted blood ends at about 90 HU. Calcium, partial volume of bone, and metal lie above; cut at 80 HU they would look like it.
"""

from enum import Enum

from torch import Tensor

from bloodnet_training.constants import DENSE_HIGH_HU, DENSE_SQUEEZE, WINDOW_HIGH_HU, WINDOW_LOW_HU, WINDOWED_HIGH_HU


class Window(Enum):
    """What a network was trained to see."""

    #: 0..80 HU, what is denser cut off: networks of bundles before 0.5.0.
    CUT = "cut"
    #: What is denser squeezed.
    SQUEEZED = "squeezed"

    def of(self, hu: Tensor) -> Tensor:
        """HU of any shape to windowed HU."""
        return squeezed(hu) if self is Window.SQUEEZED else cut(hu)


def cut(hu: Tensor) -> Tensor:
    """HU of any shape cut to the brain window, 0..80."""
    return hu.clamp(WINDOW_LOW_HU, WINDOW_HIGH_HU)


def dense(hu: Tensor) -> Tensor:
    """What is denser than the brain window, 80..380 HU."""
    return hu.clamp(WINDOW_HIGH_HU, DENSE_HIGH_HU)


def joined(cut_hu: Tensor, dense_hu: Tensor) -> Tensor:
    """`cut` and `dense` HU, or means of them, to windowed HU."""
    return cut_hu + (dense_hu - WINDOW_HIGH_HU) / DENSE_SQUEEZE


def squeezed(hu: Tensor) -> Tensor:
    """HU of any shape to windowed HU: 0..80 stay, 80..380 become 80..100."""
    return joined(cut(hu), dense(hu))


def expanded(windowed: Tensor) -> Tensor:
    """Windowed HU back to HU, 0..380."""
    return windowed + (windowed - WINDOW_HIGH_HU).clamp(min=0.0) * (DENSE_SQUEEZE - 1.0)


def apply_brain_window(windowed: Tensor) -> Tensor:
    """Windowed HU of any shape to what the network takes: -1..1 for 0..80 HU (level 40, width 80), up to 1.5 for what is denser."""
    half_width = (WINDOW_HIGH_HU - WINDOW_LOW_HU) / 2.0
    return windowed.clamp(WINDOW_LOW_HU, WINDOWED_HIGH_HU) / half_width - 1.0
