"""The exported graph is the DESIGN contract and agrees with PyTorch."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from bloodnet_training.bundle import BundleContent, sha256_of, write_bundle
from bloodnet_training.calibration import Calibration, choose_operating_points
from bloodnet_training.constants import MASK_THRESHOLD
from bloodnet_training.export import export_onnx, require_parity
from bloodnet_training.metrics import ScoredPatient
from bloodnet_training.network import BloodNet
from bloodnet_training.parity import check_parity_fixture, fixture_volume, with_replicated_edges
from bloodnet_training.served_graph import ServedBloodNet


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle")
    torch.manual_seed(1)
    graph = ServedBloodNet([BloodNet(), BloodNet()], 0.9, -0.5)
    scored = [ScoredPatient(number, np.array([number % 2 == 0]), np.array([0.2 + 0.1 * number])) for number in range(6)]
    calibration = Calibration(0.9, -0.5)
    training = {
        **dict.fromkeys(("data", "annotation", "pretraining", "workingResolution"), "made up"),
        **{
            "imagesPerMember": 1,
            "membersPerFold": 1,
            "membersOnEveryone": 1,
            "foldMembersServed": 3,
            "precision": "float32",
            "folds": 2,
            "note": "",
            "seeds": {"split": 0, "members": [1], "pool": 2},
        },
    }
    figure = {"value": 0.5, "interval95": [0.4, 0.6]}
    cross_validation = {
        **{"patients": 6, "bleedingPatients": 3, "slices": 6, "studyAuc": figure, "sliceAuc": figure},
        **{"byFold": [], "sliceSensitivityBySubtype": {}, "studySensitivityByExtent": {}},
    }
    evaluation = {"crossValidation": cross_validation, "syntheticLesions": {"samples": 4, "meanDice": 0.7}}
    points = choose_operating_points(scored)
    write_bundle(folder, graph, BundleContent("0.0.1", calibration, "test", points, training, evaluation))
    return folder


def it_has_the_inputs_and_outputs_of_the_contract(bundle):
    graph = onnx.load(bundle / "model.onnx")
    shapes = {
        value.name: [dimension.dim_param or dimension.dim_value for dimension in value.type.tensor_type.shape.dim]
        for value in [*graph.graph.input, *graph.graph.output]
    }
    assert shapes == {
        "hu": ["N_plus_4", 512, 512],
        "voxel_ml": ["N"],
        "probability": ["N"],
        "mask": ["N", 512, 512],
        "soft_volume_ml": ["N"],
    }
    assert graph.opset_import[0].version == 17


def it_says_the_same_shape_of_both_maps_that_a_decoder_adds(bundle):
    graph = onnx.load(bundle / "model.onnx").graph
    said = {value.name: [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim] for value in graph.value_info}
    sums = [node for node in graph.node if node.op_type == "Add" and "/decoder/" in node.name]
    assert len(sums) == 2 * 3, "three merges in each of two members"
    for node in sums:
        enlarged, lateral = (said[name] for name in node.input)
        assert enlarged == lateral
        assert enlarged[0] == "N"


def it_agrees_with_pytorch_at_one_and_seven_slices(tmp_path):
    graph = ServedBloodNet([BloodNet()])
    export_onnx(graph, tmp_path / "model.onnx")
    differences = require_parity(graph, tmp_path / "model.onnx")
    assert set(differences) == {"N=1", "N=7"}


def it_notices_when_the_network_is_not_the_exported_one(tmp_path):
    export_onnx(ServedBloodNet([BloodNet()]), tmp_path / "model.onnx")
    with pytest.raises(ValueError, match="differs by"):
        require_parity(ServedBloodNet([BloodNet()], calibration_offset=0.5), tmp_path / "model.onnx")


def it_writes_the_hash_of_the_model_and_one_default_operating_point(bundle):
    manifest = json.loads((bundle / "model.json").read_text())
    assert manifest["sha256"] == sha256_of(bundle / "model.onnx")
    assert sum(point["default"] for point in manifest["operatingPoints"]) == 1
    assert manifest["maskThreshold"] == MASK_THRESHOLD


def it_says_in_the_card_that_it_is_not_cleared_and_what_was_synthetic(bundle):
    card = (bundle / "MODEL_CARD.md").read_text()
    assert "Not cleared or approved by any authority" in card
    assert "**synthetic** lesions" in card
    assert "0.500 (0.400 to 0.600)" in card


def it_repeats_its_own_parity_fixture(bundle):
    assert check_parity_fixture(bundle / "model.onnx", bundle / "parity.json") <= 1e-4


def it_refuses_a_fixture_of_another_model(bundle, tmp_path):
    fixture = json.loads((bundle / "parity.json").read_text())
    fixture["probability"][0] += 0.01
    (tmp_path / "parity.json").write_text(json.dumps(fixture))
    with pytest.raises(ValueError, match="from the fixture"):
        check_parity_fixture(bundle / "model.onnx", tmp_path / "parity.json")


def it_makes_the_fixture_volume_from_integers():
    volume = fixture_volume()
    assert volume.shape == (7, 512, 512)
    assert set(np.unique(volume)) == {-1000.0, 1000.0, *range(27, 38), *range(57, 68)}
    assert volume[3, 256, 160] == 62 + (7 * 160 + 13 * 256 + 29 * 3) % 11 - 5
    assert np.array_equal(with_replicated_edges(volume)[1], volume[0])


def it_refuses_a_volume_of_another_size(bundle):
    session = onnxruntime.InferenceSession(str(bundle / "model.onnx"), providers=["CPUExecutionProvider"])
    feed = {"hu": np.zeros((5, 256, 256), np.float32), "voxel_ml": np.ones(1, np.float32)}
    with pytest.raises(Exception, match="Got invalid dimensions"):
        session.run(None, feed)
