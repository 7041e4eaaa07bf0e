"""Kinds of blood as a further task: learnt where they are known, and gone from what is served."""

import torch
from fakes import made_up_patients, short_step
from torch.nn import functional

from bloodnet_training.augment import Batch
from bloodnet_training.batches import BatchSource, Mix
from bloodnet_training.kinds import kind_loss, kinds_layer
from bloodnet_training.network import BloodNet, Variant
from bloodnet_training.pool import no_pool
from bloodnet_training.schedule import many_sources
from bloodnet_training.trainer import TrainingRun, load_network, train

REAL = Mix(pool_lesions=0.0, real_positives=0.5, pool_negatives=0.0, real_negatives=0.5)


def it_counts_only_samples_whose_kinds_are_known():
    kinds, logit = torch.tensor([[1.0, 0, 0, 0, 1], [1.0, 1, 1, 1, 1]]), torch.tensor([[2.0, -2, -2, -2, 1], [0.0, 0, 0, 0, 0]])
    batch = Batch(torch.zeros(2, 5, 8, 8), torch.zeros(2, 4, 4), torch.ones(2), torch.ones(2), kinds, torch.tensor([1.0, 0.0]))
    first = functional.binary_cross_entropy_with_logits(logit[0], kinds[0])
    assert torch.isclose(kind_loss(logit, batch), first)


def it_learns_kinds_and_serves_a_network_without_them(tmp_path):
    source = BatchSource(made_up_patients(1, 1), no_pool(), seed=0)
    weights = {}
    for share in (0.0, 0.5):
        step = short_step("end-to-end", batches=2, mix=REAL, kinds_share=share)
        train(TrainingRun(Variant.TASK_DEPENDENT, [step], source, tmp_path / f"{share}.pt", seed=0))
        weights[share] = torch.load(tmp_path / f"{share}.pt", weights_only=True)
    torch.manual_seed(0)
    BloodNet(Variant.TASK_DEPENDENT), BloodNet(Variant.TASK_DEPENDENT)
    start = kinds_layer().state_dict()["weight"]
    assert torch.equal(weights[0.0]["kinds"]["weight"], start), "not learnt, not touched"
    assert not torch.equal(weights[0.5]["kinds"]["weight"], start)
    stem = "encoder.stem.0.weight"
    assert not torch.equal(weights[0.0]["network"][stem], weights[0.5]["network"][stem]), "the encoder learns from them"
    served = load_network(tmp_path / "0.5.pt", Variant.TASK_DEPENDENT)
    assert not any("kinds" in name for name in served.state_dict())


def it_learns_kinds_of_many_sources_but_in_the_step_of_the_last_layer():
    assert [step.kinds_share > 0 for step in many_sources(16000)] == [True, False, True]


def it_goes_on_with_the_last_step_alone_when_told():
    (refining,) = many_sources(0, refining_images=1600)
    assert refining.batches == 100 and refining.mines_negatives and not refining.only_last_layer and refining.kinds_share > 0
    assert refining.first_rate < many_sources(16000)[2].first_rate
