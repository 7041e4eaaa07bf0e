"""Which samples the batches of one network consist of, as rows of the residents: drawn ahead for a whole step."""

from dataclasses import dataclass

import numpy as np

from bloodnet_training.batches import Mix, slice_places
from bloodnet_training.constants import WINDOW_SLICES
from bloodnet_training.pool import NO_LESION
from bloodnet_training.resident import EMPTY_MASK, ResidentPool, Residents, Shelf, even_shelf


@dataclass(frozen=True)
class Picks:
    """T batches of B samples: slices int64 [T, B, 5], masks int64 [T, B], bleeding and mask_known float32 [T, B]."""

    slices: np.ndarray
    masks: np.ndarray
    bleeding: np.ndarray
    mask_known: np.ndarray


class Draws:
    """The shelves of one network: its training patients, and the pool samples painted on them or on nobody."""

    def __init__(self, residents: Residents, pool: ResidentPool, trained_on: tuple[int, ...], seed: int):
        self.residents = residents
        self.trained_on = trained_on
        self.seed = seed
        patients = {number: residents.patients[number] for number in trained_on}
        self.positive_places = slice_places(patients, bleeding=True)
        self.negative_places = slice_places(patients, bleeding=False)
        windows = residents.windows(self.negative_places)
        count = len(windows)
        self.real_negatives = even_shelf(windows, np.full(count, EMPTY_MASK, np.int64), np.ones(count, bool), False)
        masks = np.array([residents.outlines.get(place, EMPTY_MASK) for place in self.positive_places], np.int64)
        windows = residents.windows(self.positive_places)
        self.real_positives = Shelf(windows, masks, masks != EMPTY_MASK, True, self._positive_weights())
        allowed = pool.pool.made_of(self.trained_on, residents.grid)
        bleeding = pool.pool.kinds != NO_LESION

        def shelf(chosen: np.ndarray, of_bleeding: bool) -> Shelf:
            return even_shelf(pool.slices[chosen], pool.masks[chosen], np.ones(int(chosen.sum()), bool), of_bleeding)

        self.pool_lesions = shelf(allowed & bleeding, True)
        self.pool_negatives = shelf(allowed & ~bleeding, False)

    def mine(self, scores: np.ndarray) -> None:
        """From now on half of the real negatives are drawn in proportion to the square of their scores [negative_places]."""
        squares = scores.astype(np.float64) ** 2 + 1e-6
        even = 1.0 / len(squares)
        self.real_negatives = self.real_negatives.weighted(0.5 * even + 0.5 * squares / squares.sum())

    def picks(self, first_batch: int, batches: int, size: int, mix: Mix) -> Picks:
        """The samples of batches first_batch.. of this network's run; the same for the same seed, shelves and first_batch."""
        order = np.random.default_rng((self.seed, first_batch))
        shelves = [self.pool_lesions, self.real_positives, self.pool_negatives, self.real_negatives]
        shares = [mix.pool_lesions, mix.real_positives, mix.pool_negatives, mix.real_negatives]
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
            if not len(shelf.masks):
                raise ValueError(f"the mix asks for part {number}, of which there is nothing")
            drawn = order.choice(len(shelf.masks), size=int(here.sum()), p=shelf.weights)
            slices[here], masks[here] = shelf.slices[drawn], shelf.masks[drawn]
            bleeding[here], mask_known[here] = shelf.bleeding, shelf.mask_known[drawn]
        return Picks(slices, masks, bleeding, mask_known)

    def _positive_weights(self) -> np.ndarray:
        """Half of the time every patient is as likely as any other, else every slice."""
        numbers = np.array([number for number, _ in self.positive_places])
        _, which, counts = np.unique(numbers, return_inverse=True, return_counts=True)
        return 0.5 / len(numbers) + 0.5 / (len(counts) * counts[which])
