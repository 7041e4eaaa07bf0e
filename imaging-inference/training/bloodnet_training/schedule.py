"""The steps of training: the paper's three for the task-dependent network, one for the others."""

from dataclasses import dataclass, replace

from bloodnet_training.augment import HEAD_CROP
from bloodnet_training.batches import (
    CLASSIFICATION_MIX,
    MANY_SOURCES_MIX,
    MANY_SOURCES_SEGMENTATION_MIX,
    OUTLINED_SEGMENTATION_MIX,
    PHANTOM_MIX,
    SEGMENTATION_MIX,
    Mix,
)
from bloodnet_training.network import Variant

BATCH_SIZE = 16
#: What the kinds of blood count beside class and mask, where they are learnt.
KINDS_SHARE = 0.25
#: Batches over which the learning rate rises at the start of a step.
WARM_UP_BATCHES = 30


@dataclass(frozen=True)
class Step:
    """One step: which loss, which layers, how many batches, which learning rates (exponential decay from first to last)."""

    name: str
    batches: int
    classification_share: float
    first_rate: float
    last_rate: float
    mix: Mix
    field: tuple[int, int] = HEAD_CROP
    only_last_layer: bool = False
    mines_negatives: bool = False
    #: What the kinds of blood count in the loss, see `kinds.py`.
    kinds_share: float = 0.0

    def learning_rate(self, batch: int) -> float:
        """Rate of this batch of the step."""
        decayed = self.first_rate * (self.last_rate / self.first_rate) ** (batch / self.batches)
        return decayed * min(1.0, (batch + 1) / WARM_UP_BATCHES)


def three_steps(images: int, refining_images: int = 0, outlined: bool = False) -> list[Step]:
    """Segmentation alone, then the last fully connected layer alone, then everything end to end.

    Most images go to segmentation: its masks are synthetic and never run out, while real labels are of few patients, whom a long last
    step learns by heart (on the one fold where it was tried, three times as many images there lowered both held-out AUCs).

    outlined: there are masks of real blood, which the segmentation then sees too. With refining_images the last step is
    repeated at lower rates on negatives that are mined anew.
    """
    steps = _segmentation_to_end(images, 0.75, (1.5e-3, 3e-4), (3e-2, 3e-3), outlined)
    refining = refining_images // BATCH_SIZE
    if refining:
        steps.append(Step("refining", refining, 0.5, 4e-4, 2e-5, CLASSIFICATION_MIX, mines_negatives=True))
    return steps


def finetuning(images: int, outlined: bool = False) -> list[Step]:
    """The three steps again for a network that goes on at full resolution: shorter and at lower rates, for it knows what blood is."""
    return _segmentation_to_end(images, 0.62, (8e-4, 2e-4), (1e-2, 2e-3), outlined)


def many_sources(images: int, refining_images: int = 0) -> list[Step]:
    """The three steps for a network that goes on with slices of many hospitals: there are real labels enough for a long last step.

    With refining_images the last step is repeated at lower rates; without images that is all there is, for a network that has had the
    three steps on other people.
    """
    mixes = MANY_SOURCES_SEGMENTATION_MIX, MANY_SOURCES_MIX
    first, last_layer, end_to_end = _steps(images, 0.30, (1e-3, 4e-4), (1e-2, 2e-3), (8e-4, 2e-5), mixes)
    end_to_end = replace(end_to_end, kinds_share=KINDS_SHARE)
    refining = replace(end_to_end, name="refining", batches=refining_images // BATCH_SIZE, first_rate=6e-4)
    steps = [replace(first, kinds_share=KINDS_SHARE), last_layer, end_to_end, refining]
    return [step for step in steps if step.batches]


def _segmentation_to_end(
    images: int, segmented: float, segmentation: tuple[float, float], last_layer: tuple[float, float], outlined: bool
) -> list[Step]:
    mix = OUTLINED_SEGMENTATION_MIX if outlined else SEGMENTATION_MIX
    return _steps(images, segmented, segmentation, last_layer, (4e-4, 2e-5), (mix, CLASSIFICATION_MIX))


def _steps(
    images: int,
    segmented: float,
    segmentation: tuple[float, float],
    last_layer: tuple[float, float],
    end_to_end: tuple[float, float],
    mixes: tuple[Mix, Mix],
) -> list[Step]:
    """The three steps: segmented is the first one's share of the images, pairs are first and last learning rates; mixes: the first
    step's, the others'.
    """
    batches = images // BATCH_SIZE
    first, second = round(segmented * batches), round(0.05 * batches)
    return [
        Step("segmentation", first, 0.0, *segmentation, mixes[0]),
        Step("last-layer", second, 1.0, *last_layer, mixes[1], only_last_layer=True),
        Step("end-to-end", batches - first - second, 0.5, *end_to_end, mixes[1], mines_negatives=True),
    ]


def one_step(images: int) -> list[Step]:
    """Everything at once, for the networks that are compared with BloodNet."""
    return [Step("end-to-end", images // BATCH_SIZE, 0.5, 1.5e-3, 3e-5, CLASSIFICATION_MIX)]


def pretraining(images: int) -> list[Step]:
    """Segmentation of synthetic heads: no patient is involved, so every fold may start from it."""
    return [Step("phantoms", images // BATCH_SIZE, 0.0, 2e-3, 5e-4, PHANTOM_MIX)]


def steps_for(variant: Variant, images: int, refining_images: int = 0, outlined: bool = False) -> list[Step]:
    """The schedule of a network for a budget of training images; only the task-dependent network is refined."""
    if variant is Variant.TASK_DEPENDENT:
        return three_steps(images, refining_images, outlined)
    return one_step(images)
