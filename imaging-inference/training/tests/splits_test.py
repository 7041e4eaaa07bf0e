"""No patient is ever on both sides, neither by slices nor by what was painted on them."""

import numpy as np
import pytest
from fakes import blank_patients

from bloodnet_training.batches import BatchSource
from bloodnet_training.pool import NO_PATIENT, SAMPLES_PER_SHARD, Pool
from bloodnet_training.splits import patient_folds, training_patients


def it_holds_out_every_patient_exactly_once():
    patients = blank_patients(positives=5, negatives=8)
    held_out = [number for fold in patient_folds(patients, folds=4) for number in fold]
    assert sorted(held_out) == sorted(patients)


def it_spreads_positive_patients_evenly():
    patients = blank_patients(positives=6, negatives=6)
    counts = [sum(patients[number].is_positive for number in fold) for fold in patient_folds(patients, folds=3)]
    assert counts == [2, 2, 2]


def it_never_trains_on_a_held_out_patient():
    patients = blank_patients(positives=4, negatives=6)
    for held_out in patient_folds(patients, folds=2):
        assert not set(held_out) & set(training_patients(patients, held_out))


def it_gives_the_same_folds_for_the_same_seed_and_others_for_another():
    patients = blank_patients(positives=6, negatives=12)
    assert patient_folds(patients, 3, seed=1) == patient_folds(patients, 3, seed=1)
    assert patient_folds(patients, 3, seed=1) != patient_folds(patients, 3, seed=2)


def it_draws_no_pool_sample_painted_on_a_held_out_patient():
    patients = blank_patients(positives=4, negatives=4)
    held_out = patient_folds(patients, folds=2)[0]
    painted_on = np.resize([*patients, NO_PATIENT], SAMPLES_PER_SHARD)
    nobody = np.full(SAMPLES_PER_SHARD, NO_PATIENT)
    pool = Pool([], [], painted_on, np.resize([-1, 0], SAMPLES_PER_SHARD), nobody, nobody)
    source = BatchSource({number: patients[number] for number in training_patients(patients, held_out)}, pool, seed=0)
    drawn_from = set(painted_on[source.pool_lesions]) | set(painted_on[source.pool_negatives])
    assert not drawn_from & set(held_out)
    assert NO_PATIENT in drawn_from


def it_draws_no_transplant_of_a_held_out_patients_lesion():
    patients = blank_patients(positives=4, negatives=4)
    held_out = patient_folds(patients, folds=2)[0]
    trained_on = training_patients(patients, held_out)
    donors = np.resize([*patients], SAMPLES_PER_SHARD)
    pool = Pool([], [], np.full(SAMPLES_PER_SHARD, trained_on[0]), np.zeros(SAMPLES_PER_SHARD, int), donors, donors)
    source = BatchSource({number: patients[number] for number in trained_on}, pool, seed=0)
    assert set(donors[source.pool_lesions]) == set(trained_on)


def it_refuses_held_out_patients_that_do_not_exist():
    with pytest.raises(ValueError, match="1 held-out patients"):
        training_patients(blank_patients(1, 1), held_out=(99,))
