"""Patient-level cross-validation, and the bundle that comes out of it.

Each fold trains one or more members on the patients that it does not hold out. Held-out scores give the reported figures, the
calibration and the operating points. Further members may be trained on everyone: they have seen half as many patients again, and
nobody is left to measure them on. The shipped network is the mean of all members, so each patient helped to train some of them:
figures are those of a fold's members on patients they never saw.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from bloodnet_training.batches import BatchSource
from bloodnet_training.bundle import BundleContent, write_bundle
from bloodnet_training.by_source import MaskedPatient, mask_figures, masked_patients, slices_of, source_figures
from bloodnet_training.calibration import Calibration, choose_operating_points, fit_platt
from bloodnet_training.constants import MASK_THRESHOLD
from bloodnet_training.evaluate import (
    auc_figures,
    calibrated,
    pasted_lesion_dice,
    score_normal_series,
    score_patients,
    slice_recall_by_subtype,
    study_sensitivity_by_extent,
    threshold_table,
)
from bloodnet_training.grid import Grid
from bloodnet_training.metrics import ScoredPatient, mean_with_interval
from bloodnet_training.network import BloodNet, Variant
from bloodnet_training.patients import STUDIES, Patient
from bloodnet_training.pool import Pool
from bloodnet_training.schedule import Step, finetuning, many_sources, steps_for
from bloodnet_training.served_graph import ServedBloodNet, shares_of
from bloodnet_training.splits import patient_folds, training_patients
from bloodnet_training.trainer import TrainingRun, load_network, train
from bloodnet_training.window import Window

#: Few, so that the check costs seconds of CPU.
PASTED_SAMPLES_PER_FOLD = 40
#: Keeps the seeds of a fold's members apart from those of the other folds.
MEMBER_SEED_STRIDE = 100
#: Stands where a fold's number would, for members that are trained on every patient.
EVERYONE = 50
THRESHOLDS_SHOWN = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class FoldPlan:
    """How the folds are cut and trained, and what of it is served.

    fold_members_served: of each fold the first so many members; further ones count in the figures, and are served through those on
    everyone. finetuned_from: the work folder of another plan whose members are trained on at full resolution for finetuning_images,
    and nothing else is. known: patients that the start weights have seen: they train in every fold and no fold holds them out.
    seen: patients that the start weights have seen and that are held out all the same, because operating points need them; the figures
    of the others stand beside those of all. many_sources: there are slices of other hospitals beside the studies; all are cut to the
    brain window then. mirrored: a slice's score is the mean of its own and of its mirror image's, held out and served.
    """

    variant: Variant
    folds: int
    split_seed: int
    images: int
    seed: int
    start_weights: Path | None = None
    refining_images: int = 0
    members_per_fold: int = 1
    members_on_everyone: int = 0
    bfloat16: bool = False
    fold_members_served: int | None = None
    finetuned_from: Path | None = None
    finetuning_images: int = 0
    known: tuple[int, ...] = ()
    many_sources: bool = False
    seen: tuple[int, ...] = ()
    mirrored: bool = False

    @property
    def window(self) -> Window:
        """What the plan's own members see."""
        return Window.CUT if self.many_sources else Window.SQUEEZED

    def held_out(self, patients: dict[int, Patient]) -> list[tuple[int, ...]]:
        """Numbers that each fold holds out."""
        return patient_folds(patients, self.folds, self.split_seed, self.known)

    @property
    def grid(self) -> Grid:
        """What the plan's own members work on; members that joined it may work on another."""
        return Grid.FULL if self.finetuned_from else Grid.HALF

    @property
    def members(self) -> list[tuple[int, int]]:
        """(fold, member) of every network, member by member, so that each fold has one before any has two; then EVERYONE's."""
        of_folds = [(fold, member) for member in range(self.members_per_fold) for fold in range(self.folds)]
        return of_folds + [(EVERYONE, member) for member in range(self.members_on_everyone)]

    @property
    def served(self) -> list[tuple[int, int]]:
        """(fold, member) of every network in the served mean."""
        per_fold = self.members_per_fold if self.fold_members_served is None else self.fold_members_served
        return [(fold, member) for fold, member in self.members if fold == EVERYONE or member < per_fold]

    @property
    def scored_by(self) -> str:
        """What gives a held-out patient its score, in words."""
        return "single members" if self.members_per_fold == 1 else f"means of {self.members_per_fold} members"

    @property
    def precision(self) -> str:
        """What it is computed in, in words."""
        return "bfloat16 forward and backward, float32 weights" if self.bfloat16 else "float32"

    def member_seed(self, fold: int, member: int) -> int:
        """Training seed of one network."""
        return self.seed + fold + member * MEMBER_SEED_STRIDE


