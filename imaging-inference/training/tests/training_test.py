"""The three steps train what they should, and a stopped run goes on where it was."""

from dataclasses import replace

import numpy as np
import torch
from fakes import made_up_patients, outlined, short_step, tiny_pool

from bloodnet_training import inference
from bloodnet_training.augment import MANY_SCANNERS, ONE_SCANNER, Batch, augment
from bloodnet_training.batches import OUTLINED_SEGMENTATION_MIX, SEGMENTATION_MIX, STUDIES_WEIGHT, BatchSource, Mix
from bloodnet_training.inference import PatientScores
from bloodnet_training.losses import combined_loss, segmentation_loss
from bloodnet_training.network import BloodNet, Prediction, Variant
from bloodnet_training.pool import no_pool
from bloodnet_training.schedule import BATCH_SIZE, many_sources, three_steps
from bloodnet_training.trainer import TrainingRun, load_network, train
from bloodnet_training.window import Window


def it_runs_segmentation_then_last_layer_then_everything():
    steps = three_steps(16000)
    assert [step.classification_share for step in steps] == [0.0, 1.0, 0.5]
    assert [step.only_last_layer for step in steps] == [False, True, False]
    assert sum(step.batches for step in steps) == 16000 // BATCH_SIZE


def it_refines_after_the_three_steps_when_told():
    assert [step.name for step in three_steps(16000, refining_images=1600)][3:] == ["refining"]


def it_trains_only_the_last_layer_when_told(tmp_path, monkeypatch):
    patients = made_up_patients(1, 2)
    source = BatchSource(patients, tiny_pool(tmp_path / "pool", patients, monkeypatch), seed=0)
    step = short_step("last-layer", classification_share=1.0, only_last_layer=True)
    torch.manual_seed(0)
    before = BloodNet(Variant.TASK_DEPENDENT).state_dict()
    train(TrainingRun(Variant.TASK_DEPENDENT, [step], source, tmp_path / "run.pt", seed=0))
    after = torch.load(tmp_path / "run.pt", weights_only=True)["network"]
    changed = {name for name, value in after.items() if not torch.equal(value, before[name])}
    assert changed == {"last.weight", "last.bias"}


def it_goes_on_from_a_checkpoint_to_the_same_weights(tmp_path, monkeypatch):
    patients = made_up_patients(1, 2)
    pool = tiny_pool(tmp_path / "pool", patients, monkeypatch)
    steps = [short_step("one"), short_step("two")]

    def run(name: str, upto: int) -> None:
        train(
            TrainingRun(
                Variant.TASK_DEPENDENT, steps[:upto], BatchSource(patients, pool, seed=0), tmp_path / name, seed=0
            )
        )

    run("whole.pt", 2)
    run("parts.pt", 1)
    run("parts.pt", 2)
    whole, parts = (
        load_network(tmp_path / name, Variant.TASK_DEPENDENT).state_dict() for name in ("whole.pt", "parts.pt")
    )
    assert all(torch.allclose(whole[name], parts[name]) for name in whole)


def it_draws_the_same_batch_for_the_same_step(tmp_path, monkeypatch):
    patients = made_up_patients(1, 2)
    pool = tiny_pool(tmp_path / "pool", patients, monkeypatch)
    first, second = (BatchSource(patients, pool, seed=4).batch(7, 4, SEGMENTATION_MIX) for _ in range(2))
    assert torch.equal(first.hu, second.hu)
    other = BatchSource(patients, pool, seed=4).batch(8, 4, SEGMENTATION_MIX)
    assert not torch.equal(first.hu, other.hu)


def it_learns_from_an_outline_where_there_is_one(tmp_path, monkeypatch):
    patients = made_up_patients(1, 2)
    pool = tiny_pool(tmp_path / "pool", patients, monkeypatch)
    only_positives = Mix(pool_lesions=0.0, real_positives=1.0, pool_negatives=0.0, real_negatives=0.0)
    without = BatchSource(patients, pool, seed=4)
    assert not without.has_outlines
    assert without.batch(0, 4, only_positives).mask_known.tolist() == [0.0] * 4
    batch = BatchSource(patients | {1: outlined(patients[1])}, pool, seed=4).batch(0, 4, only_positives)
    assert batch.mask_known.tolist() == [1.0] * 4
    assert (batch.mask.sum(dim=(1, 2)) > 100).all()
    assert three_steps(16000, outlined=True)[0].mix == OUTLINED_SEGMENTATION_MIX


def it_moves_mask_and_slices_together():
    hu = torch.zeros(3, 5, 256, 256)
    hu[:, :, 100:140, 80:120] = 60.0
    mask = torch.zeros(3, 128, 128)
    mask[:, 50:70, 40:60] = 1.0
    changed = augment(Batch(hu, mask, torch.ones(3), torch.ones(3)), torch.Generator().manual_seed(2))
    bright = torch.nn.functional.avg_pool2d(changed.hu[:, 2:3], 2)[:, 0] > 30
    overlap = (bright & (changed.mask > 0.5)).sum() / (bright | (changed.mask > 0.5)).sum()
    assert float(overlap) > 0.85


