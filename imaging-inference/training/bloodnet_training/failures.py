"""Pictures of how a bundle fails, on synthetic heads: real patients' images are not part of this project.

They show kinds of failure, not how often a failure happens on real scans.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from PIL import Image, ImageDraw
from torch import Generator

from bloodnet_training.canvas import Canvas
from bloodnet_training.constants import MASK_THRESHOLD, SERVED_PER_WORKING, SERVED_VOXEL_ML, WINDOW_RADIUS
from bloodnet_training.distractors import DISTRACTORS
from bloodnet_training.export import OUTPUT_NAMES, open_session
from bloodnet_training.lesions import paint_lesion
from bloodnet_training.phantom import paint_head
from bloodnet_training.window import expanded

SEED = 41
#: Heads that are painted and looked at for each half of the picture.
HEADS = 240
#: Pictures in a row: the worst of as many kinds.
COLUMNS = 4
#: A missed lesion is shown when it has at least this many working pixels (0.7 mL in a 5 mm slice)...
MISSED_PIXELS_MIN = 150
#: ...of which the mask covers less than this share.
MISSED_COVER_MAX = 0.25
#: What is shown of the 256x256 pixels, and how large.
CROP = slice(16, 240)
SHOWN_HU = (0.0, 80.0)
CAPTION_ROWS = 14
TRUTH_COLOUR, MASK_COLOUR, TEXT_COLOUR = (80, 220, 80), (255, 60, 60), (255, 255, 120)


@dataclass(frozen=True)
class Case:
    """One synthetic slice and what the network made of it.

    kind: of the lesion or the distractor. badness: larger is worse. hu float32 [256, 256]: the centre slice. truth and mask: bool
    [256, 256]. probability: of the slice.
    """

    kind: str
    badness: float
    hu: np.ndarray
    truth: np.ndarray
    mask: np.ndarray
    probability: float


def draw_failures(model: Path, target: Path, heads: int = HEADS) -> list[Case]:
    """Writes the worst misses (upper row) and false alarms (lower row) of so many heads each as a PNG; what it shows, in order."""
    session = open_session(model)
    generator = torch.Generator().manual_seed(SEED)
    misses = _worst(_missed(session, generator) for _ in range(heads))
    alarms = _worst(_alarmed(session, generator, number) for number in range(heads))
    rows = [misses, alarms]
    side = CROP.stop - CROP.start
    picture = Image.new("RGB", (COLUMNS * side, len(rows) * (side + CAPTION_ROWS)))
    for row, cases in enumerate(rows):
        for column, case in enumerate(cases):
            picture.paste(_tile(case), (column * side, row * (side + CAPTION_ROWS)))
    picture.quantize(128).save(target, optimize=True)
    return misses + alarms


def _worst(cases: Iterable[Case | None]) -> list[Case]:
    """The worst case of each kind, worst kinds first."""
    by_kind: dict[str, Case] = {}
    for case in cases:
        if case is not None and (case.kind not in by_kind or case.badness > by_kind[case.kind].badness):
            by_kind[case.kind] = case
    return sorted(by_kind.values(), key=lambda case: -case.badness)[:COLUMNS]


def _missed(session: onnxruntime.InferenceSession, generator: Generator) -> Case | None:
    canvas = paint_head(generator)
    painted = paint_lesion(canvas, generator)
    if painted is None:
        return None
    truth = painted[0].numpy() > 0.5
    mask, probability = _run(session, canvas)
    covered = (mask & truth).sum() / max(truth.sum(), 1)
    if truth.sum() < MISSED_PIXELS_MIN or covered > MISSED_COVER_MAX:
        return None
    return Case(painted[1], float(truth.sum()), _centre(canvas), truth, mask, probability)


def _alarmed(session: onnxruntime.InferenceSession, generator: Generator, number: int) -> Case | None:
    canvas = paint_head(generator)
    paint: Callable[[Canvas, Generator], None] = DISTRACTORS[number % len(DISTRACTORS)]
    paint(canvas, generator)
    mask, probability = _run(session, canvas)
    if not mask.any():
        return None
    nothing = np.zeros_like(mask)
    return Case(paint.__name__.replace("_", " "), float(mask.sum()), _centre(canvas), nothing, mask, probability)


def _run(session: onnxruntime.InferenceSession, canvas: Canvas) -> tuple[np.ndarray, float]:
    """Mask [256, 256] and probability of the centre slice."""
    hu = expanded(canvas.windowed()).numpy().astype(np.float32)
    served = hu.repeat(SERVED_PER_WORKING, axis=1).repeat(SERVED_PER_WORKING, axis=2)
    feed = {"hu": served, "voxel_ml": np.array([SERVED_VOXEL_ML], np.float32)}
    probability, mask, _ = session.run(OUTPUT_NAMES, feed)
    return mask[0, ::SERVED_PER_WORKING, ::SERVED_PER_WORKING] >= MASK_THRESHOLD, float(probability[0])


def _centre(canvas: Canvas) -> np.ndarray:
    return canvas.hu[WINDOW_RADIUS].numpy()


def _tile(case: Case) -> Image.Image:
    low, high = SHOWN_HU
    grey = (np.clip((case.hu - low) / (high - low), 0.0, 1.0) * 255.0).astype(np.uint8)
    colours = np.repeat(grey[..., None], 3, axis=2)
    colours[_outline(case.truth)] = TRUTH_COLOUR
    colours[_outline(case.mask)] = MASK_COLOUR
    cropped = colours[CROP, CROP]
    tile = Image.new("RGB", (cropped.shape[1], cropped.shape[0] + CAPTION_ROWS))
    tile.paste(Image.fromarray(cropped), (0, CAPTION_ROWS))
    ImageDraw.Draw(tile).text((3, 1), f"{case.kind}, p {case.probability:.2f}", fill=TEXT_COLOUR)
    return tile


def _outline(shape: np.ndarray) -> np.ndarray:
    """The pixels [256, 256] of a shape that touch one outside of it."""
    padded = np.pad(shape, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return shape & ~inner
