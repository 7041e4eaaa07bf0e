"""A served member that training goes on with: its batch normalisation, which the export folded away, is put back.

A folded convolution's outputs are looked at over some batches; a normalisation with their means and deviations as statistics, and the
same as its bias and weight, changes nothing, and lets training go on as before the export.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from bloodnet_training.network import BloodNet

LEAST_VARIANCE = 1e-4


@torch.no_grad()
def woken(member: BloodNet, batches: Iterable[tuple[Tensor, Tensor]]) -> BloodNet:
    """The same member with live normalisations, in place. batches: what `BloodNet.forward` takes, a few hundred windows in all."""
    normalisations = [module for module in member.modules() if isinstance(module, nn.BatchNorm2d)]
    sums = {one: [0.0, 0.0, 0] for one in normalisations}

    def look(module: nn.BatchNorm2d, inputs: tuple[Tensor], _: Tensor) -> None:
        values, seen = inputs[0].double(), sums[module]
        seen[0] = seen[0] + values.sum(dim=(0, 2, 3))
        seen[1] = seen[1] + (values**2).sum(dim=(0, 2, 3))
        seen[2] += values.numel() // values.shape[1]

    hooks = [one.register_forward_hook(look) for one in normalisations]
    member.eval()
    for window, voxel_ml in batches:
        member(window, voxel_ml)
    for hook in hooks:
        hook.remove()
    for one in normalisations:
        total, squares, count = sums[one]
        if not count:
            raise ValueError("a member is woken by at least one batch")
        mean = (total / count).float()
        variance = (squares / count).float() - mean**2
        _keep_what_it_does(one, mean, variance.clamp(min=LEAST_VARIANCE))
    return member


def _keep_what_it_does(one: nn.BatchNorm2d, mean: Tensor, variance: Tensor) -> None:
    """New statistics, and weight and bias such that the module answers as it did."""
    factor = one.weight / torch.sqrt(one.running_var + one.eps)
    bias = one.bias + (mean - one.running_mean) * factor
    one.weight.copy_(factor * torch.sqrt(variance + one.eps))
    one.bias.copy_(bias)
    one.running_mean.copy_(mean)
    one.running_var.copy_(variance)