def it_ignores_masks_that_are_not_known():
    prediction = Prediction(torch.zeros(2), torch.zeros(2, 8, 8), torch.zeros(2))
    mask = torch.zeros(2, 8, 8)
    known = Batch(torch.zeros(2, 5, 16, 16), mask, torch.ones(2), torch.tensor([1.0, 0.0]))
    mask_of_unknown = mask.clone()
    mask_of_unknown[1] = 1.0
    other = Batch(known.hu, mask_of_unknown, known.bleeding, known.mask_known)
    assert torch.equal(segmentation_loss(prediction, known), segmentation_loss(prediction, other))


def it_combines_the_losses_by_lambda():
    prediction = Prediction(torch.tensor([0.3]), torch.randn(1, 8, 8), torch.zeros(1))
    batch = Batch(torch.zeros(1, 5, 16, 16), torch.ones(1, 8, 8), torch.ones(1), torch.ones(1))
    only_mask, only_class = combined_loss(prediction, batch, 0.0), combined_loss(prediction, batch, 1.0)
    assert np.isclose(float(combined_loss(prediction, batch, 0.25)), 0.25 * float(only_class) + 0.75 * float(only_mask))


def it_squeezes_what_noise_makes_brighter_than_the_window():
    hu = torch.full((8, 5, 256, 256), 77.0)
    batch = Batch(hu, torch.zeros(8, 128, 128), torch.zeros(8), torch.ones(8))
    changed = augment(batch, torch.Generator().manual_seed(3), (64, 64)).hu
    assert 80.0 < float(changed.max()) < 83.0


def of_other_hospital(patient, number: int, bleeding: bool):
    """One slice of a patient as a source of single slices has it."""
    one = slice(3, 4)
    return replace(
        patient,
        number=number,
        hu_bytes=patient.hu_bytes[one],
        inside=patient.inside[one],
        depth_mm=patient.depth_mm[one],
        bleeding=np.array([bleeding]),
        subtypes=patient.subtypes[one],
        source="others",
    )


def it_draws_from_every_source_and_cuts_all_to_one_window():
    patients = made_up_patients(1, 1)
    patients |= {number: of_other_hospital(patients[1], number, number % 2 == 0) for number in range(100, 120)}
    source = BatchSource(patients, no_pool(), seed=4, window=Window.CUT)
    assert source.strength is MANY_SCANNERS and BatchSource(made_up_patients(1, 1), no_pool(), seed=4).strength is ONE_SCANNER
    share_of_others = sum(weight for place, weight in zip(source.positives, source.positive_weights, strict=True) if place[0] >= 100)
    assert np.isclose(share_of_others, 10**0.5 / (10**0.5 + STUDIES_WEIGHT * 2**0.5))
    only_real = Mix(pool_lesions=0.0, real_positives=0.5, pool_negatives=0.0, real_negatives=0.5)
    batch = source.batch(0, 8, only_real)
    assert float(batch.hu.max()) <= 80.0 and batch.bleeding.tolist() == [1.0] * 4 + [0.0] * 4


def it_mines_where_some_have_nothing_but_a_bleeding_slice(monkeypatch):
    patients = made_up_patients(1, 1)
    patients[100] = of_other_hospital(patients[1], 100, True)
    monkeypatch.setattr(inference, "score_patient", lambda _, patient, centres: PatientScores(patient.number, *[np.zeros(len(centres))] * 3))
    scores = inference.score_negatives(BloodNet(), patients)
    source = BatchSource(patients, no_pool(), seed=4, window=Window.CUT)
    source.mine(scores)
    assert set(scores) == set(source.negatives) and all(number != 100 for number, _ in scores)


def it_draws_only_outlined_positives_when_told():
    patients = made_up_patients(2, 1)
    source = BatchSource(patients | {1: outlined(patients[1])}, no_pool(), seed=4)
    mix = Mix(pool_lesions=0.0, real_positives=1.0, pool_negatives=0.0, real_negatives=0.0, only_outlined=True)
    assert source.batch(0, 8, mix).mask_known.tolist() == [1.0] * 8


def it_makes_looks_alike_without_leaving_the_window():
    hu = torch.rand(16, 5, 64, 64, generator=torch.Generator().manual_seed(1)) * 80.0
    strength = replace(MANY_SCANNERS, alone_share=1.0)
    changed = augment(Batch(hu, torch.zeros(16, 32, 32), torch.zeros(16), torch.ones(16)), torch.Generator().manual_seed(2), (64, 64), strength)
    assert float(changed.hu.min()) >= 0.0 and float(changed.hu.max()) <= 100.0
    quiet = replace(ONE_SCANNER, gain=0.0, offset_hu=0.0, noise_hu=0.0, blurred_share=0.0, alone_share=1.0)
    alone = augment(Batch(hu, torch.zeros(16, 32, 32), torch.zeros(16), torch.ones(16)), torch.Generator().manual_seed(2), (64, 64), quiet).hu
    assert torch.equal(alone, alone[:, 2:3].expand(-1, 5, -1, -1))


def it_learns_longer_from_labels_where_many_hospitals_give_them():
    steps = many_sources(16000)
    assert sum(step.batches for step in steps) == 16000 // BATCH_SIZE
    assert steps[0].mix.only_outlined and steps[2].batches > steps[0].batches and steps[2].mines_negatives
