"""Weights that are stored in half precision and computed with in single: half the size of model.onnx, the same answers everywhere.

They are rounded in PyTorch, before the export, so that what is served and what PyTorch computes still agree to the last digits.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from bloodnet_training.earlier import members_of
from bloodnet_training.export import export_onnx
from bloodnet_training.served_graph import ServedBloodNet
from bloodnet_training.window import Window

#: Smaller arrays stay as they are: sizes, constants.
VALUES_MIN = 16
#: What folding a normalisation that does nothing may change.
FOLDING_ERROR_MAX = 1e-6


@torch.no_grad()
def with_half_weights(graph: ServedBloodNet) -> ServedBloodNet:
    """The same graph with batch normalisation folded into the convolutions and every weight rounded to half precision."""
    with TemporaryDirectory() as folder:
        model = Path(folder) / "model.onnx"
        export_onnx(graph, model)
        members = members_of(model, Window.SQUEEZED)
    for member, original in zip(members, graph.members, strict=True):
        member.window, member.grid = original.window, original.grid
        for module in member.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                module.weight.copy_(module.weight.half())
            if isinstance(module, nn.Conv2d | nn.Linear | nn.BatchNorm2d) and module.bias is not None:
                module.bias.copy_(module.bias.half())
    return ServedBloodNet(members, graph.calibration_scale, graph.calibration_offset, graph.mirrored)


def store_in_half(path: Path) -> None:
    """Rewrites an exported graph of `with_half_weights`. Raises ValueError when a weight would change by it."""
    model = onnx.load(path)
    graph = model.graph
    casts = []
    for weight in [one for one in graph.initializer if one.data_type == TensorProto.FLOAT]:
        values = numpy_helper.to_array(weight)
        if values.size < VALUES_MIN:
            continue
        halves = values.astype(np.float16)
        change = np.abs(halves.astype(np.float32) - values)
        if np.any(change > FOLDING_ERROR_MAX * np.abs(values)):
            raise ValueError(f"{weight.name} is not in half precision: it would change by {change.max():.1e}")
        casts.append(helper.make_node("Cast", [weight.name + "_half"], [weight.name], weight.name + "_cast", to=TensorProto.FLOAT))
        graph.initializer.remove(weight)
        graph.initializer.append(numpy_helper.from_array(halves, weight.name + "_half"))
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend(casts + nodes)
    onnx.checker.check_model(model)
    onnx.save(model, path)
