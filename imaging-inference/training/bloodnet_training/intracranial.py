"""Where the inside of the skull is: the place that lesions are painted in."""

import numpy as np
from scipy import ndimage

from bloodnet_training.constants import WORKING_PIXEL_MM

BONE_HU = 250.0
#: Windowed HU from which a working pixel may be bone, where nothing above the brain window is known, and the least piece of it.
SATURATED_HU = 78.0
BONE_PIECE_PIXELS_MIN = 150
#: Gaps in the skull ring up to about twice this many pixels are bridged: first narrow ones, then sutures and sinuses.
RING_CLOSING_PIXELS = (4, 10)
#: Fewer pixels than this (20 cm2) are not the inside of a skull.
INSIDE_PIXELS_MIN = 2500
#: A region found by wide bridging is believed only when it looks like brain: tissue nearly everywhere, nearly an ellipse.
TISSUE_FRACTION_MIN = 0.9
ELLIPSE_FILL_MIN = 0.8


def intracranial_mask(bone_hu: np.ndarray, brain_hu: np.ndarray) -> np.ndarray:
    """Bool [H, W]: the largest tissue region inside the skull ring, empty when there is none.

    bone_hu [H, W]: HU good enough to tell bone; brain_hu [H, W]: HU within the brain window; both at working resolution.
    """
    skull = bone_hu > BONE_HU
    narrow, wide = RING_CLOSING_PIXELS
    inside = _largest_region_in_ring(skull, brain_hu, narrow)
    if inside.any():
        return inside
    inside = _largest_region_in_ring(skull, brain_hu, wide)
    return inside if inside.any() and _looks_like_brain(inside, brain_hu) else np.zeros_like(skull)


def intracranial_from_saturation(brain_hu: np.ndarray) -> np.ndarray:
    """The same for a slice that is known only within the brain window: what is as bright as the window goes, in large pieces, is bone.

    brain_hu [H, W]: HU within the brain window, at working resolution.
    """
    bright = brain_hu >= SATURATED_HU
    pieces, count = ndimage.label(bright)
    sizes = ndimage.sum(bright, pieces, range(1, count + 1)) if count else np.zeros(0)
    large = 1 + np.nonzero(sizes >= BONE_PIECE_PIXELS_MIN)[0]
    return intracranial_mask(np.where(np.isin(pieces, large), BONE_HU + 1.0, 0.0), brain_hu)


def depth_below_skull_mm(inside: np.ndarray) -> np.ndarray:
    """float32 [..., H, W]: distance of each inside pixel to the inner table, 0 outside."""
    flat = inside.reshape(-1, *inside.shape[-2:])
    depth = np.stack([ndimage.distance_transform_edt(one) for one in flat])
    return (depth * WORKING_PIXEL_MM).reshape(inside.shape).astype(np.float32)


def _largest_region_in_ring(skull: np.ndarray, brain_hu: np.ndarray, closing: int) -> np.ndarray:
    margin = 3 * closing
    ring = ndimage.binary_closing(np.pad(skull, margin), iterations=closing)[margin:-margin, margin:-margin]
    inside = ndimage.binary_fill_holes(ring) & ~ndimage.binary_dilation(skull)
    inside = ndimage.binary_opening(inside & (brain_hu > 0.0), iterations=2)
    regions, count = ndimage.label(inside)
    if count == 0:
        return np.zeros_like(skull)
    sizes = ndimage.sum(inside, regions, range(1, count + 1))
    largest = ndimage.binary_fill_holes(regions == 1 + int(np.argmax(sizes)))
    return largest if largest.sum() >= INSIDE_PIXELS_MIN else np.zeros_like(skull)


def _looks_like_brain(inside: np.ndarray, brain_hu: np.ndarray) -> bool:
    tissue_fraction = ((brain_hu[inside] > 12.0) & (brain_hu[inside] < 70.0)).mean()
    rows, columns = np.nonzero(inside)
    ellipse_pixels = np.pi / 4.0 * (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
    return bool(tissue_fraction >= TISSUE_FRACTION_MIN and inside.sum() / ellipse_pixels >= ELLIPSE_FILL_MIN)
