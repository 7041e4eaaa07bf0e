"""ONNX export of the served graph, and the check that ONNX Runtime agrees with PyTorch."""

import inspect
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from bloodnet_training.constants import SERVED_SIDE, SERVED_VOXEL_ML, WINDOW_SLICES
from bloodnet_training.served_graph import ServedBloodNet

OPSET = 17
#: Largest difference allowed between ONNX Runtime and PyTorch in probability and mask.
PARITY_LIMIT = 1e-4
#: The exporter that writes small graphs: later versions of torch have another one, too.
SCRIPTED = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
INPUT_NAMES = ["hu", "voxel_ml"]
OUTPUT_NAMES = ["probability", "mask", "soft_volume_ml"]
#: A feature map is [N, C, H, W].
MAP_RANK = 4


def export_onnx(graph: ServedBloodNet, path: Path) -> None:
    """Writes the served graph as ONNX opset 17 with a dynamic number of slices."""
    graph.eval()
    example = example_input(windows=2, seed=0)
    dynamic_axes = {"hu": {0: "N_plus_4"}, "voxel_ml": {0: "N"}} | {name: {0: "N"} for name in OUTPUT_NAMES}
    with warnings.catch_warnings():
        # torch announces the end of the TorchScript exporter; it is chosen on purpose: small graphs at opset 17.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            graph,
            example,
            str(path),
            input_names=INPUT_NAMES,
            output_names=OUTPUT_NAMES,
            dynamic_axes=dynamic_axes,
            opset_version=OPSET,
            **SCRIPTED,
        )
    onnx.save(with_named_batches(onnx.load(path)), path)


def with_named_batches(model: onnx.ModelProto) -> onnx.ModelProto:
    """The graph with the shape of every feature map [N, C, H, W] inside its members said.

    Inference of shapes forgets N where a map is enlarged, and ONNX Runtime adds into a convolution, without another pass over the
    map, only what it can prove to have the same shape.
    """
    inferred = onnx.shape_inference.infer_shapes(model).graph.value_info
    maps = [value for value in inferred if value.name.startswith("/members.") and len(value.type.tensor_type.shape.dim) == MAP_RANK]
    for value in maps:
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    del model.graph.value_info[:]
    model.graph.value_info.extend(maps)
    return model


def example_input(windows: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Random hu [windows+4, 512, 512] around brain values and voxel_ml [windows]."""
    generator = torch.Generator().manual_seed(seed)
    hu = torch.randn(windows + WINDOW_SLICES - 1, SERVED_SIDE, SERVED_SIDE, generator=generator) * 25.0 + 35.0
    return hu, torch.full((windows,), SERVED_VOXEL_ML)


def open_session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """A CPU session on the exported graph."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Waiting threads that spin starve whatever else runs on the machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def largest_difference(graph: ServedBloodNet, path: Path, windows: int, seed: int = 1) -> dict[str, float]:
    """Largest absolute difference per output between ONNX Runtime and PyTorch on the same random input."""
    hu, voxel_ml = example_input(windows, seed)
    with torch.no_grad():
        expected = graph.eval()(hu, voxel_ml)
    actual = open_session(path).run(OUTPUT_NAMES, {"hu": hu.numpy(), "voxel_ml": voxel_ml.numpy()})
    return {
        name: float(np.abs(actual_part - expected_part.numpy()).max())
        for name, actual_part, expected_part in zip(OUTPUT_NAMES, actual, expected, strict=True)
    }


def require_parity(graph: ServedBloodNet, path: Path) -> dict[str, dict[str, float]]:
    """Differences at N=1 and N=7; raises when probability or mask differ by more than PARITY_LIMIT."""
    differences = {f"N={windows}": largest_difference(graph, path, windows) for windows in (1, 7)}
    for size, by_output in differences.items():
        for name in ("probability", "mask"):
            if not by_output[name] <= PARITY_LIMIT:
                raise ValueError(f"{name} differs by {by_output[name]:.2e} at {size}, limit {PARITY_LIMIT:.0e}")
    return differences
