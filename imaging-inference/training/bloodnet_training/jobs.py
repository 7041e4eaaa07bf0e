"""What each subcommand of the command line does with its options; the exit status."""

import argparse
import json

import torch

from bloodnet_training.batches import BatchSource, Mix
from bloodnet_training.blast_ct import load_networks, segment
from bloodnet_training.compare import compare
from bloodnet_training.constants import SERVED_VOXEL_ML
from bloodnet_training.crossval import (
    FoldPlan,
    adopt_members,
    checkpoint_of,
    cross_validation_report,
    held_out_scores,
    outline_dice_report,
    seeds_served,
    train_member,
    write_cross_validated_bundle,
)
from bloodnet_training.earlier import members_of
from bloodnet_training.evaluate import evaluate_dicom
from bloodnet_training.failures import draw_failures
from bloodnet_training.grid import Grid
from bloodnet_training.guesses import with_guesses
from bloodnet_training.network import Variant
from bloodnet_training.outlines import checked_origin, origin_of, write_origin
from bloodnet_training.parity import check_parity_fixture, write_parity_fixture
from bloodnet_training.patients import STUDIES, Patient, bleeding_slices, load_patients, slice_names
from bloodnet_training.pool import no_pool, open_pool, write_shard
from bloodnet_training.quantize import compare_int8
from bloodnet_training.schedule import pretraining
from bloodnet_training.slice_guesses import flattened, guesses, write_guesses
from bloodnet_training.sources import load_slices
from bloodnet_training.splits import patient_folds, training_patients
from bloodnet_training.terms import is_free, weights_license
from bloodnet_training.together import train_members
from bloodnet_training.trainer import TrainingRun, load_network, train
from bloodnet_training.volumes import take_outlines, write_volume
from bloodnet_training.window import Window, apply_brain_window
from bloodnet_training.woken import woken

#: What a woken member looks at: real slices alone.
WAKING_SEED, WAKING_BATCHES, WAKING_WINDOWS = 3, 12, 16
WAKING_MIX = Mix(pool_lesions=0.0, real_positives=0.45, pool_negatives=0.0, real_negatives=0.55)
#: Seeds of pool and pretraining; folds have their own.
POOL_SEED = 17
PRETRAINING_SEED = 1


def _patients(options: argparse.Namespace) -> dict[int, Patient]:
    grid = Grid.FULL if getattr(options, "finetune_from", None) else Grid.HALF
    if not options.data:
        return {}
    patients = load_patients(options.data, options.cache, Window.CUT if options.also else Window.SQUEEZED, grid)
    for folder in options.also:
        slices = load_slices(folder, options.cache, grid)
        if set(slices) & set(patients):
            raise SystemExit(f"{folder.name}: a second folder of this layout")
        patients |= slices
    if getattr(options, "guesses", None):
        if grid is Grid.FULL:
            raise SystemExit("--guesses: they are drawn for 256x256")
        patients = with_guesses(patients, options.guesses)
    return patients


def _plan(options: argparse.Namespace) -> FoldPlan:
    return FoldPlan(
        variant=Variant(options.variant),
        folds=options.folds,
        split_seed=options.split_seed,
        images=options.images,
        seed=options.seed,
        start_weights=options.start,
        refining_images=options.refining_images,
        members_per_fold=options.members,
        members_on_everyone=options.on_everyone,
        bfloat16=options.bfloat16,
        fold_members_served=options.fold_members_served,
        finetuned_from=options.finetune_from,
        finetuning_images=options.finetuning_images,
        known=tuple(options.known),
        many_sources=bool(options.also),
        seen=tuple(options.seen),
        mirrored=options.mirrored,
    )


def make_pool(options: argparse.Namespace) -> int:
    patients = _patients(options)
    for shard in range(options.shards):
        painted_on = patients
        if options.for_folds:
            folds = patient_folds(patients, options.for_folds, options.split_seed, options.known)
            trained_on = training_patients(patients, folds[shard % options.for_folds])
            painted_on = {number: patients[number] for number in trained_on}
        write_shard(options.pool, painted_on, POOL_SEED, shard)
        print(f"shard {shard + 1} of {options.shards}", flush=True)
    return 0


def wake(options: argparse.Namespace) -> int:
    member = members_of(options.model, Window.CUT)[options.member]
    patients = _patients(options)
    source = BatchSource(patients, no_pool(), WAKING_SEED, window=Window.CUT)
    batches = (source.batch(step, WAKING_WINDOWS, WAKING_MIX) for step in range(WAKING_BATCHES))
    looked_at = ((apply_brain_window(batch.hu), torch.full((len(batch.hu),), SERVED_VOXEL_ML)) for batch in batches)
    torch.save({"average": woken(member, looked_at).state_dict(), "window": Window.CUT.value}, options.out)
    return 0