def checkpoint_of(folder: Path, plan: FoldPlan, fold: int, member: int = 0) -> Path:
    """Where the checkpoint of a fold's member lies."""
    place = "everyone" if fold == EVERYONE else f"fold-{fold}"
    return folder / f"{plan.variant.value}-{place}-member-{member}.pt"


def seeds_served(folder: Path, plan: FoldPlan) -> list[int]:
    """Training seeds of the served networks that the plan trained itself: those of its kind. Networks that joined it had others."""
    own = (plan.window, plan.grid)
    return [
        plan.member_seed(*place)
        for place in plan.served
        if load_network(checkpoint_of(folder, plan, *place), plan.variant).kind == own
    ]


def steps_of(plan: FoldPlan, outlined: bool) -> list[Step]:
    """The steps of every network of the plan; outlined: there are masks of real blood."""
    if plan.many_sources:
        return many_sources(plan.finetuning_images) if plan.finetuned_from else many_sources(plan.images, plan.refining_images)
    if plan.finetuned_from:
        return finetuning(plan.finetuning_images, outlined)
    return steps_for(plan.variant, plan.images, plan.refining_images, outlined)


def start_of(plan: FoldPlan, fold: int, member: int) -> Path | None:
    """The checkpoint that a network starts from; None: from random weights."""
    return checkpoint_of(plan.finetuned_from, plan, fold, member) if plan.finetuned_from else plan.start_weights


def train_member(
    folder: Path, patients: dict[int, Patient], pool: Pool, plan: FoldPlan, fold: int, member: int = 0
) -> None:
    """Trains one member of a fold to the end (resuming) and writes its held-out scores beside its checkpoint.

    For the fold EVERYONE nobody is held out, and there are no scores.
    """
    held_out = () if fold == EVERYONE else plan.held_out(patients)[fold]
    trained_on = {number: patients[number] for number in training_patients(patients, held_out)}
    seed = plan.member_seed(fold, member)
    source = BatchSource(trained_on, pool, seed, plan.grid, plan.window)
    run = TrainingRun(
        variant=plan.variant,
        steps=steps_of(plan, source.has_outlines),
        source=source,
        checkpoint=checkpoint_of(folder, plan, fold, member),
        seed=seed,
        start_weights=start_of(plan, fold, member),
        bfloat16=plan.bfloat16,
    )
    network = train(run)
    if held_out:
        write_scores(run.checkpoint, score_patients(network, [patients[number] for number in held_out], plan.mirrored))


def adopt_members(folder: Path, patients: dict[int, Patient], plan: FoldPlan, earlier: list[BloodNet], member: int) -> None:
    """Takes the members of an earlier bundle in as this member of the plan's folds; those that it has beyond the folds become members
    of EVERYONE, from this one on.

    They must have been trained with the same folds. patients: windowed as those members were trained to see them.
    """
    folds = plan.held_out(patients)
    for position, network in enumerate(earlier):
        beyond = position - plan.folds
        fold, number = (position, member) if beyond < 0 else (EVERYONE, member + beyond)
        checkpoint = checkpoint_of(folder, plan, fold, number)
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        if fold != EVERYONE:
            write_scores(checkpoint, score_patients(network, [patients[number] for number in folds[fold]]))
        torch.save({"average": network.state_dict(), "window": network.window.value}, checkpoint)


