"""The members of a plan side by side on one device; checkpoints and held-out scores lie where `crossval.py` looks for them.

A second round goes on from finished members and has what a first one cannot have: outlines of real blood, drawn by each network
on its own training patients, and those lesions transplanted into clean slices (`transplants.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from bloodnet_training.crossval import EVERYONE, FoldPlan, checkpoint_of, write_scores
from bloodnet_training.ct_ich import Patient
from bloodnet_training.draws import Draws
from bloodnet_training.metrics import ScoredPatient
from bloodnet_training.pool import SAMPLES_PER_SHARD, Pool
from bloodnet_training.resident import Residents, take_in
from bloodnet_training.schedule import Step, second_round, steps_for
from bloodnet_training.splits import patient_folds, training_patients
from bloodnet_training.together import Learner, score, train_together
from bloodnet_training.transplants import own_masks, transplants

#: Transplants asked for per network; about three in four find a slice at their level of the head.
TRANSPLANTS = 2000
#: Keeps the draws of the second round apart from the first's.
SECOND_ROUND_SEED = 1000


@dataclass(frozen=True)
class Rounds:
    """What is trained, from what, and where; say gets a line per step."""

    folder: Path
    patients: dict[int, Patient]
    pool: Pool
    plan: FoldPlan
    device: torch.device
    say: Callable[[str], None] = print


def train_first_round(rounds: Rounds) -> None:
    """Trains every member of the plan that has no checkpoint yet."""
    plan = rounds.plan
    places = _missing(rounds, plan.members)
    if not places:
        return
    start = torch.load(plan.start_weights, weights_only=True)["average"] if plan.start_weights else None
    residents, learners = _learners(rounds, places, 0, {place: start for place in places})
    _train(rounds, residents, learners, steps_for(plan.variant, plan.images, 0, bool(residents.expert_masks)))


def train_second_round(rounds: Rounds, first_folder: Path, places: list[tuple[int, int]]) -> None:
    """Goes on from the members (fold, member) in first_folder, for those that have no checkpoint in the rounds' folder yet."""
    places = _missing(rounds, places)
    if not places:
        return
    starts = {
        place: torch.load(checkpoint_of(first_folder, rounds.plan, *place), weights_only=True)["average"]
        for place in places
    }
    residents, learners = _learners(rounds, places, SECOND_ROUND_SEED, starts)
    for learner in learners.values():
        draws = learner.draws
        masks = own_masks(learner.average, residents, draws)
        draws.know_masks(masks)
        draws.transplants = transplants(residents, draws, masks, TRANSPLANTS, draws.seed - SECOND_ROUND_SEED)
        rounds.say(
            f"outlined {int((masks > 0).sum())} of {len(masks)} bleeding slices, "
            f"{len(draws.transplants.masks)} transplants"
        )
    _train(rounds, residents, learners, second_round(rounds.plan.second_images))


def _missing(rounds: Rounds, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [place for place in places if not checkpoint_of(rounds.folder, rounds.plan, *place).exists()]


def _learners(
    rounds: Rounds, places: list[tuple[int, int]], draws_seed: int, starts: dict[tuple[int, int], dict[str, Tensor] | None]
) -> tuple[Residents, dict[tuple[int, int], Learner]]:
    plan, patients, shards = rounds.plan, rounds.patients, len(rounds.pool.hu_bytes)
    bleeding = sum(int(patient.bleeding.sum()) for patient in patients.values())
    room = shards * SAMPLES_PER_SHARD + TRANSPLANTS * len(places)
    residents = Residents(patients, rounds.device, window_room=room, mask_room=bleeding * len(places))
    pool = take_in(residents, rounds.pool)
    folds = patient_folds(patients, plan.folds, plan.split_seed)
    learners = {}
    for fold, member in places:
        seed = plan.member_seed(fold, member)
        held_out = () if fold == EVERYONE else folds[fold]
        draws = Draws(residents, training_patients(patients, held_out), seed + draws_seed)
        draws.use_pool(pool)
        learners[(fold, member)] = Learner(plan.variant, draws, residents, seed, starts[(fold, member)])
    return residents, learners


def _train(
    rounds: Rounds, residents: Residents, learners: dict[tuple[int, int], Learner], steps: list[Step]
) -> None:
    for step in steps:
        train_together(list(learners.values()), step, rounds.say)
    folds = patient_folds(rounds.patients, rounds.plan.folds, rounds.plan.split_seed)
    for (fold, member), learner in learners.items():
        checkpoint = checkpoint_of(rounds.folder, rounds.plan, fold, member)
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        if fold != EVERYONE:
            write_scores(checkpoint, [_scored(learner, residents, number) for number in folds[fold]])
        torch.save({"average": {name: value.cpu() for name, value in learner.average.state_dict().items()}}, checkpoint)


def _scored(learner: Learner, residents: Residents, number: int) -> ScoredPatient:
    patient = residents.patients[number]
    windows = residents.windows((number, position) for position in range(patient.slice_count))
    return ScoredPatient(number, patient.bleeding, score(learner.average, residents, windows))
