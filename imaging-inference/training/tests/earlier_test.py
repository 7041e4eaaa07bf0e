"""Members of an earlier bundle are the same networks when they come back."""

import pytest
import torch
from fakes import blank_patients, lively_member

from bloodnet_training.crossval import EVERYONE, FoldPlan, adopt_members, checkpoint_of, held_out_scores, seeds_served
from bloodnet_training.earlier import members_of
from bloodnet_training.export import example_input, export_onnx
from bloodnet_training.metrics import ScoredPatient
from bloodnet_training.network import Variant
from bloodnet_training.served_graph import ServedBloodNet, stack_windows, to_working_resolution
from bloodnet_training.trainer import load_network
from bloodnet_training.window import Window


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    members = [lively_member(seed) for seed in (1, 2, 3, 4)]
    model = tmp_path_factory.mktemp("earlier") / "model.onnx"
    export_onnx(ServedBloodNet(members), model)
    return members, model


@torch.no_grad()
def it_reads_back_the_members_of_a_graph(exported):
    members, model = exported
    hu, voxel_ml = example_input(windows=2, seed=3)
    windows = stack_windows(to_working_resolution(hu))
    for member, back in zip(members, members_of(model, Window.CUT), strict=True):
        expected, actual = member(windows, voxel_ml), back(windows, voxel_ml)
        assert torch.allclose(actual.class_logit, expected.class_logit, atol=1e-4)
        assert torch.allclose(actual.mask_logit, expected.mask_logit, atol=1e-3)
        assert back.window is Window.CUT


@torch.no_grad()
def it_serves_each_member_what_it_was_trained_to_see():
    cut, squeezing = lively_member(1), lively_member(2)
    cut.window = Window.CUT
    hu, voxel_ml = example_input(windows=1, seed=3)
    hu[:, 200:300, 200:300] = 300.0
    together = ServedBloodNet([cut, squeezing]).eval()(hu, voxel_ml)[0]
    alone = [
        member(stack_windows(to_working_resolution(hu, member.window)), voxel_ml).class_logit
        for member in (cut, squeezing)
    ]
    assert torch.allclose(together, torch.sigmoid(torch.stack(alone).mean(dim=0)), atol=1e-6)
    swapped = cut(stack_windows(to_working_resolution(hu)), voxel_ml).class_logit
    assert not torch.allclose(swapped, alone[0], atol=1e-4)


def it_adopts_members_with_their_window_and_their_held_out_scores(tmp_path, exported, monkeypatch):
    patients = blank_patients(positives=2, negatives=2)
    plan = FoldPlan(Variant.TASK_DEPENDENT, folds=2, split_seed=0, images=16, seed=1)
    asked = []

    def scored(network, some):
        asked.append([one.number for one in some])
        return [ScoredPatient(one.number, one.bleeding, one.bleeding.astype(float)) for one in some]

    monkeypatch.setattr("bloodnet_training.crossval.score_patients", scored)
    adopt_members(tmp_path, patients, plan, members_of(exported[1], Window.CUT), member=0)
    assert sorted(asked[0] + asked[1]) == sorted(patients)
    assert load_network(checkpoint_of(tmp_path, plan, 0), Variant.TASK_DEPENDENT).window is Window.CUT
    assert load_network(checkpoint_of(tmp_path, plan, EVERYONE), Variant.TASK_DEPENDENT).window is Window.CUT
    fourth = load_network(checkpoint_of(tmp_path, plan, EVERYONE, 1), Variant.TASK_DEPENDENT)
    assert torch.allclose(fourth.last.weight, exported[0][3].last.weight)
    assert sorted(one.number for one in held_out_scores(tmp_path, patients, plan)) == sorted(patients)


def it_names_the_seeds_of_those_that_the_plan_trained_and_of_no_other(tmp_path):
    plan = FoldPlan(Variant.TASK_DEPENDENT, folds=2, split_seed=0, images=16, seed=1, members_on_everyone=2, fold_members_served=0)
    for place, window in zip(plan.served, (Window.SQUEEZED, Window.CUT), strict=True):
        torch.save({"average": lively_member(1).state_dict(), "window": window.value}, checkpoint_of(tmp_path, plan, *place))
    assert seeds_served(tmp_path, plan) == [plan.member_seed(EVERYONE, 0)]