def held_out_scores(folder: Path, patients: dict[int, Patient], plan: FoldPlan) -> list[ScoredPatient]:
    """Out-of-fold logits of every patient, the mean of the fold's members as they would be served; refuses scores that are missing or
    doubled.
    """
    scored = []
    for fold in range(plan.folds):
        members = [load_network(checkpoint_of(folder, plan, fold, member), plan.variant) for member in range(plan.members_per_fold)]
        shares = shares_of(members)
        by_member = [
            json.loads(checkpoint_of(folder, plan, fold, member).with_suffix(".json").read_text())
            for member in range(plan.members_per_fold)
        ]
        for number in by_member[0]:
            logits = np.average([content[number] for content in by_member], axis=0, weights=shares)
            scored.append(ScoredPatient(int(number), patients[int(number)].bleeding, logits))
    if sorted(one.number for one in scored) != sorted(set(patients) - set(plan.known)):
        raise ValueError("the folds do not hold out every patient exactly once")
    return scored


def cross_validation_report(folder: Path, patients: dict[int, Patient], plan: FoldPlan) -> dict:
    """Figures of the held-out scores as plain JSON values."""
    everyone = held_out_scores(folder, patients, plan)
    scored, slices = _studies_and_slices(everyone, patients)
    calibration = fit_platt(*_groups(scored, slices))
    probabilities = calibrated(scored, calibration)
    points = choose_operating_points(probabilities, also_quiet=_groups(calibrated(slices, calibration)))
    default = next(point for point in points if point.default)
    return {
        "what": f"{plan.folds}-fold patient-level cross-validation, out-of-fold, {plan.scored_by}",
        "patients": len(scored),
        "bleedingPatients": sum(one.study_label for one in scored),
        "slices": int(sum(len(one.labels) for one in scored)),
        "splitSeed": plan.split_seed,
        "trainingSeed": plan.seed,
        "membersPerFold": plan.members_per_fold,
        "imagesPerMember": plan.images + plan.refining_images,
        **{name: figure.as_json() for name, figure in auc_figures(scored).items()},
        **_unseen_figures(scored, plan),
        "byFold": _by_fold(scored, patients, plan),
        "thresholds": threshold_table(probabilities, THRESHOLDS_SHOWN),
        "sliceSensitivityBySubtype": slice_recall_by_subtype(probabilities, patients, default.threshold),
        "studySensitivityByExtent": study_sensitivity_by_extent(probabilities, default.threshold),
        "bySource": {source: source_figures(found) for source, found in slices_of(everyone, patients).items()} if slices else {},
    }


def _unseen_figures(scored: Sequence[ScoredPatient], plan: FoldPlan) -> dict:
    """The AUCs of those studies that the start weights have not seen either; nothing where they have seen none."""
    unseen = [one for one in scored if one.number not in plan.seen]
    if not plan.seen or not unseen:
        return {}
    counts = {"patients": len(unseen), "bleedingPatients": sum(one.study_label for one in unseen)}
    return {"unseenByStart": counts | {name: figure.as_json() for name, figure in auc_figures(unseen).items()}}


def _studies_and_slices(
    scored: Sequence[ScoredPatient], patients: dict[int, Patient]
) -> tuple[list[ScoredPatient], list[ScoredPatient]]:
    """Scored studies, and scored single slices in which there is brain."""
    studies = [one for one in scored if patients[one.number].source == STUDIES]
    slices = [one for one in scored if patients[one.number].source != STUDIES and patients[one.number].inside.any()]
    return studies, slices


def _groups(*groups: Sequence[ScoredPatient]) -> list[Sequence[ScoredPatient]]:
    """Those groups in which there is somebody."""
    return [group for group in groups if group]


def pasted_dice_report(folder: Path, patients: dict[int, Patient], pool: Pool, plan: FoldPlan) -> dict:
    """Dice of each fold's first member on lesions pasted into slices of patients that it did not see."""
    by_kind: dict[str, list[float]] = {}
    for fold, held_out in enumerate(plan.held_out(patients)):
        network = load_network(checkpoint_of(folder, plan, fold), plan.variant)
        unseen = {number: patients[number] for number in held_out}
        for kind, values in pasted_lesion_dice(network, pool, unseen, PASTED_SAMPLES_PER_FOLD).items():
            by_kind.setdefault(kind, []).extend(values)
    every = [value for values in by_kind.values() for value in values]
    return {
        "what": "SYNTHETIC lesions pasted into held-out real slices; says nothing about real bleeds",
        "samples": len(every),
        "meanDice": round(float(np.mean(every)), 4),
        "meanDiceByKind": {kind: round(float(np.mean(values)), 4) for kind, values in sorted(by_kind.items())},
    }


