"""Patient-level splits: a patient is never on both sides."""

from collections.abc import Collection

import numpy as np

from bloodnet_training.patients import Patient

FOLDS = 3


def patient_folds(
    patients: dict[int, Patient], folds: int = FOLDS, seed: int = 0, known: Collection[int] = ()
) -> list[tuple[int, ...]]:
    """Held-out patient numbers per fold, positives and negatives of each source spread evenly.

    Everyone is held out exactly once, together with whoever is the same person, but for those that are known: start weights have seen
    them, so they are held out by no fold.
    """
    persons: dict[str, list[int]] = {}
    for number, patient in sorted(patients.items()):
        if number not in known:
            persons.setdefault(patient.person, []).append(number)
    if not 2 <= folds <= len(persons):
        raise ValueError(f"folds must be 2..{len(persons)}, was {folds}")
    strata: dict[tuple[bool, str], list[list[int]]] = {}
    for numbers in persons.values():
        positive = any(patients[number].is_positive for number in numbers)
        strata.setdefault((not positive, patients[numbers[0]].source), []).append(numbers)
    order = np.random.default_rng(seed)
    held_out: list[list[int]] = [[] for _ in range(folds)]
    next_fold = 0
    for _, people in sorted(strata.items()):
        for place in order.permutation(len(people)):
            held_out[next_fold].extend(people[place])
            next_fold = (next_fold + 1) % folds
    return [tuple(sorted(numbers)) for numbers in held_out]


def training_patients(patients: dict[int, Patient], held_out: tuple[int, ...]) -> tuple[int, ...]:
    """Everyone who is not held out."""
    unknown = set(held_out) - set(patients)
    if unknown:
        raise ValueError(f"{len(unknown)} held-out patients are not in the data")
    return tuple(number for number in sorted(patients) if number not in held_out)
