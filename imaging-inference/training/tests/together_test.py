"""Many networks side by side: what they draw from, and that each learns from its own patients alone."""

import numpy as np
import pytest
import torch
from fakes import made_up_patients, outlined, short_step, tiny_pool

from bloodnet_training import crossval, together, trainer
from bloodnet_training.batches import Mix
from bloodnet_training.crossval import FoldPlan, checkpoint_of, held_out_scores
from bloodnet_training.draws import Draws
from bloodnet_training.network import Variant
from bloodnet_training.pool import NO_LESION, NO_PATIENT, Pool
from bloodnet_training.resident import ResidentPool, Residents, take_in
from bloodnet_training.together import Learner, score_negatives, train_members, train_together
from bloodnet_training.trainer import load_network

CPU = torch.device("cpu")
EVEN_MIX = Mix(pool_lesions=0.25, real_positives=0.25, pool_negatives=0.25, real_negatives=0.25)


@pytest.fixture
def residents():
    return Residents(made_up_patients(3, 2), CPU, window_room=16)


def draws_on(residents, numbers):
    """Shelves for these patients; the pool has a lesion and a negative of each patient and of nobody."""
    patients = np.repeat([*residents.patients, NO_PATIENT], 2)
    kinds = np.tile([0, NO_LESION], len(patients) // 2)
    windows = torch.from_numpy(np.repeat(patients[:, None], 5, axis=1)).clamp(min=0).to(torch.uint8)
    windows = windows[:, :, None, None].expand(-1, -1, 256, 256)
    rows = residents.add_windows(windows, torch.zeros(len(patients), 128, 128, dtype=torch.uint8))
    pool = Pool([], [], patients, kinds, *[np.full(len(patients), NO_PATIENT)] * 2)
    return Draws(residents, ResidentPool(pool, *rows), numbers, seed=3)


def it_gathers_the_slices_that_a_place_names(residents):
    patient = residents.patients[4]
    rows = torch.from_numpy(residents.window(4, 0))
    expected = patient.hu_bytes[patient.window_indices(0)]
    assert torch.equal(residents.slices[rows], torch.from_numpy(expected))


def it_refuses_more_than_its_room(residents):
    with pytest.raises(ValueError, match="room for"):
        draws_on(residents, (1, 4))
        draws_on(residents, (1, 4))


def it_draws_from_its_own_patients_only(residents):
    draws = draws_on(residents, (1, 4))
    picks = draws.picks(0, 40, together.BATCH_SIZE, EVEN_MIX)
    own = {row for number in (1, 4) for row in range(residents.first_slice[number], residents.first_slice[number] + 12)}
    drawn = set(picks.slices.ravel().tolist())
    real = {row for row in drawn if row < sum(patient.slice_count for patient in residents.patients.values())}
    assert real == real & own
    # A painted window of this pool is filled with the number of its patient.
    painted = residents.slices[sorted(drawn - real)]
    assert set(painted.unique().tolist()) == {0, 1, 4}


def it_draws_the_same_for_the_same_batch(residents):
    draws = draws_on(residents, (1, 4))
    first, again, other = (draws.picks(batch, 2, 8, EVEN_MIX) for batch in (5, 5, 7))
    assert np.array_equal(first.slices, again.slices)
    assert not np.array_equal(first.slices, other.slices)


def it_knows_outlines():
    patients = made_up_patients(2, 1)
    residents = Residents(patients | {1: outlined(patients[1])}, CPU, window_room=8)
    draws = draws_on(residents, (1, 2, 3))
    assert draws.real_positives.mask_known.tolist() == [place[0] == 1 for place in draws.positive_places]
    masks = residents.mask(torch.from_numpy(draws.real_positives.masks))
    assert masks.sum(dim=(1, 2)).tolist() == [400.0 if place[0] == 1 else 0.0 for place in draws.positive_places]


def it_refuses_a_mix_of_what_is_not_there(residents):
    nobody = np.empty(0, np.int64)
    pool = ResidentPool(Pool([], [], nobody, nobody, nobody, nobody), np.empty((0, 5), np.int64), nobody)
    with pytest.raises(ValueError, match="there is nothing"):
        Draws(residents, pool, (1, 4), seed=3).picks(0, 4, 16, EVEN_MIX)


def it_changes_weights_means_and_nothing_of_the_frozen_layers(residents, monkeypatch):
    monkeypatch.setattr(together, "BATCH_SIZE", 4)
    learner = Learner(
        Variant.TASK_DEPENDENT, draws_on(residents, (1, 2, 4)), residents, seed=0
    )
    before = {name: value.clone() for name, value in learner.network.state_dict().items()}
    train_together([learner], short_step("last", classification_share=1.0, only_last_layer=True, batches=2, mix=EVEN_MIX))
    changed = {name for name, value in learner.network.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"last.weight", "last.bias"}
    assert not torch.equal(learner.average.last.weight, before["last.weight"])


def it_mines_negatives(residents, monkeypatch):
    monkeypatch.setattr(together, "BATCH_SIZE", 4)
    draws = draws_on(residents, (1, 2, 4))
    learner = Learner(Variant.TASK_DEPENDENT, draws, residents, seed=0)
    step = short_step("everything", batches=2, mix=EVEN_MIX, mines_negatives=True)
    train_together([learner], step)
    scores = score_negatives(learner)
    assert scores.shape == (len(draws.negative_places),)
    assert ((scores > 0) & (scores < 1)).all()
    assert learner.batches_done == 2
    weights = draws.real_negatives.weights
    assert weights.sum() == pytest.approx(1.0)
    assert len(np.unique(weights)) > 1


def it_passes_over_a_step_of_no_batches(residents):
    learner = Learner(Variant.TASK_DEPENDENT, draws_on(residents, (1, 4)), residents, seed=0)
    train_together([learner], short_step("nothing", batches=0, mix=EVEN_MIX))
    assert learner.batches_done == 0


def it_trains_a_plan_and_leaves_what_the_export_needs(tmp_path, monkeypatch):
    patients = made_up_patients(4, 2)
    pool = tiny_pool(tmp_path / "pool", patients, monkeypatch, shards=4)
    monkeypatch.setattr(together, "BATCH_SIZE", 4)
    monkeypatch.setattr(crossval, "steps_for", lambda *_: [short_step("everything")])
    trained_on = []
    draws = together.Draws
    monkeypatch.setattr(together, "Draws", lambda *given: trained_on.append(set(given[2])) or draws(*given))
    plan = FoldPlan(Variant.TASK_DEPENDENT, folds=2, split_seed=0, images=4, seed=10, members_on_everyone=1)
    train_members(tmp_path, patients, pool, plan, CPU)
    assert not trained_on[0] & trained_on[1]
    assert trained_on[0] | trained_on[1] == trained_on[2] == set(patients)
    assert len(held_out_scores(tmp_path, patients, plan)) == len(patients)
    for place in plan.members:
        load_network(checkpoint_of(tmp_path, plan, *place), plan.variant)
    written = checkpoint_of(tmp_path, plan, 0).read_bytes()
    monkeypatch.setattr(trainer, "_run_step", lambda *_: pytest.fail("a finished run is trained again"))
    crossval.train_member(tmp_path, patients, pool, plan, 0)
    assert checkpoint_of(tmp_path, plan, 0).read_bytes() == written
    train_members(tmp_path, patients, pool, plan, CPU)
    assert len(trained_on) == 3, "what is finished is not trained again"


def it_takes_in_a_pool(residents, tmp_path, monkeypatch):
    pool = tiny_pool(tmp_path, residents.patients, monkeypatch, shards=2)
    taken = take_in(residents, pool)
    hu_bytes, mask = pool.sample(11)
    assert torch.equal(residents.slices[torch.from_numpy(taken.slices[11])], torch.from_numpy(np.array(hu_bytes)))
    assert torch.equal(residents.masks[int(taken.masks[11])], torch.from_numpy(np.array(mask)))


def it_warms_its_running_mean_up_as_one_network_alone_does(residents, monkeypatch):
    monkeypatch.setattr(together, "BATCH_SIZE", 4)
    learner = Learner(Variant.TASK_DEPENDENT, draws_on(residents, (1, 2, 4)), residents, seed=0)
    start = learner.average.last.weight.clone()
    train_together([learner], short_step("first", mix=EVEN_MIX))
    moved = learner.network.last.weight - start
    assert torch.allclose(learner.average.last.weight, start + (1.0 - trainer.average_decay(0)) * moved, atol=1e-7)


def it_scales_the_smoothing_of_dice_with_its_grid(residents, monkeypatch):
    monkeypatch.setattr(together, "BATCH_SIZE", 4)
    grids = []
    loss = together.combined_loss
    monkeypatch.setattr(together, "combined_loss", lambda *given: grids.append(given[3]) or loss(*given))
    train_together([Learner(Variant.TASK_DEPENDENT, draws_on(residents, (1, 4)), residents, seed=0)], short_step("one", mix=EVEN_MIX))
    assert grids == [residents.grid]
