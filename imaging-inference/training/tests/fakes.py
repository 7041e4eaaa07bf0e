"""Made-up patients, a small pool and short steps for tests; no real data."""

from dataclasses import replace

import numpy as np
import torch

from bloodnet_training import pool as pool_module
from bloodnet_training.batches import SEGMENTATION_MIX
from bloodnet_training.network import BloodNet, Variant
from bloodnet_training.patients import BYTES_PER_HU, Patient
from bloodnet_training.phantom import paint_head
from bloodnet_training.pool import open_pool
from bloodnet_training.schedule import Step


def made_up_patient(number: int, bleeding_slices: tuple[int, ...] = (), slices: int = 12) -> Patient:
    """A patient of synthetic heads, labelled as told."""
    generator = torch.Generator().manual_seed(number)
    canvases = [paint_head(generator) for _ in range((slices + 4) // 5)]
    hu = torch.cat([canvas.hu for canvas in canvases])[:slices]
    inside = torch.cat([canvas.inside for canvas in canvases])[:slices]
    depth_mm = torch.cat([canvas.depth_mm for canvas in canvases])[:slices]
    bleeding = np.isin(np.arange(slices), bleeding_slices)
    return Patient(
        number=number,
        hu_bytes=(hu * BYTES_PER_HU).round().to(torch.uint8).numpy(),
        inside=inside.numpy() > 0,
        depth_mm=depth_mm.clamp(max=255).to(torch.uint8).numpy(),
        bleeding=bleeding,
        subtypes=np.repeat(bleeding[:, None], 5, axis=1),
    )


def outlined(patient: Patient) -> Patient:
    """The same patient with a square outlined on every bleeding slice."""
    masks = np.zeros((patient.slice_count, 128, 128), np.uint8)
    masks[patient.bleeding, 40:60, 50:70] = 255
    return replace(patient, masks=masks)


def blank_patients(positives: int, negatives: int) -> dict[int, Patient]:
    """Patients 1.. with bleeding, then those without; tiny empty slices, for tests that never look at pixels."""
    return {
        number: Patient(
            number=number,
            hu_bytes=np.zeros((4, 8, 8), np.uint8),
            inside=np.zeros((4, 8, 8), bool),
            depth_mm=np.zeros((4, 8, 8), np.uint8),
            bleeding=np.arange(4) == (2 if number <= positives else 4),
            subtypes=np.zeros((4, 5), bool),
        )
        for number in range(1, positives + negatives + 1)
    }


def made_up_patients(positives: int, negatives: int) -> dict[int, Patient]:
    """Patients 1.. with bleeding, then those without."""
    bleeding = {number: made_up_patient(number, (3, 4)) for number in range(1, positives + 1)}
    healthy = {number: made_up_patient(number) for number in range(positives + 1, positives + negatives + 1)}
    return bleeding | healthy


def tiny_pool(folder, patients, monkeypatch, shards=1):
    """Shards of eight samples each."""
    monkeypatch.setattr(pool_module, "SAMPLES_PER_SHARD", 8)
    for shard in range(shards):
        pool_module.write_shard(folder, patients, seed=1, shard=shard)
    return open_pool(folder)


def short_step(name: str, **changes) -> Step:
    """A step of one batch on a small field, changed as told."""
    values = {
        "batches": 1,
        "classification_share": 0.5,
        "first_rate": 1e-3,
        "last_rate": 1e-4,
        "mix": SEGMENTATION_MIX,
        "field": (64, 64),
    }
    return Step(name, **(values | changes))


def lively_member(seed: int) -> BloodNet:
    """Random weights and batch statistics."""
    torch.manual_seed(seed)
    member = BloodNet(Variant.TASK_DEPENDENT)
    for module in member.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0.0, 0.1)
            module.running_var.uniform_(0.5, 2.0)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0.0, 0.1)
    member.last.weight.data *= 50.0
    return member.eval()
