"""Weights stored in half precision: a smaller file, the same answers."""

import onnx
import pytest
import torch
from fakes import lively_member

from bloodnet_training.earlier import members_of
from bloodnet_training.export import example_input, export_onnx, require_parity
from bloodnet_training.halves import store_in_half, with_half_weights
from bloodnet_training.served_graph import ServedBloodNet
from bloodnet_training.window import Window


@torch.no_grad()
def it_halves_the_file_and_keeps_what_pytorch_computes(tmp_path):
    cut = lively_member(2)
    cut.window = Window.CUT
    served = ServedBloodNet([lively_member(1), cut], calibration_scale=1.2, calibration_offset=-0.3)
    model = tmp_path / "model.onnx"
    export_onnx(served, model)
    size = model.stat().st_size
    halved = with_half_weights(served)
    export_onnx(halved, model)
    store_in_half(model)
    assert model.stat().st_size < 0.55 * size
    assert require_parity(halved, model)["N=1"]["probability"] < 1e-5
    before, after = (graph.eval()(*example_input(windows=2, seed=5)) for graph in (served, halved))
    assert torch.allclose(before[0], after[0], atol=2e-3)
    assert not torch.equal(before[0], after[0])
    assert [member.window for member in halved.members] == [Window.SQUEEZED, Window.CUT]
    back = members_of(model, Window.CUT)[0].state_dict()
    assert all(torch.equal(value, back[name]) for name, value in halved.members[0].state_dict().items())


def it_refuses_weights_that_would_change(tmp_path):
    model = tmp_path / "model.onnx"
    export_onnx(ServedBloodNet([lively_member(1)]), model)
    before = onnx.load(model)
    with pytest.raises(ValueError, match="not in half precision"):
        store_in_half(model)
    assert onnx.load(model) == before
