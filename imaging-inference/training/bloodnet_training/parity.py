"""A fixture that any language can recompute: a volume given by integer formulas, and what the bundle answers for it."""

import json
from pathlib import Path

import numpy as np

from bloodnet_training.constants import MASK_THRESHOLD, SERVED_SIDE, SERVED_VOXEL_ML, WINDOW_RADIUS
from bloodnet_training.export import OUTPUT_NAMES, open_session

FIXTURE_SLICES = 7
#: Where masks are compared: (slice, row, column).
MASK_SAMPLES = [(3, 256, 160), (3, 250, 170), (3, 256, 320), (2, 256, 160), (5, 200, 256), (0, 0, 0)]
FORMULA = [
    "z = 0..6, y and x = 0..511, all integers; dy = y - 256; dx = x - 256; grain = (7*x + 13*y + 29*z) mod 11 - 5",
    "ring = 9*dy*dy + 16*dx*dx (an ellipse); hu = -1000 where ring > 422500",
    "hu = 1000 where 348100 < ring <= 422500 (skull)",
    "hu = 32 + grain where ring <= 348100 (brain)",
    "hu = 62 + grain where ring <= 348100 and (y-256)^2 + (x-160)^2 + 400*(z-3)^2 <= 1600 (bleed)",
]


def fixture_volume() -> np.ndarray:
    """float32 [7, 512, 512] in HU, as the formula says."""
    z, y, x = np.meshgrid(np.arange(FIXTURE_SLICES), np.arange(SERVED_SIDE), np.arange(SERVED_SIDE), indexing="ij")
    down, across = y - 256, x - 256
    grain = (7 * x + 13 * y + 29 * z) % 11 - 5
    ring = 9 * down * down + 16 * across * across
    bleed = (y - 256) ** 2 + (x - 160) ** 2 + 400 * (z - 3) ** 2 <= 1600
    hu = np.where(bleed, 62, 32) + grain
    hu = np.where(ring > 348_100, 1000, hu)
    hu = np.where(ring > 422_500, -1000, hu)
    return hu.astype(np.float32)


def with_replicated_edges(volume: np.ndarray) -> np.ndarray:
    """[N, 512, 512] to [N+4, 512, 512]."""
    return np.pad(volume, ((WINDOW_RADIUS, WINDOW_RADIUS), (0, 0), (0, 0)), mode="edge")


def write_parity_fixture(model: Path, target: Path) -> None:
    """Runs the model on the fixture volume and writes formula and answers as JSON."""
    voxel_ml = np.full(FIXTURE_SLICES, SERVED_VOXEL_ML, np.float32)
    feed = {"hu": with_replicated_edges(fixture_volume()), "voxel_ml": voxel_ml}
    probability, mask, soft_volume_ml = open_session(model).run(OUTPUT_NAMES, feed)
    fixture = {
        "about": "hu is defined by the formula; the caller replicates the two edge slices twice on each side",
        "formula": FORMULA,
        "voxelMl": SERVED_VOXEL_ML,
        "tolerance": 1e-4,
        "probability": [round(float(value), 6) for value in probability],
        "softVolumeMl": [round(float(value), 6) for value in soft_volume_ml],
        "maskPixelsFromThreshold": [int((one >= MASK_THRESHOLD).sum()) for one in mask],
        "mask": [
            {"slice": z, "row": y, "column": x, "value": round(float(mask[z, y, x]), 6)} for z, y, x in MASK_SAMPLES
        ],
    }
    target.write_text(json.dumps(fixture, indent=2) + "\n")


def check_parity_fixture(model: Path, source: Path) -> float:
    """Largest difference in probability between the model's answer and the fixture; raises when over its tolerance."""
    fixture = json.loads(source.read_text())
    voxel_ml = np.full(FIXTURE_SLICES, fixture["voxelMl"], np.float32)
    feed = {"hu": with_replicated_edges(fixture_volume()), "voxel_ml": voxel_ml}
    probability = open_session(model).run(["probability"], feed)[0]
    difference = float(np.abs(probability - np.array(fixture["probability"])).max())
    if not difference <= fixture["tolerance"]:
        raise ValueError(
            f"probability differs by {difference:.2e} from the fixture, tolerance {fixture['tolerance']:.0e}"
        )
    return difference
