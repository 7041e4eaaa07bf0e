"""Writes a ModelBundle: model.onnx, model.json, the model card and the fixture that a server checks itself against."""

import hashlib
import json
import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from bloodnet_training.calibration import Calibration, OperatingPoint
from bloodnet_training.card import render_card
from bloodnet_training.constants import MASK_THRESHOLD
from bloodnet_training.export import OPSET, export_onnx, require_parity
from bloodnet_training.halves import store_in_half, with_half_weights
from bloodnet_training.parity import write_parity_fixture
from bloodnet_training.served_graph import ServedBloodNet

MODEL_ID = "bloodnet-compact"


@dataclass(frozen=True)
class BundleContent:
    """What a bundle says about itself beside the graph. training, evaluation: plain JSON values."""

    version: str
    calibration: Calibration
    calibration_source: str
    operating_points: list[OperatingPoint]
    training: dict
    evaluation: dict


def write_bundle(folder: Path, graph: ServedBloodNet, content: BundleContent) -> None:
    """Writes the bundle after parity with PyTorch is shown."""
    if sum(point.default for point in content.operating_points) != 1:
        raise ValueError("exactly one operating point must be the default")
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / "model.onnx"
    graph = with_half_weights(graph)
    export_onnx(graph, model)
    store_in_half(model)
    differences = require_parity(graph, model)
    manifest = _manifest(model, graph, content, differences)
    (folder / "model.json").write_text(json.dumps(manifest, indent=2) + "\n")
    (folder / "MODEL_CARD.md").write_text(render_card(manifest))
    write_parity_fixture(model, folder / "parity.json")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in lower-case hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _manifest(model: Path, graph: ServedBloodNet, content: BundleContent, differences: dict) -> dict:
    return {
        "id": MODEL_ID,
        "version": content.version,
        "sha256": sha256_of(model),
        "input": {
            "hu": {
                "type": "float32",
                "shape": ["N+4", 512, 512],
                "unit": "HU",
                "edges": "first and last slice replicated twice",
            },
            "voxel_ml": {"type": "float32", "shape": ["N"], "unit": "mL per voxel of each centre slice"},
        },
        "output": {
            "probability": {"type": "float32", "shape": ["N"]},
            "mask": {"type": "float32", "shape": ["N", 512, 512]},
            "soft_volume_ml": {"type": "float32", "shape": ["N"]},
        },
        "opset": OPSET,
        "members": len(graph.members),
        "mirrored": graph.mirrored,
        "memberKinds": [f"{member.window.value} window, {member.grid.side}x{member.grid.side}" for member in graph.members],
        "maskThreshold": MASK_THRESHOLD,
        "operatingPoints": [_operating_point(point) for point in content.operating_points],
        "calibration": {
            "method": "Platt, inside the graph",
            "scale": round(content.calibration.scale, 6),
            "offset": round(content.calibration.offset, 6),
            "source": content.calibration_source,
        },
        "training": content.training,
        "evaluation": content.evaluation,
        "parity": {"limit": 1e-4, "largestDifference": differences},
        "software": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "onnx": onnx.__version__,
            "onnxruntime": onnxruntime.__version__,
            "numpy": np.__version__,
        },
    }


def _operating_point(point: OperatingPoint) -> dict:
    return {
        "name": point.name,
        "threshold": round(point.threshold, 4),
        "default": point.default,
        "sensitivity": point.sensitivity.as_json(),
        "specificity": point.specificity.as_json(),
        "chosen": point.chosen,
    }
