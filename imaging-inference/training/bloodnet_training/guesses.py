"""Masks that another program drew, for bleeding slices that nobody outlined: targets of training, never of a figure.

A .npz file: numbers int [n], as `load_slices` numbers the slices; masks uint8 [n, 128, 128] (0..255), on the grid that is painted on.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from bloodnet_training.patients import Patient

#: Fewer mask pixels (0.3 cm2) are no guess: noise of the program.
PIXELS_MIN = 10


def with_guesses(patients: dict[int, Patient], file: Path) -> dict[int, Patient]:
    """The same patients, those of the file with its masks as guesses. Raises ValueError for a number that nobody has."""
    with np.load(file) as stored:
        guessed = dict(zip(stored["numbers"].tolist(), stored["masks"], strict=True))
    unknown = set(guessed) - set(patients)
    if unknown:
        raise ValueError(f"{len(unknown)} guesses are of nobody")
    believed = {number: mask for number, mask in guessed.items() if (mask >= 128).sum() >= PIXELS_MIN}
    return patients | {number: replace(patients[number], guesses=mask[None]) for number, mask in believed.items()}
