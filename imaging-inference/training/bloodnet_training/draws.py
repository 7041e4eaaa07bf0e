"""Which samples the batches of one network consist of, as rows of the residents: drawn ahead for a whole step."""

from dataclasses import dataclass

import numpy as np

from bloodnet_training.batches import Mix, slice_places
from bloodnet_training.constants import WINDOW_SLICES
from bloodnet_training.pool import NO_LESION, NO_PATIENT
from bloodnet_training.resident import EMPTY_MASK, ResidentPool, Residents, Shelf, even_shelf


@dataclass(frozen=True)
class Picks:
    """T batches of B samples: slices int64 [T, B, 5], masks int64 [T, B], bleeding and mask_known float32 [T, B]."""

    slices: np.ndarray
    masks: np.ndarray
    bleeding: np.ndarray
    mask_known: np.ndarray


class Draws:
    """The shelves of one network: its training patients, the pool samples painted on them or on nobody, its transplants.

    Real bleeding slices that no expert outlined have no mask until `know_masks`; there are no transplants until `transplants`
    is set.
    """

    def __init__(self, residents: Residents, trained_on: tuple[int, ...], seed: int):
        self.residents = residents
        self.trained_on = trained_on
        self.seed = seed
        patients = {number: residents.patients[number] for number in trained_on}
        self.positive_places = slice_places(patients, bleeding=True)
        self.negative_places = slice_places(patients, bleeding=False)
        self.transplants: Shelf | None = None
        self.real_negatives = self._real(self.negative_places, mask_known=True, bleeding=False)
        self.real_positives = self._real(self.positive_places, mask_known=False, bleeding=True)
        self.real_positives = self.real_positives.weighted(self._positive_weights())
        self.know_masks(np.array([residents.expert_masks.get(place, EMPTY_MASK) for place in self.positive_places]))
        self.pool_lesions: Shelf | None = None
        self.pool_negatives: Shelf | None = None

    def use_pool(self, pool: ResidentPool) -> None:
        """From now on pool samples are drawn from these."""
        allowed = np.isin(pool.patients, [*self.trained_on, NO_PATIENT])
        bleeding = pool.kinds != NO_LESION

        def shelf(chosen: np.ndarray, of_bleeding: bool) -> Shelf:
            return even_shelf(pool.slices[chosen], pool.masks[chosen], np.ones(int(chosen.sum()), bool), of_bleeding)

        self.pool_lesions = shelf(allowed & bleeding, True)
        self.pool_negatives = shelf(allowed & ~bleeding, False)

    def mine(self, scores: np.ndarray) -> None:
        """From now on half of the real negatives are drawn in proportion to the square of their scores [negative_places]."""
        squares = scores.astype(np.float64) ** 2 + 1e-6
        even = 1.0 / len(squares)
        self.real_negatives = self.real_negatives.weighted(0.5 * even + 0.5 * squares / squares.sum())

    def know_masks(self, mask_rows: np.ndarray) -> None:
        """From now on real bleeding slices have these masks [positive_places]; EMPTY_MASK leaves a slice's mask unknown."""
        shelf = self.real_positives
        self.real_positives = Shelf(shelf.slices, mask_rows, mask_rows != EMPTY_MASK, True, shelf.weights)

    def picks(self, first_batch: int, batches: int, size: int, mix: Mix) -> Picks:
        """The samples of batches first_batch.. of this network's run; the same for the same seed, shelves and first_batch."""
        order = np.random.default_rng((self.seed, first_batch))
        shelves = [self.pool_lesions, self.real_positives, self.transplants, self.pool_negatives, self.real_negatives]
        shares = [mix.pool_lesions, mix.real_positives, mix.transplants, mix.pool_negatives, mix.real_negatives]
        edges = np.cumsum(shares)[:-1]
        places = (np.arange(size) + order.random((batches, size))) / size
        part = np.searchsorted(edges, places, side="right")
        slices = np.empty((batches, size, WINDOW_SLICES), np.int64)
        masks = np.empty((batches, size), np.int64)
        bleeding, mask_known = np.empty((batches, size), np.float32), np.empty((batches, size), np.float32)
        for number, shelf in enumerate(shelves):
            here = part == number
            if not here.any():
                continue
            if shelf is None or not len(shelf.masks):
                raise ValueError(f"the mix asks for part {number}, of which there is nothing")
            drawn = order.choice(len(shelf.masks), size=int(here.sum()), p=shelf.weights)
            slices[here], masks[here] = shelf.slices[drawn], shelf.masks[drawn]
            bleeding[here], mask_known[here] = shelf.bleeding, shelf.mask_known[drawn]
        return Picks(slices, masks, bleeding, mask_known)

    def _real(self, places: list[tuple[int, int]], mask_known: bool, bleeding: bool) -> Shelf:
        count = len(places)
        masks = np.full(count, EMPTY_MASK, np.int64)
        return even_shelf(self.residents.windows(places), masks, np.full(count, mask_known), bleeding)

    def _positive_weights(self) -> np.ndarray:
        """Half of the time every patient is as likely as any other, else every slice."""
        numbers = np.array([number for number, _ in self.positive_places])
        _, which, counts = np.unique(numbers, return_inverse=True, return_counts=True)
        return 0.5 / len(numbers) + 0.5 / (len(counts) * counts[which])