def volumes(options: argparse.Namespace) -> int:
    names = slice_names(options.data)
    for number in (number for number, bleeding in bleeding_slices(options.data).items() if bleeding.any()):
        written = write_volume(options.data, number, names[number], options.out)
        print(f"patient {number:03d}: {'written' if written else 'is no pictures but a DICOM series, left alone'}", flush=True)
    return 0


def blast_ct(options: argparse.Namespace) -> int:
    networks, wanted = load_networks(options.checkout, options.networks), bleeding_slices(options.data)
    options.out.mkdir(parents=True, exist_ok=True)
    for number, bleeding in wanted.items():
        name = f"{number:03d}.nii.gz"
        if not (options.volumes / name).exists():
            continue
        if not (options.out / name).exists():
            segment(networks, options.volumes / name, bleeding, options.out / name)
        print(f"patient {number:03d}: segmented", flush=True)
    return 0


def guess(options: argparse.Namespace) -> int:
    patients = _patients(options)
    networks = [flattened(network) for network in load_networks(options.checkout, options.networks)]
    found = dict(guesses(networks, patients))
    if not found:
        raise SystemExit("no slice that bleeds, that nobody outlined, and in which the networks see what it is labelled with")
    write_guesses(options.out, found)
    print(f"{len(found)} guesses")
    return 0


def outlines(options: argparse.Namespace) -> int:
    patients, names = _patients(options), slice_names(options.data)
    masks, taken, bleeding = options.data / "masks", 0, 0
    if masks.exists():
        raise SystemExit("masks/ is there already: two origins are not mixed, move it away first")
    checked_origin(options.origin)
    for number, patient in patients.items():
        segmentation = options.segmentations / f"{number:03d}.nii.gz"
        if patient.is_positive and segmentation.exists():
            taken += take_outlines(segmentation, tuple(options.labels), patient, names[number], masks / f"{number:03d}")
        bleeding += int(patient.bleeding.sum())
    if not taken:
        raise SystemExit("nothing of it is blood on a slice that is labelled as bleeding")
    write_origin(options.data, options.origin)
    print(f"outlines on {taken} of {bleeding} bleeding slices")
    return 0


def pretrain(options: argparse.Namespace) -> int:
    source = BatchSource({}, open_pool(options.pool), PRETRAINING_SEED)
    steps = pretraining(options.images)
    train(TrainingRun(Variant.TASK_DEPENDENT, steps, source, options.out, PRETRAINING_SEED, bfloat16=options.bfloat16))
    return 0


def train_one_member(options: argparse.Namespace) -> int:
    pool = open_pool(options.pool)
    train_member(options.work, _patients(options), pool, _plan(options), options.fold, options.member)
    return 0


def adopt(options: argparse.Namespace) -> int:
    window = Window(options.window)
    patients = load_patients(options.data, options.cache, window)
    adopt_members(options.work, patients, _plan(options), members_of(options.model, window), options.member)
    return 0


def crossvalidate(options: argparse.Namespace) -> int:
    patients, plan = _patients(options), _plan(options)
    for fold, member in plan.members:
        train_member(options.work, patients, open_pool(options.pool), plan, fold, member)
    _print_figures(options, patients, plan)
    return 0


def _print_figures(options: argparse.Namespace, patients: dict[int, Patient], plan: FoldPlan) -> None:
    report = {"crossValidation": cross_validation_report(options.work, patients, plan)}
    outlines = outline_dice_report(options.work, patients, plan) if plan.variant.has_mask else None
    print(json.dumps(report | ({"outlines": outlines} if outlines else {}), indent=2))


def _refuse_slices(options: argparse.Namespace, why: str) -> None:
    if options.also:
        raise SystemExit(f"--also: {why}; use crossvalidate")


def together(options: argparse.Namespace) -> int:
    _refuse_slices(options, "networks side by side do not learn from single slices of other hospitals yet")
    if options.device.type == "cuda":
        if not torch.cuda.is_available():
            raise SystemExit("no CUDA device here: give --device cpu, or use crossvalidate")
        torch.backends.cudnn.benchmark = True
        # Held-out scores are computed in full precision; training is bfloat16 anyway.
        torch.backends.cudnn.allow_tf32 = False
    patients, plan = _patients(options), _plan(options)
    train_members(options.work, patients, open_pool(options.pool), plan, options.device)
    _print_figures(options, patients, plan)
    return 0


def compare_variants(options: argparse.Namespace) -> int:
    _refuse_slices(options, "the paper's four networks are compared on whole studies")
    # Pretrained weights, refining and finetuning fit only one of the four, and would favour it.
    options.start, options.refining_images, options.members, options.on_everyone, options.finetune_from = None, 0, 1, 0, None
    patients, pool = _patients(options), open_pool(options.pool)
    scored_by_variant = {}
    for variant in Variant:
        options.variant = variant.value
        plan = _plan(options)
        for fold, member in plan.members:
            train_member(options.work, patients, pool, plan, fold, member)
        scored_by_variant[variant] = held_out_scores(options.work, patients, plan)
    table = compare(scored_by_variant, _plan(options))
    options.table.write_text(table)
    print(table)
    return 0


