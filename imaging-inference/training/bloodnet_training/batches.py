"""Batches for training: pool samples and real slices of the training patients, in fixed shares.

A batch depends only on the seed and its step number, so a resumed run sees the same batches.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from bloodnet_training.augment import FULL_FIELD, MANY_SCANNERS, ONE_SCANNER, Batch, augment
from bloodnet_training.constants import WINDOW_HIGH_HU
from bloodnet_training.grid import Grid
from bloodnet_training.patients import BYTES_PER_HU, STUDIES, SUBTYPES, Patient
from bloodnet_training.pool import KINDS, NO_LESION, Pool
from bloodnet_training.window import Window


@dataclass(frozen=True)
class Mix:
    """Shares of a batch; they add up to 1."""

    pool_lesions: float
    real_positives: float
    pool_negatives: float
    real_negatives: float
    #: Only real positives whose blood was outlined.
    only_outlined: bool = False

    def __post_init__(self) -> None:
        total = self.pool_lesions + self.real_positives + self.pool_negatives + self.real_negatives
        if abs(total - 1.0) > 1e-6:
            raise ValueError(f"the shares of a batch add up to {total}, not 1")


#: For the segmentation step, where real positives have no mask and would teach it nothing.
SEGMENTATION_MIX = Mix(pool_lesions=0.5, real_positives=0.0, pool_negatives=0.25, real_negatives=0.25)
#: For the steps that train the classification.
CLASSIFICATION_MIX = Mix(pool_lesions=0.33, real_positives=0.15, pool_negatives=0.20, real_negatives=0.32)
#: The same where the blood of some was outlined.
OUTLINED_SEGMENTATION_MIX = Mix(pool_lesions=0.35, real_positives=0.15, pool_negatives=0.25, real_negatives=0.25)
#: For networks that go on with slices of many hospitals: real ones lead.
MANY_SOURCES_SEGMENTATION_MIX = Mix(
    pool_lesions=0.30, real_positives=0.32, pool_negatives=0.08, real_negatives=0.30, only_outlined=True
)
MANY_SOURCES_MIX = Mix(pool_lesions=0.18, real_positives=0.35, pool_negatives=0.08, real_negatives=0.39)
#: For pretraining on synthetic heads alone.
PHANTOM_MIX = Mix(pool_lesions=0.6, real_positives=0.0, pool_negatives=0.4, real_negatives=0.0)


#: Whole studies count so much more than single slices: the study's score is the largest of its slices', so each of them matters.
STUDIES_WEIGHT = 1.5
#: What a guessed mask counts beside an expert's.
GUESS_WEIGHT = 0.5
#: Column in SUBTYPES of each kind of pool sample that is painted; a transplant may hold several.
KIND_COLUMNS = {KINDS.index(kind): column for column, kind in enumerate(SUBTYPES)}


class BatchSource:
    """Draws batches from the training patients and the pool samples painted on them or, on the half grid, on nobody (phantoms).

    grid, window: those of the patients; what the pool has beyond the window is cut off. With more sources than one, each counts as
    much as the square root of its slices, whole studies STUDIES_WEIGHT times that, for bleeding and for other slices alike, and looks
    are changed more.
    """

    def __init__(
        self, patients: dict[int, Patient], pool: Pool, seed: int, grid: Grid = Grid.HALF, window: Window = Window.SQUEEZED
    ):
        self.seed = seed
        self.window = window
        self.grid = grid
        self.patients = patients
        self.pool = pool
        allowed = pool.made_of(patients, grid)
        self.pool_lesions = np.nonzero(allowed & (pool.kinds != NO_LESION))[0]
        self.pool_negatives = np.nonzero(allowed & (pool.kinds == NO_LESION))[0]
        self.positives = slice_places(patients, bleeding=True)
        self.negatives = slice_places(patients, bleeding=False)
        self.has_outlines = any(patient.outlined.any() for patient in patients.values())
        self.outlined_positives = [
            (number, slice_) for number, slice_ in self.positives if patients[number].drawn(slice_) is not None
        ]
        self.strength = MANY_SCANNERS if len({patient.source for patient in patients.values()}) > 1 else ONE_SCANNER
        self.positive_weights = self._weights(self.positives)
        self.outlined_weights = self._weights(self.outlined_positives)
        self.even_negative_weights = self._weights(self.negatives, by_person=False)
        self.negative_weights: np.ndarray | None = None

    def mine(self, score_of: dict[tuple[int, int], float]) -> None:
        """From now on half of the real negatives are drawn in proportion to the square of their score."""
        weights = np.array([score_of[place] for place in self.negatives]) ** 2 + 1e-6
        self.negative_weights = weights / weights.sum()

    def _weights(self, places: list[tuple[int, int]], by_person: bool = True) -> np.ndarray:
        """How often each place is drawn. Within a source: half of the time every person is as likely as any other, else every slice."""
        if not places:
            return np.zeros(0)
        sources = np.array([self.patients[number].source for number, _ in places])
        people = np.array([self.patients[number].person for number, _ in places])
        weights = np.zeros(len(places))
        for source in np.unique(sources):
            here = sources == source
            _, which, counts = np.unique(people[here], return_inverse=True, return_counts=True)
            even, by_people = 1.0 / here.sum(), 1.0 / (len(counts) * counts[which])
            counted = np.sqrt(here.sum()) * (STUDIES_WEIGHT if source == STUDIES else 1.0)
            weights[here] = counted * (0.5 * even + 0.5 * by_people if by_person else np.full(here.sum(), even))
        return weights / weights.sum()

    def batch(self, step: int, size: int, mix: Mix, field: tuple[int, int] = FULL_FIELD) -> Batch:
        """The augmented batch of this step; field: rows and columns on the grid that is painted on."""
        order = np.random.default_rng((self.seed, step))
        edges = np.cumsum([mix.pool_lesions, mix.real_positives, mix.pool_negatives])
        hu, masks, bleeding, mask_known, kinds, kinds_known = [], [], [], [], [], []
        for position in range(size):
            part = int(np.searchsorted(edges, (position + order.random()) / size, side="right"))
            window, mask, known, of_kind = self._draw(part, order, only_outlined=mix.only_outlined)
            hu.append(window)
            masks.append(mask)
            bleeding.append(part < 2)
            mask_known.append(known)
            kinds.append(np.zeros(len(SUBTYPES), bool) if of_kind is None else of_kind)
            kinds_known.append(of_kind is not None)
        batch = Batch(
            hu=self._within_window(torch.from_numpy(np.stack(hu)).float() / BYTES_PER_HU),
            mask=torch.from_numpy(np.stack(masks)).float() / 255.0,
            bleeding=torch.tensor(bleeding).float(),
            mask_known=torch.tensor(mask_known).float(),
            kinds=torch.from_numpy(np.stack(kinds)).float(),
            kinds_known=torch.tensor(kinds_known).float(),
        )
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        changed = augment(batch, generator, self.grid.finer(field), self.strength)
        return replace(changed, hu=self._within_window(changed.hu))

    def _within_window(self, hu: Tensor) -> Tensor:
        return hu.clamp(max=WINDOW_HIGH_HU) if self.window is Window.CUT else hu

    def _draw(
        self, part: int, order: np.random.Generator, only_outlined: bool
    ) -> tuple[np.ndarray, np.ndarray, float, np.ndarray | None]:
        """hu_bytes [5, G, G], mask [G/2, G/2], how much the mask counts, and kinds, bool [5], or None where they are not known."""
        if part in (0, 2):
            indices = self.pool_lesions if part == 0 else self.pool_negatives
            index = int(indices[order.integers(len(indices))])
            window, mask = self.pool.sample_on(self.grid, self.patients, index)
            return window, mask, 1.0, self._painted_kinds(int(self.pool.kinds[index]))
        number, centre = self._positive(order, only_outlined) if part == 1 else self._negative(order)
        patient = self.patients[number]
        drawn = patient.drawn(centre)
        mask = np.zeros((self.grid.mask_side, self.grid.mask_side), np.uint8) if drawn is None else drawn
        known = 1.0 if part == 3 or patient.outline(centre) is not None else 0.0 if drawn is None else GUESS_WEIGHT
        kinds = patient.subtypes[centre]
        # A slice that bleeds in no known way says nothing of kinds.
        return patient.hu_bytes[patient.window_indices(centre)], mask, known, kinds if part == 3 or kinds.any() else None

    @staticmethod
    def _painted_kinds(kind: int) -> np.ndarray | None:
        """Bool [5] of a pool sample; None for a transplant."""
        if kind not in KIND_COLUMNS and kind != NO_LESION:
            return None
        return np.arange(len(SUBTYPES)) == KIND_COLUMNS.get(kind, -1)

    def _positive(self, order: np.random.Generator, only_outlined: bool) -> tuple[int, int]:
        if only_outlined:
            return self.outlined_positives[order.choice(len(self.outlined_positives), p=self.outlined_weights)]
        return self.positives[order.choice(len(self.positives), p=self.positive_weights)]

    def _negative(self, order: np.random.Generator) -> tuple[int, int]:
        mined = self.negative_weights is not None and order.random() < 0.5
        weights = self.negative_weights if mined else self.even_negative_weights
        return self.negatives[order.choice(len(self.negatives), p=weights)]


def slice_places(patients: dict[int, Patient], bleeding: bool) -> list[tuple[int, int]]:
    """(patient, slice) of all slices that bleed, or of all that do not."""
    return [
        (number, position)
        for number, patient in patients.items()
        for position in range(patient.slice_count)
        if bool(patient.bleeding[position]) == bleeding
    ]
