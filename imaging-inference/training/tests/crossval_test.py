"""Who trains on whom: folds hold their patients out, members on everyone hold out nobody and score nobody."""

from fakes import made_up_patients, outlined, short_step, tiny_pool

from bloodnet_training import crossval
from bloodnet_training.crossval import EVERYONE, FoldPlan, checkpoint_of, expert_dice_report, held_out_scores, train_member
from bloodnet_training.network import Variant


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

    assert expert_dice_report(tmp_path, patients, plan) is None
    report = expert_dice_report(tmp_path, patients | {1: outlined(patients[1])}, plan)
    assert report["patients"] == 1
    assert 0.0 <= report["meanDice"]["value"] <= 1.0
