"""The command line: one subcommand per job, in the order in which they are used."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import torch

from bloodnet_training.batches import BatchSource, Mix
from bloodnet_training.blast_ct import load_networks, segment
from bloodnet_training.compare import compare
from bloodnet_training.constants import SERVED_VOXEL_ML
from bloodnet_training.crossval import (
    EVERYONE,
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
from bloodnet_training.network import Variant
from bloodnet_training.outlines import checked_origin, origin_of, write_origin
from bloodnet_training.parity import check_parity_fixture, write_parity_fixture
from bloodnet_training.patients import STUDIES, Patient, bleeding_slices, load_patients, slice_names
from bloodnet_training.pool import no_pool, open_pool, write_shard
from bloodnet_training.quantize import compare_int8
from bloodnet_training.schedule import pretraining
from bloodnet_training.sources import load_slices
from bloodnet_training.splits import FOLDS, patient_folds, training_patients
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


def main(arguments: list[str] | None = None) -> int:
    """Runs one subcommand; the exit status."""
    options = _parser().parse_args(arguments)
    if getattr(options, "free_only", False):
        options.also = [folder for folder in options.also if is_free(folder)]
    torch.set_num_threads(options.threads)
    return options.run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bloodnet_training", description="Trains, evaluates and exports BloodNet.")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default 1)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_making(commands)
    _add_training(commands)
    _add_using(commands)
    return parser


def _add_making(commands: argparse._SubParsersAction) -> None:
    make_pool = _command(
        commands, "make-pool", _make_pool, "paint shards of training samples; without --data only phantoms"
    )
    _data_arguments(make_pool, required=False)
    make_pool.add_argument("--pool", type=Path, required=True, help="folder of the shards")
    make_pool.add_argument("--shards", type=int, required=True, help="how many shards there shall be")
    make_pool.add_argument(
        "--for-folds", type=int, help="paint each shard of the training patients of one of so many folds, so that it can use all of it"
    )
    make_pool.add_argument("--split-seed", type=int, default=0)
    _known_argument(make_pool)

    wake = _command(commands, "wake", _wake, "make a member of an earlier bundle fit to be trained on: start weights")
    _data_arguments(wake, required=True)
    wake.add_argument("--model", type=Path, required=True, help="model.onnx of that bundle")
    wake.add_argument("--member", type=int, required=True, help="which of its members, from 0")
    wake.add_argument("--out", type=Path, required=True, help="checkpoint file")

    volumes = _command(commands, "volumes", _volumes, "write the bleeding patients as NIfTI, for somebody or something to outline")
    volumes.add_argument("--data", type=Path, required=True, help="folder: labels.csv, brain/ and bone/")
    volumes.add_argument("--out", type=Path, required=True, help="folder of the volumes, PPP.nii.gz each")

    blast = _command(commands, "blast-ct", _blast_ct, "have the networks of a BLAST-CT checkout segment these volumes (minutes each)")
    blast.add_argument("--data", type=Path, required=True, help="folder: labels.csv, brain/ and bone/")
    blast.add_argument("--volumes", type=Path, required=True, help="what `volumes` wrote")
    blast.add_argument("--checkout", type=Path, required=True, help="folder with blast_ct/data/saved_models/model_1.pt and on")
    blast.add_argument("--networks", type=int, default=6, help="how many of its networks are averaged, 1 to 12 (default 6)")
    blast.add_argument("--out", type=Path, required=True, help="folder of the segmentations, PPP.nii.gz each")

    outlines = _command(commands, "outlines", _outlines, "take outlines of these volumes into the data as masks/")
    _data_arguments(outlines, required=True)
    outlines.add_argument("--segmentations", type=Path, required=True, help="folder of PPP.nii.gz in the volumes' geometry")
    outlines.add_argument("--labels", type=int, nargs="+", default=[1], help="values that mean blood (default 1)")
    outlines.add_argument("--origin", required=True, help="who or what drew them, in a line; the model card repeats it")

    pretrain = _command(commands, "pretrain", _pretrain, "segmentation of phantoms: start weights for every fold")
    pretrain.add_argument("--pool", type=Path, required=True, help="folder of phantom shards")
    pretrain.add_argument("--images", type=int, default=8000)
    _precision_argument(pretrain)
    pretrain.add_argument("--out", type=Path, required=True, help="checkpoint file")


def _add_training(commands: argparse._SubParsersAction) -> None:
    train_command = _command(
        commands, "train", _train_one_member, "train one member of a fold, resuming from its checkpoint"
    )
    _fold_arguments(train_command)
    trained_on = train_command.add_mutually_exclusive_group(required=True)
    trained_on.add_argument("--fold", type=int, help="0 .. folds-1")
    trained_on.add_argument(
        "--everyone", dest="fold", action="store_const", const=EVERYONE, help="hold nobody out: no figures for this one"
    )
    train_command.add_argument("--member", type=int, default=0, help="0 .. members-1 (default 0)")

    adopt = _command(commands, "adopt", _adopt, "take the members of an earlier bundle in as one more member of every fold")
    _fold_arguments(adopt)
    adopt.add_argument("--model", type=Path, required=True, help="model.onnx of a bundle before 0.6.0: first the members of the same folds, then any on everyone")
    adopt.add_argument("--window", choices=[one.value for one in Window], required=True, help="cut for bundles before 0.5.0")
    adopt.add_argument("--member", type=int, required=True, help="which member they become")

    crossvalidate = _command(
        commands, "crossvalidate", _crossvalidate, "train all folds that are not finished, print the figures"
    )
    _fold_arguments(crossvalidate)

    together = _command(
        commands,
        "together",
        _together,
        "like crossvalidate, all members side by side on one GPU (or, slowly, on the processor)",
    )
    _fold_arguments(together)
    _device_argument(together)

    compare_command = _command(
        commands, "compare", _compare, "train the paper's four networks on equal budgets, write the table"
    )
    _fold_arguments(compare_command)
    compare_command.add_argument("--table", type=Path, required=True, help="Markdown file to write")


def _add_using(commands: argparse._SubParsersAction) -> None:
    export = _command(commands, "export", _export, "write the bundle of a finished cross-validation")
    _fold_arguments(export)
    export.add_argument("--version", required=True, help="version of the bundle")
    export.add_argument("--bundle", type=Path, required=True, help="folder to write")
    export.add_argument(
        "--normal",
        type=Path,
        action="append",
        default=[],
        help="DICOM series without blood, of another scanner: counts when operating points are chosen; may be repeated",
    )
    export.add_argument("--start-note", default="", help="what the start weights are, where they are no synthetic heads'")
    export.add_argument("--note", default="", help="sentence added to the manifest's training section")

    parity = _command(commands, "parity", _parity, "check a bundle against its parity fixture")
    parity.add_argument("--bundle", type=Path, required=True)
    parity.add_argument("--write", action="store_true", help="write the fixture anew instead")

    failures = _command(
        commands, "failures", _failures, "draw a bundle's worst misses and false alarms on synthetic heads (minutes)"
    )
    failures.add_argument("--bundle", type=Path, required=True, help="folder; failures.png is written into it")

    int8 = _command(
        commands, "int8", _int8, "quantize one fold's member and compare it on that fold's held-out patients"
    )
    _fold_arguments(int8)
    int8.add_argument("--fold", type=int, required=True, help="0 .. folds-1")

    evaluate = _command(commands, "evaluate", _evaluate, "run a bundle over DICOM series, one JSON line each")
    evaluate.add_argument("--bundle", type=Path, required=True)
    evaluate.add_argument("series", type=Path, nargs="+", help="folders, one series each")


def _command(
    commands: argparse._SubParsersAction, name: str, run: Callable[[argparse.Namespace], int], description: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=description, description=description)
    parser.set_defaults(run=run)
    return parser


def _data_arguments(parser: argparse.ArgumentParser, required: bool) -> None:
    parser.add_argument(
        "--also",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="single slices of other hospitals beside the studies, see sources.py; may be repeated",
    )
    parser.add_argument("--free-only", action="store_true", help="leave out every --also whose terms are non-commercial")
    parser.add_argument("--data", type=Path, required=required, help="folder: labels.csv, brain/ and bone/ or dicom/, masks/ if any")
    parser.add_argument("--cache", type=Path, help="folder for prepared patients")


def _fold_arguments(parser: argparse.ArgumentParser) -> None:
    _data_arguments(parser, required=True)
    parser.add_argument("--pool", type=Path, required=True, help="folder of the shards")
    parser.add_argument("--work", type=Path, required=True, help="folder of checkpoints and held-out scores")
    parser.add_argument("--start", type=Path, help="pretrained checkpoint")
    parser.add_argument(
        "--variant", choices=[variant.value for variant in Variant], default=Variant.TASK_DEPENDENT.value
    )
    parser.add_argument("--folds", type=int, default=FOLDS)
    _known_argument(parser)
    parser.add_argument("--members", type=int, default=1, help="networks per fold, whose mean is served (default 1)")
    parser.add_argument(
        "--on-everyone", type=int, default=0, help="further networks in the served mean, trained on all patients (default 0)"
    )
    parser.add_argument(
        "--fold-members-served",
        type=int,
        help="of each fold only the first so many are served, the others through theirs on everyone (default all)",
    )
    parser.add_argument(
        "--finetune-from",
        type=Path,
        metavar="WORK",
        help="go on from the members of this work folder at 512x512, where most training is at 256x256",
    )
    parser.add_argument("--finetuning-images", type=int, default=16000, help="how long, for each member")
    parser.add_argument("--split-seed", type=int, default=0)
    parser.add_argument(
        "--seed",
        type=int,
        default=10,
        help="training seed of fold 0; member m of fold k has seed + k + 100 m, one on everyone seed + 50 + 100 m",
    )
    parser.add_argument("--images", type=int, default=16000, help="training images per member")
    _precision_argument(parser)
    parser.add_argument("--refining-images", type=int, default=0, help="further images per member at lower rates")


def _known_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--known",
        type=int,
        nargs="+",
        default=[],
        metavar="PATIENT",
        help="patients that the start weights have seen: they train in every fold and are held out by none",
    )


def _device_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", type=torch.device, default="cuda", help="cuda, cuda:N or cpu (default cuda)")


def _precision_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bfloat16",
        action="store_true",
        help="train in bfloat16: twice as fast where the processor has it, else slower",
    )


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
    )


def _make_pool(options: argparse.Namespace) -> int:
    patients = _patients(options)
    for shard in range(options.shards):
        painted_on = patients
        if options.for_folds:
            held_out = patient_folds(patients, options.for_folds, options.split_seed, options.known)[shard % options.for_folds]
            painted_on = {number: patients[number] for number in training_patients(patients, held_out)}
        write_shard(options.pool, painted_on, POOL_SEED, shard)
        print(f"shard {shard + 1} of {options.shards}", flush=True)
    return 0


def _wake(options: argparse.Namespace) -> int:
    member = members_of(options.model, Window.CUT)[options.member]
    patients = _patients(options)
    source = BatchSource(patients, no_pool(), WAKING_SEED, window=Window.CUT)
    batches = (source.batch(step, WAKING_WINDOWS, WAKING_MIX) for step in range(WAKING_BATCHES))
    looked_at = ((apply_brain_window(batch.hu), torch.full((len(batch.hu),), SERVED_VOXEL_ML)) for batch in batches)
    torch.save({"average": woken(member, looked_at).state_dict(), "window": Window.CUT.value}, options.out)
    return 0


def _volumes(options: argparse.Namespace) -> int:
    names = slice_names(options.data)
    for number in (number for number, bleeding in bleeding_slices(options.data).items() if bleeding.any()):
        written = write_volume(options.data, number, names[number], options.out)
        print(f"patient {number:03d}: {'written' if written else 'is no pictures but a DICOM series, left alone'}", flush=True)
    return 0


def _blast_ct(options: argparse.Namespace) -> int:
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


def _outlines(options: argparse.Namespace) -> int:
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


def _pretrain(options: argparse.Namespace) -> int:
    source = BatchSource({}, open_pool(options.pool), PRETRAINING_SEED)
    steps = pretraining(options.images)
    train(TrainingRun(Variant.TASK_DEPENDENT, steps, source, options.out, PRETRAINING_SEED, bfloat16=options.bfloat16))
    return 0


def _train_one_member(options: argparse.Namespace) -> int:
    pool = open_pool(options.pool)
    train_member(options.work, _patients(options), pool, _plan(options), options.fold, options.member)
    return 0


def _adopt(options: argparse.Namespace) -> int:
    window = Window(options.window)
    patients = load_patients(options.data, options.cache, window)
    adopt_members(options.work, patients, _plan(options), members_of(options.model, window), options.member)
    return 0


def _crossvalidate(options: argparse.Namespace) -> int:
    patients, plan = _patients(options), _plan(options)
    for fold, member in plan.members:
        train_member(options.work, patients, open_pool(options.pool), plan, fold, member)
    _print_figures(options, patients, plan)
    return 0


def _print_figures(options: argparse.Namespace, patients: dict[int, Patient], plan: FoldPlan) -> None:
    report = {"crossValidation": cross_validation_report(options.work, patients, plan)}
    outlines = outline_dice_report(options.work, patients, plan) if plan.variant.has_mask else None
    print(json.dumps(report | ({"outlines": outlines} if outlines else {}), indent=2))


def _together(options: argparse.Namespace) -> int:
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


def _compare(options: argparse.Namespace) -> int:
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


def _export(options: argparse.Namespace) -> int:
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
    return "see LICENSE beside them" if free else "**non-commercial research and education only**, with citations: see LICENSE beside them"


def _working_resolution(plan: FoldPlan) -> str:
    window = "0 to 80 HU" if plan.window is Window.CUT else "0 to 80 HU, and 80 to 380 HU at a fifteenth"
    half = f"256x256 (means of 2x2 windowed pixels; {window}), trained on 224x192 crops around the head"
    if plan.grid is Grid.HALF:
        return half
    finer = f"after which some members went on for {plan.finetuning_images} images at 512x512, on 448x384 crops"
    return f"{half}, {finer}; masks are theirs alone"


def _parity(options: argparse.Namespace) -> int:
    model, fixture = options.bundle / "model.onnx", options.bundle / "parity.json"
    if options.write:
        write_parity_fixture(model, fixture)
        return 0
    difference = check_parity_fixture(model, fixture)
    print(f"largest difference to the fixture {difference:.1e}")
    return 0


def _failures(options: argparse.Namespace) -> int:
    for case in draw_failures(options.bundle / "model.onnx", options.bundle / "failures.png"):
        missed = f"{int(case.truth.sum())} pixels painted, " if case.truth.any() else ""
        print(f"{case.kind}: {missed}{int(case.mask.sum())} marked, probability {case.probability:.2f}")
    return 0


def _int8(options: argparse.Namespace) -> int:
    patients, plan = _patients(options), _plan(options)
    held_out = plan.held_out(patients)[options.fold]
    network = load_network(checkpoint_of(options.work, plan, options.fold), plan.variant)
    training = [patients[number] for number in training_patients(patients, held_out)]
    print(json.dumps(compare_int8(network, training, [patients[number] for number in held_out]), indent=2))
    return 0


def _evaluate(options: argparse.Namespace) -> int:
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