def export(options: argparse.Namespace) -> int:
    plan, patients = _plan(options), _patients(options)
    training = {
        "data": _described(options, patients),
        "annotation": "labels of the slices, masks of synthetic lesions",
        "terms": _terms(options),
        "outlinedSlices": int(sum(patient.outlined.sum() for patient in patients.values())),
        "outlinedBy": origin_of(options.data),
        "pretraining": options.start_note or (f"{options.start.name}: segmentation of synthetic heads" if options.start else "none"),
        "folds": plan.folds,
        "precision": plan.precision,
        "membersPerFold": plan.members_per_fold,
        "membersOnEveryone": plan.members_on_everyone,
        "foldMembersServed": len(plan.served) - plan.members_on_everyone,
        "imagesPerMember": plan.images + plan.refining_images,
        "seeds": {
            "split": plan.split_seed,
            "members": seeds_served(options.work, plan),
            "pool": POOL_SEED,
        },
        "workingResolution": _working_resolution(plan),
        "note": options.note,
    }
    pool = open_pool(options.pool)
    write_cross_validated_bundle(
        options.bundle, options.work, patients, pool, plan, options.version, training, options.normal
    )
    if options.also:
        (options.bundle / "LICENSE").write_text(weights_license([options.data, *options.also]), encoding="utf-8")
    return 0


def _described(options: argparse.Namespace, patients: dict[int, Patient]) -> str:
    """Of how many people of each folder the network knows, and what was made of them."""
    parts = []
    for folder, source in [(options.data, STUDIES), *((folder, folder.name) for folder in options.also)]:
        own = [patient for patient in patients.values() if patient.source == source]
        what = "patients with whole studies" if source == STUDIES else "single slices"
        parts.append(f"{folder.name}: {len(own)} {what}, {sum(patient.is_positive for patient in own)} of them bleed")
    made = "synthetic lesions and distractors painted into clean slices, outlined lesions transplanted into those of others"
    return f"{'; '.join(parts)}; with {made}, and synthetic heads"


def _terms(options: argparse.Namespace) -> str:
    if not options.also:
        return "those of the data above"
    free = all(is_free(folder) for folder in [options.data, *options.also])
    return f"{'' if free else '**non-commercial research and education only**, with citations: '}see LICENSE beside them"


def _working_resolution(plan: FoldPlan) -> str:
    window = "0 to 80 HU" if plan.window is Window.CUT else "0 to 80 HU, and 80 to 380 HU at a fifteenth"
    half = f"256x256 (means of 2x2 windowed pixels; {window}), trained on 224x192 crops around the head"
    if plan.grid is Grid.HALF:
        return half
    finer = f"after which some members went on for {plan.finetuning_images} images at 512x512, on 448x384 crops"
    return f"{half}, {finer}; masks are theirs alone"


def parity(options: argparse.Namespace) -> int:
    model, fixture = options.bundle / "model.onnx", options.bundle / "parity.json"
    if options.write:
        write_parity_fixture(model, fixture)
        return 0
    difference = check_parity_fixture(model, fixture)
    print(f"largest difference to the fixture {difference:.1e}")
    return 0


def failures(options: argparse.Namespace) -> int:
    for case in draw_failures(options.bundle / "model.onnx", options.bundle / "failures.png"):
        missed = f"{int(case.truth.sum())} pixels painted, " if case.truth.any() else ""
        print(f"{case.kind}: {missed}{int(case.mask.sum())} marked, probability {case.probability:.2f}")
    return 0


def int8(options: argparse.Namespace) -> int:
    patients, plan = _patients(options), _plan(options)
    held_out = plan.held_out(patients)[options.fold]
    network = load_network(checkpoint_of(options.work, plan, options.fold), plan.variant)
    training = [patients[number] for number in training_patients(patients, held_out)]
    print(json.dumps(compare_int8(network, training, [patients[number] for number in held_out]), indent=2))
    return 0


def evaluate(options: argparse.Namespace) -> int:
    manifest = json.loads((options.bundle / "model.json").read_text())
    threshold = next(point["threshold"] for point in manifest["operatingPoints"] if point["default"])
    for folder in options.series:
        answer = evaluate_dicom(options.bundle / "model.onnx", folder, manifest["maskThreshold"])
        line = {
            "series": folder.name,
            "status": "positive" if answer.study_probability >= threshold else "negative",
            "probability": round(answer.study_probability, 4),
            "threshold": threshold,
            "bloodVolumeMl": round(float(answer.hard_volume_ml.sum()), 2),
            "slices": [round(float(value), 4) for value in answer.probability],
        }
        print(json.dumps(line))
    return 0
