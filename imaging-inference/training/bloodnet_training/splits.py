"""Patient-level splits: a patient is never on both sides."""

import numpy as np

from bloodnet_training.patients import Patient

FOLDS = 3


def patient_folds(patients: dict[int, Patient], folds: int = FOLDS, seed: int = 0) -> list[tuple[int, ...]]:
    """Held-out patient numbers per fold, positives and negatives spread evenly; every patient is held out exactly once."""
    if not 2 <= folds <= len(patients):
        raise ValueError(f"folds must be 2..{len(patients)}, was {folds}")
    order = np.random.default_rng(seed)
    held_out: list[list[int]] = [[] for _ in range(folds)]
    next_fold = 0
    for positive in (True, False):
        numbers = [number for number, patient in sorted(patients.items()) if patient.is_positive == positive]
        for number in order.permutation(numbers):
            held_out[next_fold].append(int(number))
            next_fold = (next_fold + 1) % folds
    return [tuple(sorted(numbers)) for numbers in held_out]


def training_patients(patients: dict[int, Patient], held_out: tuple[int, ...]) -> tuple[int, ...]:
    """Everyone who is not held out."""
    unknown = set(held_out) - set(patients)
    if unknown:
        raise ValueError(f"{len(unknown)} held-out patients are not in the data")
    return tuple(number for number in sorted(patients) if number not in held_out)
