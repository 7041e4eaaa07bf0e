"""A pool of SliceWindows on disk: painted and transplanted lesions, hard negatives and phantoms.

Painting one costs about as much CPU as training on it, so each painted window is used a few times with different augmentation. A
shard is a folder of three .npy files and depends only on the data, the seed and its number, so the pool can grow while
training runs. Each sample remembers the patient and the slice that it was painted on, and the patient whose lesion was transplanted:
the patients keep folds apart, and the slice is what `laid_over` needs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Generator
from torch.nn import functional

from bloodnet_training.canvas import Canvas
from bloodnet_training.constants import WORKING_PER_MASK
from bloodnet_training.distractors import paint_distractors
from bloodnet_training.fields import chance, choice
from bloodnet_training.grid import Grid
from bloodnet_training.laid_over import laid_over
from bloodnet_training.lesions import KIND_WEIGHTS, paint_lesion
from bloodnet_training.patients import BYTES_PER_HU, Patient
from bloodnet_training.phantom import paint_head
from bloodnet_training.transplants import outlined_places, transplant

SAMPLES_PER_SHARD = 250
#: What a sample is: a lesion painted into a real slice, a hard negative of one, a synthetic head (half of them with a lesion).
RECIPE_WEIGHTS = {"pasted": 0.57, "distracted": 0.28, "phantom": 0.15}
#: The same where there are outlines of real lesions to transplant. A fold has both patients of 4 transplants in 9.
OUTLINED_RECIPE_WEIGHTS = {"pasted": 0.45, "distracted": 0.25, "phantom": 0.10, "transplanted": 0.20}
#: The same where experts outlined lesions of many hospitals.
MANY_SOURCES_RECIPE_WEIGHTS = {"pasted": 0.40, "distracted": 0.22, "phantom": 0.03, "transplanted": 0.35}
#: Patient number of a sample that no patient is behind.
NO_PATIENT = -1
#: Columns of about.npy: patient, kind, donor, slice.
ABOUT_COLUMNS = 4
#: Kind of a sample without a lesion.
NO_LESION = -1
TRANSPLANTED = "transplanted"
KINDS = [*KIND_WEIGHTS, TRANSPLANTED]
#: A slice is clean when no slice up to this far from it bleeds.
CLEAN_REACH = 3
ATTEMPTS_MAX = 200


@dataclass(frozen=True)
class Pool:
    """All shards found in a folder, memory-mapped.

    hu_bytes: uint8 arrays [n, 5, 256, 256]; masks: uint8 arrays [n, 128, 128] (0..255); patients, kinds, donors, centres: int [total],
    donors being whose lesion was transplanted, or NO_PATIENT; centres: the patient's slice in the middle.
    """

    hu_bytes: list[np.ndarray]
    masks: list[np.ndarray]
    patients: np.ndarray
    kinds: np.ndarray
    donors: np.ndarray
    centres: np.ndarray

    def made_of(self, numbers: Iterable[int], grid: Grid = Grid.HALF) -> np.ndarray:
        """Bool [total]: samples in which there is nobody but these patients. On the full grid no phantoms: they are painted too coarsely."""
        allowed = [*numbers, NO_PATIENT]
        made = np.isin(self.patients, allowed) & np.isin(self.donors, allowed)
        return made & (self.patients != NO_PATIENT) if grid is Grid.FULL else made

    def sample(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """hu_bytes [5, 256, 256] and mask [128, 128] of one sample."""
        shard, within = divmod(index, SAMPLES_PER_SHARD)
        return self.hu_bytes[shard][within], self.masks[shard][within]

    def sample_on(self, grid: Grid, patients: dict[int, Patient], index: int) -> tuple[np.ndarray, np.ndarray]:
        """hu_bytes [5, G, G] and mask [G/2, G/2] of one sample; patients: of that grid. On the full grid it must not be a phantom."""
        hu_bytes, mask = self.sample(index)
        if grid is Grid.HALF:
            return hu_bytes, mask
        patient = patients[int(self.patients[index])]
        own = patient.hu_bytes[patient.window_indices(int(self.centres[index]))]
        fine, fine_mask = laid_over(*(torch.from_numpy(np.array(part)) for part in (hu_bytes, mask, own)))
        return fine.numpy(), fine_mask.numpy()


def no_pool() -> Pool:
    """A pool without samples."""
    nothing = np.zeros(0, np.int64)
    return Pool([], [], nothing, nothing, nothing, nothing)


def clean_centres(patients: dict[int, Patient]) -> list[tuple[int, int]]:
    """(patient, slice) of every slice with intracranial content that is far from any bleeding slice."""
    centres = []
    for number, patient in patients.items():
        for position in range(patient.slice_count):
            near = patient.bleeding[max(0, position - CLEAN_REACH) : position + CLEAN_REACH + 1]
            if patient.inside[position].any() and not near.any():
                centres.append((number, position))
    return centres


def canvas_of(patient: Patient, centre: int) -> Canvas:
    """A real SliceWindow to paint on."""
    indices = patient.window_indices(centre)
    return Canvas(
        hu=torch.from_numpy(patient.hu_bytes[indices]).float() / BYTES_PER_HU,
        inside=torch.from_numpy(patient.inside[indices]).float(),
        depth_mm=torch.from_numpy(patient.depth_mm[indices]).float(),
    )


def write_shard(folder: Path, patients: dict[int, Patient], seed: int, shard: int) -> None:
    """Paints SAMPLES_PER_SHARD samples and writes them as one shard; does nothing when it is there already."""
    target = folder / f"shard-{shard:03d}"
    if target.exists():
        return
    generator = torch.Generator().manual_seed(seed * 100_003 + shard)
    centres = clean_centres(patients)
    donors = outlined_places(patients)
    samples = [paint_sample(patients, _one_source(patients, centres, generator), donors, generator) for _ in range(SAMPLES_PER_SHARD)]
    partial = folder / f"partial-{shard:03d}"
    partial.mkdir(parents=True, exist_ok=True)
    np.save(partial / "hu.npy", np.stack([sample[0] for sample in samples]))
    np.save(partial / "mask.npy", np.stack([sample[1] for sample in samples]))
    np.save(partial / "about.npy", np.array([sample[2:] for sample in samples], dtype=np.int32))
    partial.rename(target)


def open_pool(folder: Path) -> Pool:
    """Opens every finished shard."""
    shards = sorted(folder.glob("shard-*"))
    if not shards:
        raise ValueError("the pool has no shard; make one first (make-pool)")
    about = np.concatenate([np.load(shard / "about.npy") for shard in shards])
    if about.shape[1] != ABOUT_COLUMNS:
        raise ValueError("the pool is of an earlier version; make it anew (make-pool)")
    return Pool(
        hu_bytes=[np.load(shard / "hu.npy", mmap_mode="r") for shard in shards],
        masks=[np.load(shard / "mask.npy", mmap_mode="r") for shard in shards],
        patients=about[:, 0],
        kinds=about[:, 1],
        donors=about[:, 2],
        centres=about[:, 3],
    )


def paint_sample(
    patients: dict[int, Patient], centres: list[tuple[int, int]], donors: list[list[tuple[int, int]]], generator: Generator
) -> tuple[np.ndarray, np.ndarray, int, int, int, int]:
    """One sample: hu_bytes [5, 256, 256], mask [128, 128], patient, kind, donor, slice.

    centres: clean slices to paint on; without any, only phantoms are painted. donors: outlined slices of each patient who has some.
    """
    weights = OUTLINED_RECIPE_WEIGHTS if donors else RECIPE_WEIGHTS
    if donors and len({patients[places[0][0]].source for places in donors}) > 1:
        weights = MANY_SOURCES_RECIPE_WEIGHTS
    recipe = list(weights)[choice(generator, list(weights.values()))] if centres else "phantom"
    wants_lesion = recipe in ("pasted", TRANSPLANTED) or (recipe == "phantom" and chance(generator, 0.5))
    for _ in range(ATTEMPTS_MAX):
        number, centre = NO_PATIENT, 0
        if recipe == "phantom":
            canvas = paint_head(generator)
        else:
            number, centre = centres[_below(len(centres), generator)]
            canvas = canvas_of(patients[number], centre)
        if recipe == "distracted":
            paint_distractors(canvas, generator, 1 + choice(generator, [1.0, 1.0, 1.0]))
        elif chance(generator, 0.3):
            paint_distractors(canvas, generator, 1)
        if not wants_lesion:
            return _packed(canvas), _packed_mask(torch.zeros_like(canvas.hu[0])), number, NO_LESION, NO_PATIENT, centre
        if recipe == TRANSPLANTED:
            places = donors[_below(len(donors), generator)]
            donor, source = places[_below(len(places), generator)]
            mask = transplant(canvas, patients[donor], source, generator) if donor != number else None
            painted = None if mask is None else (mask, TRANSPLANTED)
        else:
            donor, painted = NO_PATIENT, paint_lesion(canvas, generator)
        if painted is not None:
            mask, kind = painted
            return _packed(canvas), _packed_mask(mask), number, KINDS.index(kind), donor, centre
    raise RuntimeError(f"no lesion would show in {ATTEMPTS_MAX} attempts")


def _one_source(
    patients: dict[int, Patient], centres: list[tuple[int, int]], generator: Generator
) -> list[tuple[int, int]]:
    """The places of one source, which counts as much as the square root of its places; all of them when there is one."""
    by_source: dict[str, list[tuple[int, int]]] = {}
    for place in centres:
        by_source.setdefault(patients[place[0]].source, []).append(place)
    if len(by_source) < 2:
        return centres
    return list(by_source.values())[choice(generator, [len(places) ** 0.5 for places in by_source.values()])]


def _below(count: int, generator: Generator) -> int:
    return int(torch.randint(count, (), generator=generator))


def _packed(canvas: Canvas) -> np.ndarray:
    return (canvas.windowed() * BYTES_PER_HU).round().to(torch.uint8).numpy()


def _packed_mask(mask: torch.Tensor) -> np.ndarray:
    small = functional.avg_pool2d(mask[None, None], WORKING_PER_MASK)[0, 0]
    return (small * 255.0).round().to(torch.uint8).numpy()
