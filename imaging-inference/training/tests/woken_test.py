"""A member that is trained on again answers as it did, with live normalisations."""

import pytest
import torch
from fakes import lively_member

from bloodnet_training.network import BloodNet
from bloodnet_training.woken import woken


def batches(count: int):
    generator = torch.Generator().manual_seed(5)
    return [(torch.randn(4, 5, 64, 64, generator=generator), torch.full((4,), 0.001)) for _ in range(count)]


def folded() -> BloodNet:
    """As `earlier.py` reads members back: normalisations that only add."""
    member = lively_member(3)
    for module in member.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.data.fill_(1.0)
            module.running_mean.zero_()
            module.running_var.fill_(1.0 - module.eps)
    return member


@torch.no_grad()
def it_answers_as_before():
    window, voxel_ml = batches(1)[0]
    member = folded()
    before = member(window, voxel_ml)
    after = woken(member, batches(3))(window, voxel_ml)
    assert torch.allclose(before.class_logit, after.class_logit, rtol=1e-3, atol=1e-3)
    assert torch.allclose(before.mask_logit, after.mask_logit, rtol=1e-3, atol=1e-2)


@torch.no_grad()
def it_answers_alike_in_training_mode():
    member = woken(folded(), batches(6))
    window, voxel_ml = (torch.cat(parts) for parts in zip(*batches(6), strict=True))
    quiet = member(window, voxel_ml).mask_logit
    for module in member.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.train()
    assert (member(window, voxel_ml).mask_logit - quiet).abs().mean() < 0.05 * quiet.abs().mean()


def it_needs_something_to_look_at():
    with pytest.raises(ValueError, match="at least one batch"):
        woken(folded(), [])
