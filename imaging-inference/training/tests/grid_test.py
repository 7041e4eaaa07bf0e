"""Networks that see every served pixel: their data, their training and their part in what is served."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from data_test import write_slice
from fakes import lively_member, made_up_patients, short_step, tiny_pool

from bloodnet_training import crossval, together
from bloodnet_training.batches import SEGMENTATION_MIX, BatchSource
from bloodnet_training.crossval import EVERYONE, FoldPlan, adopt_members, checkpoint_of, held_out_scores, train_member
from bloodnet_training.draws import Draws
from bloodnet_training.export import example_input
from bloodnet_training.grid import Grid
from bloodnet_training.inference import score_patient
from bloodnet_training.laid_over import laid_over
from bloodnet_training.network import BloodNet, Variant
from bloodnet_training.patients import Patient, load_patients
from bloodnet_training.pool import NO_PATIENT
from bloodnet_training.resident import Residents, room_for, take_in
from bloodnet_training.served_graph import ServedBloodNet
from bloodnet_training.together import train_members
from bloodnet_training.trainer import load_network
from bloodnet_training.window import Window


def fine(patient: Patient) -> Patient:
    """The same patient on the full grid: each pixel four times."""
    return replace(patient, hu_bytes=patient.hu_bytes.repeat(2, axis=1).repeat(2, axis=2))


def it_lays_what_was_painted_over_the_noise_of_the_scanner():
    own = np.random.default_rng(4).integers(60, 100, (5, 512, 512)).astype(np.uint8)
    painted = np.round(own.reshape(5, 256, 2, 256, 2).mean(axis=(2, 4))).astype(np.uint8)
    painted[:, 100:120, 60:80] += 50
    mask = np.zeros((128, 128), np.uint8)
    mask[50:60, 30:40] = 255
    hu_bytes, fine_mask = (part.numpy() for part in laid_over(*(torch.from_numpy(part) for part in (painted, mask, own))))
    change = hu_bytes.astype(int) - own
    assert abs(change[:, 202:238, 122:158] - 50).max() <= 1
    change[:, 198:242, 118:162] = 0
    assert not change.any()
    assert fine_mask.shape == (256, 256)
    assert fine_mask[101:119, 61:79].min() == 255 and fine_mask[:98].max() == 0


def it_draws_no_phantom_and_fine_fields(tmp_path, monkeypatch):
    patients = made_up_patients(1, 2)
    pool = tiny_pool(tmp_path, patients, monkeypatch, shards=3)
    source = BatchSource({number: fine(one) for number, one in patients.items()}, pool, seed=1, grid=Grid.FULL)
    assert (pool.patients == NO_PATIENT).any()
    assert (pool.patients[np.r_[source.pool_lesions, source.pool_negatives]] != NO_PATIENT).all()
    batch = source.batch(0, 4, SEGMENTATION_MIX, (64, 96))
    assert (batch.hu.shape, batch.mask.shape) == ((4, 5, 128, 192), (4, 64, 96))
    assert float(batch.mask[:2].max()) > 0.5


def it_remembers_the_slice_that_was_painted_on(tmp_path, monkeypatch):
    patients = made_up_patients(0, 3)
    pool = tiny_pool(tmp_path, patients, monkeypatch, shards=2)
    painted = np.nonzero(pool.patients != NO_PATIENT)[0]
    for index in painted:
        hu_bytes, _ = pool.sample(int(index))
        patient = patients[int(pool.patients[index])]
        same = (patient.hu_bytes == hu_bytes[2]).mean(axis=(1, 2))
        assert int(same.argmax()) == int(pool.centres[index])


def it_lays_a_pool_over_the_slices_on_the_device_as_the_processor_does(tmp_path, monkeypatch):
    patients = made_up_patients(1, 2)
    pool = tiny_pool(tmp_path, patients, monkeypatch, shards=3)
    assert (pool.patients == NO_PATIENT).any()
    finer = {number: fine(one) for number, one in patients.items()}
    residents = Residents(finer, torch.device("cpu"), room_for(pool, finer, Grid.FULL), Grid.FULL)
    taken = take_in(residents, pool)
    assert residents.slices_used == len(residents.slices), "no room is left over"
    for index in np.nonzero(pool.patients != NO_PATIENT)[0]:
        hu_bytes, mask = pool.sample_on(Grid.FULL, finer, int(index))
        assert np.array_equal(residents.slices[torch.from_numpy(taken.slices[index])].numpy(), hu_bytes)
        assert np.array_equal(residents.masks[int(taken.masks[index])].numpy(), mask)
    draws = Draws(residents, taken, tuple(finer), seed=1)
    drawn = {int(row) for shelf in (draws.pool_lesions, draws.pool_negatives) for row in shelf.slices.ravel()}
    assert min(drawn) >= sum(patient.slice_count for patient in finer.values())


@pytest.mark.parametrize("side_by_side", [False, True])
def it_goes_on_from_the_coarse_member_of_the_same_fold(tmp_path, monkeypatch, side_by_side):
    patients = made_up_patients(2, 2)
    pool = tiny_pool(tmp_path / "pool", patients, monkeypatch, shards=4)
    monkeypatch.setattr(together, "BATCH_SIZE", 4)
    monkeypatch.setattr(crossval, "steps_for", lambda *_: [short_step("coarse")])
    monkeypatch.setattr(crossval, "finetuning", lambda *_: [short_step("fine", first_rate=1e-9, last_rate=1e-9)])
    coarse, work = FoldPlan(Variant.TASK_DEPENDENT, 2, 0, images=16, seed=10, members_on_everyone=1), tmp_path / "fine"
    # Another seed: random weights would be others.
    plan = replace(coarse, seed=20, finetuned_from=tmp_path / "coarse")
    finer = {number: fine(one) for number, one in patients.items()}
    for folder, some, members in ((plan.finetuned_from, patients, coarse), (work, finer, plan)):
        if side_by_side:
            train_members(folder, some, pool, members, torch.device("cpu"))
            continue
        for place in members.members:
            train_member(folder, some, pool, members, *place)
    for fold in (0, 1, EVERYONE):
        before, after = (load_network(checkpoint_of(folder, plan, fold), plan.variant) for folder in (plan.finetuned_from, work))
        assert (before.grid, after.grid) == (Grid.HALF, Grid.FULL)
        assert torch.allclose(before.hidden.weight, after.hidden.weight, atol=1e-6)
    assert len(held_out_scores(work, patients, plan)) == len(patients)


def it_measures_members_of_several_kinds_as_they_are_served(tmp_path):
    patients = made_up_patients(2, 2)
    plan = FoldPlan(Variant.TASK_DEPENDENT, 2, 0, images=16, seed=10, members_per_fold=3, members_on_everyone=3, fold_members_served=1)
    for member, window in enumerate((Window.CUT, Window.CUT, Window.SQUEEZED)):
        networks = [lively_member(10 * member + place) for place in range(3)]
        for network in networks:
            network.window = window
        adopt_members(tmp_path, patients, plan, networks, member)
    assert plan.served == [(0, 0), (1, 0), (EVERYONE, 0), (EVERYONE, 1), (EVERYONE, 2)]
    number = str(held_out_scores(tmp_path, patients, plan)[0].number)
    alone = [json.loads(checkpoint_of(tmp_path, plan, 0, member).with_suffix(".json").read_text())[number] for member in range(3)]
    together = held_out_scores(tmp_path, patients, plan)[0].scores
    assert together == pytest.approx(np.average(alone, axis=0, weights=[0.25, 0.25, 0.5]))
    assert together != pytest.approx(np.mean(alone, axis=0))


@torch.no_grad()
def it_serves_masks_of_the_finest_members_and_lets_every_kind_count_alike():
    members = [lively_member(seed) for seed in (1, 2, 3)]
    members[0].grid, members[2].window = Grid.FULL, Window.CUT
    again = lively_member(2)
    hu, voxel_ml = example_input(windows=2, seed=6)
    probability, mask, volume = ServedBloodNet([*members, again]).eval()(hu, voxel_ml)
    alone = [ServedBloodNet([member]).eval()(hu, voxel_ml) for member in members]
    logits = torch.stack([torch.logit(one[0].double()) for one in alone]).mean(dim=0)
    assert torch.allclose(torch.sigmoid(logits).float(), probability, atol=1e-4)
    assert torch.equal(mask, alone[0][1]) and torch.equal(volume, alone[0][2])
    assert torch.allclose(mask.sum(dim=(1, 2)) * voxel_ml, volume, rtol=1e-4)


def it_loads_every_served_pixel(tmp_path):
    (tmp_path / "labels.csv").write_text("patient,slice,any,intraventricular,intraparenchymal,subarachnoid,epidural,subdural\n")
    with (tmp_path / "labels.csv").open("a") as table:
        table.write("7,1,0,0,0,0,0,0\n7,2,0,0,0,0,0,0\n")
    (tmp_path / "dicom" / "007").mkdir(parents=True)
    for number in (1, 2):
        write_slice(tmp_path / "dicom" / "007" / f"{number}.dcm", 5.0 * number, 1064)
    half, full = (load_patients(tmp_path, tmp_path / "cache", grid=grid)[7] for grid in Grid)
    assert (half.hu_bytes.shape, full.hu_bytes.shape) == ((2, 256, 256), (2, 512, 512))
    pooled = full.hu_bytes.reshape(2, 256, 2, 256, 2).mean(axis=(2, 4))
    assert abs(pooled - half.hu_bytes).max() <= 1.0
    assert np.array_equal(half.inside, full.inside)
    with pytest.raises(ValueError, match="512 pixels a side, but the network sees 256"):
        score_patient(BloodNet(), full)
