"""Patient-level cross-validation, and the bundle that comes out of it.

Each fold trains one member on the patients that it does not hold out. Held-out scores give the reported figures, the
calibration and the operating points. The shipped network is the mean of the members, so each patient helped to train some of them:
figures are those of single members on patients they never saw.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bloodnet_training.batches import BatchSource
from bloodnet_training.bundle import BundleContent, write_bundle
from bloodnet_training.calibration import Calibration, choose_operating_points, fit_platt
from bloodnet_training.ct_ich import Patient
from bloodnet_training.evaluate import (
    auc_figures,
    calibrated,
    pasted_lesion_dice,
    score_patients,
    slice_recall_by_subtype,
    study_sensitivity_by_extent,
    threshold_table,
)
from bloodnet_training.metrics import ScoredPatient
from bloodnet_training.network import Variant
from bloodnet_training.pool import Pool
from bloodnet_training.schedule import steps_for
from bloodnet_training.served_graph import ServedBloodNet
from bloodnet_training.splits import patient_folds, training_patients
from bloodnet_training.trainer import TrainingRun, load_network, train

#: Few, so that the check costs seconds of CPU.
PASTED_SAMPLES_PER_FOLD = 40
THRESHOLDS_SHOWN = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class FoldPlan:
    """How the folds are cut and trained."""

    variant: Variant
    folds: int
    split_seed: int
    images: int
    seed: int
    start_weights: Path | None = None
    refining_images: int = 0


def checkpoint_of(folder: Path, plan: FoldPlan, fold: int) -> Path:
    """Where a fold's checkpoint lies."""
    return folder / f"{plan.variant.value}-fold-{fold}.pt"


def train_fold(folder: Path, patients: dict[int, Patient], pool: Pool, plan: FoldPlan, fold: int) -> None:
    """Trains one fold to the end (resuming) and writes the held-out scores beside its checkpoint."""
    held_out = patient_folds(patients, plan.folds, plan.split_seed)[fold]
    trained_on = {number: patients[number] for number in training_patients(patients, held_out)}
    seed = plan.seed + fold
    run = TrainingRun(
        variant=plan.variant,
        steps=steps_for(plan.variant, plan.images, plan.refining_images),
        source=BatchSource(trained_on, pool, seed),
        checkpoint=checkpoint_of(folder, plan, fold),
        seed=seed,
        start_weights=plan.start_weights,
    )
    network = train(run)
    scored = score_patients(network, [patients[number] for number in held_out])
    _write_scores(run.checkpoint.with_suffix(".json"), scored)


def held_out_scores(folder: Path, patients: dict[int, Patient], plan: FoldPlan) -> list[ScoredPatient]:
    """Out-of-fold logits of every patient; refuses scores that are missing or doubled."""
    scored = []
    for fold in range(plan.folds):
        content = json.loads(checkpoint_of(folder, plan, fold).with_suffix(".json").read_text())
        for number, logits in content.items():
            scored.append(ScoredPatient(int(number), patients[int(number)].bleeding, np.array(logits)))
    if sorted(one.number for one in scored) != sorted(patients):
        raise ValueError("the folds do not hold out every patient exactly once")
    return scored


def cross_validation_report(folder: Path, patients: dict[int, Patient], plan: FoldPlan) -> dict:
    """Figures of the held-out scores as plain JSON values."""
    scored = held_out_scores(folder, patients, plan)
    calibration = fit_platt(scored)
    probabilities = calibrated(scored, calibration)
    points = choose_operating_points(probabilities)
    default = next(point for point in points if point.default)
    return {
        "what": f"{plan.folds}-fold patient-level cross-validation, out-of-fold, single members",
        "patients": len(scored),
        "bleedingPatients": sum(one.study_label for one in scored),
        "slices": int(sum(len(one.labels) for one in scored)),
        "splitSeed": plan.split_seed,
        "trainingSeed": plan.seed,
        "imagesPerFold": plan.images + plan.refining_images,
        **{name: figure.as_json() for name, figure in auc_figures(scored).items()},
        "byFold": _by_fold(folder, patients, plan),
        "thresholds": threshold_table(probabilities, THRESHOLDS_SHOWN),
        "sliceSensitivityBySubtype": slice_recall_by_subtype(probabilities, patients, default.threshold),
        "studySensitivityByExtent": study_sensitivity_by_extent(probabilities, default.threshold),
    }


def pasted_dice_report(folder: Path, patients: dict[int, Patient], pool: Pool, plan: FoldPlan) -> dict:
    """Dice of each fold's member on lesions pasted into slices of patients that it did not see."""
    by_kind: dict[str, list[float]] = {}
    for fold, held_out in enumerate(patient_folds(patients, plan.folds, plan.split_seed)):
        network = load_network(checkpoint_of(folder, plan, fold), plan.variant)
        for kind, values in pasted_lesion_dice(network, pool, held_out, PASTED_SAMPLES_PER_FOLD).items():
            by_kind.setdefault(kind, []).extend(values)
    every = [value for values in by_kind.values() for value in values]
    return {
        "what": "SYNTHETIC lesions pasted into held-out real slices; says nothing about real bleeds",
        "samples": len(every),
        "meanDice": round(float(np.mean(every)), 4),
        "meanDiceByKind": {kind: round(float(np.mean(values)), 4) for kind, values in sorted(by_kind.items())},
    }


def write_cross_validated_bundle(
    target: Path, folder: Path, patients: dict[int, Patient], pool: Pool, plan: FoldPlan, version: str, training: dict
) -> None:
    """The mean of the folds' members with calibration and operating points from the held-out scores."""
    scored = held_out_scores(folder, patients, plan)
    calibration: Calibration = fit_platt(scored)
    members = [load_network(checkpoint_of(folder, plan, fold), plan.variant) for fold in range(plan.folds)]
    content = BundleContent(
        version=version,
        calibration=calibration,
        calibration_source="out-of-fold study scores (maximum logit over slices) of single members",
        operating_points=choose_operating_points(calibrated(scored, calibration)),
        training=training,
        evaluation={
            "crossValidation": cross_validation_report(folder, patients, plan),
            "syntheticLesions": pasted_dice_report(folder, patients, pool, plan),
        },
    )
    write_bundle(target, ServedBloodNet(members, calibration.scale, calibration.offset), content)


def _by_fold(folder: Path, patients: dict[int, Patient], plan: FoldPlan) -> list[dict]:
    by_number = {one.number: one for one in held_out_scores(folder, patients, plan)}
    report = []
    for held_out in patient_folds(patients, plan.folds, plan.split_seed):
        figures = auc_figures([by_number[number] for number in held_out])
        report.append({"heldOut": list(held_out)} | {name: figure.as_json() for name, figure in figures.items()})
    return report


def _write_scores(path: Path, scored: list[ScoredPatient]) -> None:
    content = {str(one.number): [round(float(logit), 5) for logit in one.scores] for one in scored}
    path.write_text(json.dumps(content, indent=1) + "\n")
