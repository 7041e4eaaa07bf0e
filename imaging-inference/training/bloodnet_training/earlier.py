"""Members of an earlier bundle, read back from its graph, so that a new one can go on serving them beside its own.

The exporter has folded every batch normalisation into the convolution before it: such a convolution comes back with a normalisation
that does nothing but add its bias.
"""

import re
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from bloodnet_training.network import BloodNet, Variant
from bloodnet_training.window import Window

#: Within a node's name: the second use of a module.
ASKED_AGAIN = re.compile(r"_\d+/")


def members_of(model: Path, window: Window) -> list[BloodNet]:
    """All task-dependent members of a model.onnx in their order; window: what the bundle was trained to see. For inference only."""
    graph = onnx.load(model).graph
    arrays = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    # Equal arrays are written once and passed on; halves are stored and cast.
    for one in graph.node:
        if one.op_type in ("Identity", "Cast") and one.input[0] in arrays:
            arrays[one.output[0]] = arrays[one.input[0]].astype(np.float32)
    # /members.0/encoder/stem/stem.0/Conv is the module encoder.stem.0 of member 0; Gemm nodes likewise.
    weights: dict[int, dict[str, list[np.ndarray]]] = {}
    for node in graph.node:
        parts = node.name.strip("/").split("/")
        # A member is asked again for the mirror image: its modules are called stem.0_1 there.
        if node.op_type in ("Conv", "Gemm") and parts[0].startswith("members.") and not ASKED_AGAIN.search(node.name):
            number = int(parts[0].removeprefix("members."))
            weights.setdefault(number, {})[_module_name(parts[1:-1])] = [arrays[name] for name in node.input[1:]]
    if not weights:
        raise ValueError(f"{model.name} holds no members")
    return [_member(weights[number], window) for number in sorted(weights)]


def _module_name(parts: list[str]) -> str:
    """The exporter writes a module within a container as container.index: stages.0/stages.0.0/first/first.0 is stages.0.0.first.0."""
    names: list[str] = []
    for part in parts:
        if names and part.startswith(names[-1] + "."):
            names[-1] = part
        else:
            names.append(part)
    return ".".join(names)


@torch.no_grad()
def _member(weights: dict[str, list[np.ndarray]], window: Window) -> BloodNet:
    network = BloodNet(Variant.TASK_DEPENDENT).eval()
    network.window = window
    modules = dict(network.named_modules())
    found = set()
    for name, (weight, bias) in weights.items():
        module = modules[name]
        module.weight.copy_(torch.from_numpy(weight.copy()))
        found.add(name)
        if module.bias is not None:
            module.bias.copy_(torch.from_numpy(bias.copy()))
            continue
        container, index = name.rsplit(".", 1)
        normalisation = modules[f"{container}.{int(index) + 1}"]
        normalisation.weight.fill_(1.0)
        normalisation.running_mean.zero_()
        normalisation.running_var.fill_(1.0 - normalisation.eps)
        normalisation.bias.copy_(torch.from_numpy(bias.copy()))
    missing = [name for name, one in modules.items() if isinstance(one, nn.Conv2d | nn.Linear) and name not in found]
    if missing:
        raise ValueError(f"the graph has no {missing[0]}")
    return network
