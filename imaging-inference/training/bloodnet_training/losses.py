"""The loss: lambda x classification + (1 - lambda) x segmentation."""

import torch
from torch import Tensor
from torch.nn import functional

from bloodnet_training.augment import Batch
from bloodnet_training.grid import Grid
from bloodnet_training.network import Prediction

#: The paper's plain per-pixel BCE is dominated by background when training from scratch: it is weighted up, and Dice is added.
PIXEL_BCE_WEIGHT = 20.0
DICE_WEIGHT = 0.5
#: Mask pixels of the half grid added to both sides of Dice, so that tiny lesions do not dominate.
DICE_SMOOTHING = 20.0


def classification_loss(prediction: Prediction, batch: Batch) -> Tensor:
    """BCE of the class, a scalar."""
    return functional.binary_cross_entropy_with_logits(prediction.class_logit, batch.bleeding)


def segmentation_loss(prediction: Prediction, batch: Batch, grid: Grid = Grid.HALF) -> Tensor:
    """Weighted BCE and Dice of the samples whose mask is known, a scalar."""
    smoothing = DICE_SMOOTHING * grid.per_painted**2
    logit, target = prediction.mask_logit, batch.mask
    pixel_bce = functional.binary_cross_entropy_with_logits(logit, target, reduction="none").mean(dim=(1, 2))
    probability = torch.sigmoid(logit)
    overlap = (probability * target).sum(dim=(1, 2))
    sizes = probability.sum(dim=(1, 2)) + target.sum(dim=(1, 2))
    dice = 1.0 - (2.0 * overlap + smoothing) / (sizes + smoothing)
    has_lesion = (target.sum(dim=(1, 2)) > 0).float()
    per_sample = PIXEL_BCE_WEIGHT * pixel_bce + DICE_WEIGHT * dice * has_lesion
    return (per_sample * batch.mask_known).sum() / batch.mask_known.sum().clamp(min=1.0)


def combined_loss(
    prediction: Prediction, batch: Batch, classification_share: float, grid: Grid = Grid.HALF
) -> Tensor:
    """lambda = classification_share; a network without a decoder has only the classification part."""
    if prediction.mask_logit is None or classification_share == 1.0:
        return classification_loss(prediction, batch)
    if classification_share == 0.0:
        return segmentation_loss(prediction, batch, grid)
    classification = classification_share * classification_loss(prediction, batch)
    return classification + (1.0 - classification_share) * segmentation_loss(prediction, batch, grid)
