"""The five kinds of blood as a further task while training: thrown away when the network is exported.

A label of the kind says where in the head to look, which a slice without a mask does not say otherwise.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from bloodnet_training.augment import Batch
from bloodnet_training.network import HIDDEN_UNITS
from bloodnet_training.patients import SUBTYPES


def kinds_layer() -> nn.Linear:
    """From `Prediction.hidden`, which the last layer reads, to logits of the kinds [B, 5]. The caller's random state stays."""
    with torch.random.fork_rng():
        return nn.Linear(HIDDEN_UNITS, len(SUBTYPES))


def kind_loss(kind_logit: Tensor, batch: Batch) -> Tensor:
    """Mean BCE of the five kinds [B, 5] over the samples whose kinds are known, a scalar."""
    per_sample = functional.binary_cross_entropy_with_logits(kind_logit, batch.kinds, reduction="none").mean(dim=1)
    return (per_sample * batch.kinds_known).sum() / batch.kinds_known.sum().clamp(min=1.0)
