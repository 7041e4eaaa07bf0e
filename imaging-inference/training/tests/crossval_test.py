"""Who trains on whom: folds hold their patients out, members on everyone hold out nobody and score nobody."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from fakes import made_up_patient, made_up_patients, outlined, short_step, tiny_pool

from bloodnet_training import card, crossval
from bloodnet_training.by_source import mask_figures, masked_patients
from bloodnet_training.crossval import (
    EVERYONE,
    FoldPlan,
    checkpoint_of,
    held_out_scores,
    outline_dice_report,
    train_member,
)
from bloodnet_training.evaluate import pasted_lesion_dice
from bloodnet_training.grid import Grid
from bloodnet_training.metrics import ScoredPatient
from bloodnet_training.network import Prediction, Variant


def it_trains_folds_on_the_others_and_the_rest_on_everyone(tmp_path, monkeypatch):
    patients = made_up_patients(2, 2)
    pool = tiny_pool(tmp_path / "pool", patients, monkeypatch, shards=4)
    monkeypatch.setattr(crossval, "steps_for", lambda *_: [short_step("everything")])
    trained_on = []
    source = crossval.BatchSource
    monkeypatch.setattr(
        crossval, "BatchSource", lambda seen, *rest: trained_on.append(set(seen)) or source(seen, *rest)
    )
    plan = FoldPlan(Variant.TASK_DEPENDENT, folds=2, split_seed=0, images=16, seed=10, members_on_everyone=1)

    assert plan.members == [(0, 0), (1, 0), (EVERYONE, 0)]
    for fold, member in plan.members:
        train_member(tmp_path, patients, pool, plan, fold, member)

    assert trained_on[0] | trained_on[1] == set(patients)
    assert not trained_on[0] & trained_on[1]
    assert trained_on[2] == set(patients)
    assert checkpoint_of(tmp_path, plan, EVERYONE).exists()
    assert not checkpoint_of(tmp_path, plan, EVERYONE).with_suffix(".json").exists()
    assert len(held_out_scores(tmp_path, patients, plan)) == len(patients)

    assert outline_dice_report(tmp_path, patients, plan) is None
    report = outline_dice_report(tmp_path, patients | {1: outlined(patients[1])}, plan)
    assert report["patients"] == 1
    assert 0.0 <= report["meanDice"]["value"] <= 1.0


class MarksNothing(torch.nn.Module):
    """Sees no blood anywhere."""

    grid = Grid.HALF

    def forward(self, window, voxel_ml):
        return Prediction(torch.zeros(len(window)), torch.full((len(window), 128, 128), -9.0), voxel_ml)


class MarksTheSquare(torch.nn.Module):
    """Marks on every slice what `outlined` marks on bleeding ones."""

    grid = Grid.HALF

    def forward(self, window, voxel_ml):
        mask_logit = torch.full((len(window), 128, 128), -9.0)
        mask_logit[:, 40:60, 50:70] = 9.0
        return Prediction(torch.zeros(len(window)), mask_logit, voxel_ml)


def it_gives_no_credit_for_marking_nothing_on_pasted_lesions(tmp_path, monkeypatch):
    patients = made_up_patients(1, 2)
    pool = tiny_pool(tmp_path, patients, monkeypatch, shards=2)
    values = pasted_lesion_dice(MarksNothing(), pool, patients, samples_max=8)
    assert values
    assert {value for of_kind in values.values() for value in of_kind} == {0.0}


def it_measures_dice_over_the_whole_head():
    patient = outlined(made_up_patient(1, (3, 4)))
    (found,) = masked_patients(MarksTheSquare(), [patient])
    assert found.dice == pytest.approx(2 * 2 / (12 + 2))
    assert (found.overlap, found.predicted, found.outlined) == (800, 4800, 800)
    assert mask_figures([found])["volumeBias"] == pytest.approx(5.0)


def it_sets_those_whom_the_start_weights_have_not_seen_apart():
    scored = [ScoredPatient(number, np.array([number % 2 == 0]), np.array([float(number % 2 == 0)])) for number in range(1, 9)]
    scored[0] = ScoredPatient(1, np.array([False]), np.array([9.0]))  # a false alarm in somebody whom the start weights have seen
    plan = FoldPlan(Variant.TASK_DEPENDENT, folds=2, split_seed=0, images=16, seed=10, seen=(1, 2))
    told = crossval._unseen_figures(scored, plan)["unseenByStart"]
    assert (told["patients"], told["bleedingPatients"], told["studyAuc"]["value"]) == (6, 3, 1.0)
    assert "(3 of 6 bleed) | 1.000" in card._unseen(told)
    assert crossval._unseen_figures(scored, replace(plan, seen=())) == {} and card._unseen(None) == ""
