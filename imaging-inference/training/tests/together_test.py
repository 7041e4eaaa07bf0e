"""Many networks side by side: what they draw from, and that each learns from its own patients alone."""

import numpy as np
import pytest
import torch
from fakes import made_up_patients, outlined, short_step, tiny_pool

from bloodnet_training import rounds, together
from bloodnet_training import transplants as transplants_module
from bloodnet_training.batches import OWN_MASKS_SEGMENTATION_MIX, Mix
from bloodnet_training.crossval import EVERYONE, FoldPlan, checkpoint_of, held_out_scores
from bloodnet_training.draws import Draws
from bloodnet_training.network import Variant
from bloodnet_training.pool import NO_LESION, NO_PATIENT
from bloodnet_training.resident import EMPTY_MASK, ResidentPool, Residents, take_in
from bloodnet_training.rounds import Rounds, train_first_round, train_second_round
from bloodnet_training.together import Learner, score_negatives, train_together
from bloodnet_training.trainer import load_network
from bloodnet_training.transplants import own_masks, transplants

CPU = torch.device("cpu")
EVEN_MIX = Mix(pool_lesions=0.25, real_positives=0.25, pool_negatives=0.25, real_negatives=0.25)


@pytest.fixture
def residents():
    return Residents(made_up_patients(3, 2), CPU, window_room=64, mask_room=16)