def outline_dice_report(folder: Path, patients: dict[int, Patient], plan: FoldPlan) -> dict | None:
    """Dice of each fold's first member over the whole heads of held-out bleeding patients whose blood was outlined; None without any.

    Studies first; what there is of other sources stands in `bySource`.
    """
    found: list[MaskedPatient] = []
    for fold, held_out in enumerate(plan.held_out(patients)):
        outlined = [patients[number] for number in held_out if patients[number].outlined.any()]
        if outlined:
            network = load_network(checkpoint_of(folder, plan, fold), plan.variant)
            found += masked_patients(network, outlined)
    studies = [one for one in found if one.source == STUDIES]
    if not studies:
        return None
    by_source: dict[str, list[MaskedPatient]] = {}
    for one in found:
        if one.source != STUDIES:
            by_source.setdefault(one.source, []).append(one)
    return {
        "what": f"Dice over the whole head of held-out bleeding patients, mask at {MASK_THRESHOLD} against the outline, "
        "first member of the fold",
        "patients": len(studies),
        "meanDice": mean_with_interval([one.dice for one in studies]).as_json(),
        "volumeBias": mask_figures(studies)["volumeBias"],
        "dice": [round(one.dice, 4) for one in studies],
        "bySource": {source: mask_figures(masked) for source, masked in sorted(by_source.items())},
    }


def write_cross_validated_bundle(
    target: Path,
    folder: Path,
    patients: dict[int, Patient],
    pool: Pool,
    plan: FoldPlan,
    version: str,
    training: dict,
    normals: Sequence[Path] = (),
) -> None:
    """The mean of the folds' members with calibration and operating points from the held-out scores.

    patients: of the grid of each fold's first member. normals: DICOM series without blood that no member was trained on; they count as
    studies when the operating points are chosen, and nowhere else.
    """
    scored, slices = _studies_and_slices(held_out_scores(folder, patients, plan), patients)
    calibration: Calibration = fit_platt(*_groups(scored, slices))
    members = [load_network(checkpoint_of(folder, plan, *place), plan.variant) for place in plan.served]
    served = ServedBloodNet(members, calibration.scale, calibration.offset, plan.mirrored)
    others = [score_normal_series(served, one, -number) for number, one in enumerate(normals, start=1)]
    content = BundleContent(
        version=version,
        calibration=calibration,
        calibration_source=f"out-of-fold study scores (maximum logit over slices) of {plan.scored_by}",
        operating_points=choose_operating_points(
            calibrated([*scored, *others], calibration),
            _whose(len(others), len(slices)),
            _groups(calibrated(slices, calibration)),
        ),
        training=training,
        evaluation={
            "crossValidation": cross_validation_report(folder, patients, plan),
            "syntheticLesions": pasted_dice_report(folder, patients, pool, plan),
            "outlines": outline_dice_report(folder, patients, plan),
        },
    )
    write_bundle(target, served, content)


def _whose(normals: int, slices: int) -> str:
    """Of whom the probabilities are that operating points are chosen on."""
    also = f" and of {normals} normal series of other scanners" if normals else ""
    quiet = f", where {slices} single slices of other hospitals have that specificity too" if slices else ""
    return f"the training patients{also}{quiet}"


def _by_fold(scored: Sequence[ScoredPatient], patients: dict[int, Patient], plan: FoldPlan) -> list[dict]:
    by_number = {one.number: one for one in scored}
    report = []
    for everyone in plan.held_out(patients):
        held_out = [number for number in everyone if number in by_number]
        figures = auc_figures([by_number[number] for number in held_out])
        report.append({"heldOut": list(held_out)} | {name: figure.as_json() for name, figure in figures.items()})
    return report


def write_scores(checkpoint: Path, scored: list[ScoredPatient]) -> None:
    """Writes held-out scores beside a member's checkpoint, where `held_out_scores` finds them."""
    content = {str(one.number): [round(float(logit), 5) for logit in one.scores] for one in scored}
    checkpoint.with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n")
