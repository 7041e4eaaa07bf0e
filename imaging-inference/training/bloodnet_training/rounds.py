"""All members of a plan at once on one device, in one or two rounds; checkpoints and scores lie where `crossval.py` looks for them.

The second round has what the first one cannot have: outlines of real blood, drawn by the network of the first round on its own
training patients, and those lesions transplanted into clean slices (`transplants.py`).
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from bloodnet_training.crossval import EVERYONE, FoldPlan, checkpoint_of, write_scores
from bloodnet_training.ct_ich import Patient
from bloodnet_training.draws import Draws
from bloodnet_training.metrics import ScoredPatient
from bloodnet_training.pool import SAMPLES_PER_SHARD, Pool
from bloodnet_training.resident import ResidentPool, Residents, take_in
from bloodnet_training.schedule import second_round, steps_for
from bloodnet_training.splits import patient_folds, training_patients
from bloodnet_training.together import Learner, score, train_together
from bloodnet_training.transplants import own_masks, transplants

#: Transplants asked for per network; about three in five find a slice at their level of the head.
TRANSPLANTS = 2000
#: Keeps the draws of the second round apart from the first's.
SECOND_ROUND_SEED = 1000


def train_all(
    folder: Path,
    patients: dict[int, Patient],
    pool: Pool,
    plan: FoldPlan,
    second_images: int,
    device: torch.device,
    say: Callable[[str], None] = print,
) -> None:
    """Trains every member of the plan that has no checkpoint yet, all of them side by side; second_images 0 leaves out the second round."""
    missing = [place for place in plan.members if not checkpoint_of(folder, plan, *place).exists()]
    if not missing:
        return
    outlines = sum(int(patient.bleeding.sum()) for patient in patients.values())
    window_room = len(pool.hu_bytes) * SAMPLES_PER_SHARD + TRANSPLANTS * len(missing)
    residents = Residents(patients, device, window_room, outlines * len(missing))
    resident_pool = take_in(residents, pool, range(len(pool.hu_bytes)))
    folds = patient_folds(patients, plan.folds, plan.split_seed)
    start = torch.load(plan.start_weights, weights_only=True)["average"] if plan.start_weights else None

    def learner_of(fold: int, member: int) -> Learner:
        held_out = () if fold == EVERYONE else folds[fold]
        seed = plan.member_seed(fold, member)
        draws = Draws(residents, training_patients(patients, held_out), seed)
        draws.use_pool(resident_pool)
        return Learner(plan.variant, draws, residents, seed, start)

    learners = [learner_of(*place) for place in missing]
    outlined = bool(residents.expert_masks)
    for step in steps_for(plan.variant, plan.images, 0, outlined):
        train_together(learners, step, say=say)
    if second_images:
        learners = [_for_second_round(learner, residents, resident_pool, say) for learner in learners]
        for step in second_round(second_images):
            train_together(learners, step, say=say)
    for (fold, member), learner in zip(missing, learners, strict=True):
        checkpoint = checkpoint_of(folder, plan, fold, member)
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        if fold != EVERYONE:
            write_scores(checkpoint, [_scored(learner, residents, number) for number in folds[fold]])
        torch.save({"average": {name: value.cpu() for name, value in learner.average.state_dict().items()}}, checkpoint)


def _for_second_round(
    learner: Learner, residents: Residents, pool: ResidentPool, say: Callable[[str], None]
) -> Learner:
    draws = Draws(residents, learner.draws.trained_on, learner.draws.seed + SECOND_ROUND_SEED)
    draws.use_pool(pool)
    masks = own_masks(learner.average, residents, draws)
    draws.know_masks(masks)
    draws.transplants = transplants(residents, draws, masks, TRANSPLANTS, learner.draws.seed)
    say(f"outlined {int((masks > 0).sum())} of {len(masks)} bleeding slices, {len(draws.transplants.masks)} transplants")
    return learner.branch(draws)


def _scored(learner: Learner, residents: Residents, number: int) -> ScoredPatient:
    patient = residents.patients[number]
    windows = residents.windows((number, position) for position in range(patient.slice_count))
    return ScoredPatient(number, patient.bleeding, np.asarray(score(learner.average, residents, windows)))
