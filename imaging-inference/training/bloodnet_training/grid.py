"""The two resolutions that a network may work at.

Painting and most training happen at half of the served resolution, which costs a quarter; members that are finetuned see every served
pixel, and draw finer masks.
"""

from enum import Enum

from bloodnet_training.constants import SERVED_PER_WORKING, SERVED_SIDE, WORKING_PER_MASK, WORKING_SIDE


class Grid(Enum):
    """Pixels that a network sees."""

    #: 256x256: each working pixel is the mean of 2x2 windowed served pixels. What is painted is painted here.
    HALF = "half"
    #: 512x512: every served pixel.
    FULL = "full"

    @property
    def served_per_working(self) -> int:
        """Served pixels along one side of a working pixel."""
        return 1 if self is Grid.FULL else SERVED_PER_WORKING

    @property
    def side(self) -> int:
        """Rows and columns of a slice."""
        return SERVED_SIDE // self.served_per_working

    @property
    def per_painted(self) -> int:
        """Working pixels along one side of a pixel of the grid that is painted on."""
        return self.side // WORKING_SIDE

    def finer(self, field: tuple[int, int]) -> tuple[int, int]:
        """Rows and columns of a field that is given on the grid that is painted on."""
        return field[0] * self.per_painted, field[1] * self.per_painted

    @property
    def served_per_mask(self) -> int:
        """Served pixels along one side of a mask pixel."""
        return self.served_per_working * WORKING_PER_MASK

    @property
    def mask_side(self) -> int:
        """Rows and columns of a mask: the decoder ends at half the working resolution."""
        return SERVED_SIDE // self.served_per_mask

    @property
    def served_voxels_per_mask_pixel(self) -> int:
        """Served voxels whose volume one mask pixel stands for."""
        return self.served_per_mask**2