def draws_on(residents, numbers):
    """Shelves for these patients; the pool has a lesion and a negative of each patient and of nobody."""
    patients = np.repeat([*residents.patients, NO_PATIENT], 2)
    kinds = np.tile([0, NO_LESION], len(patients) // 2)
    windows = torch.from_numpy(np.repeat(patients[:, None], 5, axis=1)).clamp(min=0).to(torch.uint8)
    windows = windows[:, :, None, None].expand(-1, -1, 256, 256)
    rows = residents.add_windows(windows, torch.zeros(len(patients), 128, 128, dtype=torch.uint8))
    draws = Draws(residents, numbers, seed=3)
    draws.use_pool(ResidentPool(*rows, patients, kinds))
    return draws


def it_gathers_the_slices_that_a_place_names(residents):
    patient = residents.patients[4]
    rows = torch.from_numpy(residents.window(4, 0))
    expected = patient.hu_bytes[patient.window_indices(0)]
    assert torch.equal(residents.slices[rows], torch.from_numpy(expected))


def it_refuses_more_than_its_room(residents):
    with pytest.raises(ValueError, match="room for"):
        residents.add_masks(torch.zeros(1000, 128, 128, dtype=torch.uint8))


def it_draws_from_its_own_patients_only(residents):
    draws = draws_on(residents, (1, 4))
    picks = draws.picks(0, 40, together.BATCH_SIZE, EVEN_MIX)
    own = {row for number in (1, 4) for row in range(residents.first_slice[number], residents.first_slice[number] + 12)}
    drawn = set(picks.slices.ravel().tolist())
    real = {row for row in drawn if row < len(residents.inside)}
    assert real == real & own
    # A painted window of this pool is filled with the number of its patient.
    painted = residents.slices[sorted(drawn - real)]
    assert set(painted.unique().tolist()) == {0, 1, 4}


def it_draws_the_same_for_the_same_batch(residents):
    draws = draws_on(residents, (1, 4))
    first, again, other = (draws.picks(batch, 2, 8, EVEN_MIX) for batch in (5, 5, 7))
    assert np.array_equal(first.slices, again.slices)
    assert not np.array_equal(first.slices, other.slices)


def it_knows_experts_outlines_from_the_start():
    patients = made_up_patients(2, 1)
    residents = Residents(patients | {1: outlined(patients[1])}, CPU, window_room=0, mask_room=8)
    draws = Draws(residents, (1, 2, 3), seed=3)
    assert draws.real_positives.mask_known.tolist() == [place[0] == 1 for place in draws.positive_places]
    masks = residents.mask(torch.from_numpy(draws.real_positives.masks))
    assert masks.sum(dim=(1, 2)).tolist() == [400.0 if place[0] == 1 else 0.0 for place in draws.positive_places]
    learner = Learner(Variant.TASK_DEPENDENT, draws, residents, seed=0)
    assert np.array_equal(own_masks(learner.average, residents, draws)[:2], draws.real_positives.masks[:2])


def it_refuses_a_mix_of_what_is_not_there(residents):
    draws = draws_on(residents, (1, 4))
    with pytest.raises(ValueError, match="there is nothing"):
        draws.picks(0, 4, 16, Mix(0.2, 0.2, 0.2, 0.2, transplants=0.2))


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


def it_transplants_outlined_lesions_into_other_patients_clean_slices(residents):
    draws = draws_on(residents, (1, 2, 4, 5))
    outline = torch.zeros(len(draws.positive_places), 128, 128, dtype=torch.uint8)
    outline[:, 56:72, 50:70] = 255
    for row in np.unique(draws.real_positives.slices[:, 2]):
        residents.slices[row, 112:144, 100:140] = 70 * 3
    rows = residents.add_masks(outline)
    shelf = transplants(residents, draws, rows, wanted=12, seed=1)
    assert 0 < len(shelf.masks) <= 12
    assert shelf.bleeding
    mask = residents.mask(torch.from_numpy(shelf.masks)) > 0.5
    hu = residents.hu(torch.from_numpy(shelf.slices))[:, 2]
    small = torch.nn.functional.avg_pool2d(hu[:, None], 2)[:, 0]
    for one_mask, one_hu in zip(mask, small, strict=True):
        assert one_mask.sum() >= 8
        assert float(one_hu[one_mask].mean()) > float(one_hu[~one_mask].mean())


def it_knows_no_mask_where_the_network_sees_nothing(residents):
    draws = draws_on(residents, (1, 2, 4))
    learner = Learner(Variant.TASK_DEPENDENT, draws, residents, seed=0)
    torch.nn.init.constant_(learner.average.decoder.out.bias, -50.0)
    rows = own_masks(learner.average, residents, draws)
    assert (rows == EMPTY_MASK).all()
    draws.know_masks(rows)
    assert not draws.real_positives.mask_known.any()


def it_trains_a_plan_in_two_rounds_and_leaves_what_the_export_needs(tmp_path, monkeypatch):
    patients = made_up_patients(4, 2)
    pool = tiny_pool(tmp_path / "pool", patients, monkeypatch, shards=4)
    monkeypatch.setattr(together, "BATCH_SIZE", 4)
    monkeypatch.setattr(rounds, "steps_for", lambda *_: [short_step("first")])
    monkeypatch.setattr(rounds, "second_round", lambda _: [short_step("second", mix=OWN_MASKS_SEGMENTATION_MIX)])
    monkeypatch.setattr(rounds, "TRANSPLANTS", 60)
    monkeypatch.setattr(transplants_module, "CONTRAST_HU_MIN", -100.0)
    outlined_for = []

    def outline(network, residents, draws):
        squares = torch.zeros(len(draws.positive_places), 128, 128, dtype=torch.uint8)
        squares[:, 40:80, 40:80] = 255
        outlined_for.append(draws.trained_on)
        return residents.add_masks(squares)

    monkeypatch.setattr(rounds, "own_masks", outline)
    plan = FoldPlan(Variant.TASK_DEPENDENT, folds=2, split_seed=0, images=4, seed=10, members_on_everyone=1)
    first = Rounds(tmp_path / "first", patients, pool, plan, CPU)
    train_first_round(first)
    second = Rounds(tmp_path / "second", patients, pool, plan, CPU)
    train_second_round(second, first.folder, [(1, 0)])
    train_second_round(second, first.folder, plan.members)
    assert [len(trained_on) for trained_on in outlined_for] == [3, 3, 6]
    for folder in (first.folder, second.folder):
        assert len(held_out_scores(folder, patients, plan)) == len(patients)
    weights = [load_network(checkpoint_of(one.folder, plan, EVERYONE), plan.variant).state_dict() for one in (first, second)]
    assert not torch.equal(weights[0]["encoder.stem.0.weight"], weights[1]["encoder.stem.0.weight"])


def it_takes_in_a_pool(residents, tmp_path, monkeypatch):
    pool = tiny_pool(tmp_path, residents.patients, monkeypatch, shards=2)
    taken = take_in(residents, pool)
    hu_bytes, mask = pool.sample(11)
    assert torch.equal(residents.slices[torch.from_numpy(taken.slices[11])], torch.from_numpy(np.array(hu_bytes)))
    assert torch.equal(residents.masks[int(taken.masks[11])], torch.from_numpy(np.array(mask)))
