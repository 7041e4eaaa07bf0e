"""The command line: one subcommand per job, in the order in which they are used; what they do is in `jobs.py`."""

import argparse
from collections.abc import Callable
from pathlib import Path

import torch

from bloodnet_training import jobs
from bloodnet_training.crossval import EVERYONE
from bloodnet_training.network import Variant
from bloodnet_training.splits import FOLDS
from bloodnet_training.terms import is_free
from bloodnet_training.window import Window


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
        commands, "make-pool", jobs.make_pool, "paint shards of training samples; without --data only phantoms"
    )
    _data_arguments(make_pool, required=False)
    make_pool.add_argument("--pool", type=Path, required=True, help="folder of the shards")
    make_pool.add_argument("--shards", type=int, required=True, help="how many shards there shall be")
    make_pool.add_argument(
        "--for-folds", type=int, help="paint each shard of the training patients of one of so many folds, so that it can use all of it"
    )
    make_pool.add_argument("--split-seed", type=int, default=0)
    _known_argument(make_pool)

    wake = _command(commands, "wake", jobs.wake, "make a member of an earlier bundle fit to be trained on: start weights")
    _data_arguments(wake, required=True)
    wake.add_argument("--model", type=Path, required=True, help="model.onnx of that bundle")
    wake.add_argument("--member", type=int, required=True, help="which of its members, from 0")
    wake.add_argument("--out", type=Path, required=True, help="checkpoint file")

    volumes = _command(commands, "volumes", jobs.volumes, "write the bleeding patients as NIfTI, for somebody or something to outline")
    volumes.add_argument("--data", type=Path, required=True, help="folder: labels.csv, brain/ and bone/")
    volumes.add_argument("--out", type=Path, required=True, help="folder of the volumes, PPP.nii.gz each")

    blast = _command(commands, "blast-ct", jobs.blast_ct, "have the networks of a BLAST-CT checkout segment these volumes (minutes each)")
    blast.add_argument("--data", type=Path, required=True, help="folder: labels.csv, brain/ and bone/")
    blast.add_argument("--volumes", type=Path, required=True, help="what `volumes` wrote")
    blast.add_argument("--checkout", type=Path, required=True, help="folder with blast_ct/data/saved_models/model_1.pt and on")
    blast.add_argument("--networks", type=int, default=6, help="how many of its networks are averaged, 1 to 12 (default 6)")
    blast.add_argument("--out", type=Path, required=True, help="folder of the segmentations, PPP.nii.gz each")

    guess = _command(commands, "guess", jobs.guess, "have the same networks draw masks for bleeding single slices that nobody outlined")
    _data_arguments(guess, required=True)
    guess.add_argument("--checkout", type=Path, required=True, help="as for blast-ct")
    guess.add_argument("--networks", type=int, default=3, help="how many of its networks are averaged, 1 to 12 (default 3)")
    guess.add_argument("--out", type=Path, required=True, help=".npz for --guesses")

    outlines = _command(commands, "outlines", jobs.outlines, "take outlines of these volumes into the data as masks/")
    _data_arguments(outlines, required=True)
    outlines.add_argument("--segmentations", type=Path, required=True, help="folder of PPP.nii.gz in the volumes' geometry")
    outlines.add_argument("--labels", type=int, nargs="+", default=[1], help="values that mean blood (default 1)")
    outlines.add_argument("--origin", required=True, help="who or what drew them, in a line; the model card repeats it")

    pretrain = _command(commands, "pretrain", jobs.pretrain, "segmentation of phantoms: start weights for every fold")
    pretrain.add_argument("--pool", type=Path, required=True, help="folder of phantom shards")
    pretrain.add_argument("--images", type=int, default=8000)
    _precision_argument(pretrain)
    pretrain.add_argument("--out", type=Path, required=True, help="checkpoint file")


def _add_training(commands: argparse._SubParsersAction) -> None:
    train_command = _command(
        commands, "train", jobs.train_one_member, "train one member of a fold, resuming from its checkpoint"
    )
    _fold_arguments(train_command)
    trained_on = train_command.add_mutually_exclusive_group(required=True)
    trained_on.add_argument("--fold", type=int, help="0 .. folds-1")
    trained_on.add_argument(
        "--everyone", dest="fold", action="store_const", const=EVERYONE, help="hold nobody out: no figures for this one"
    )
    train_command.add_argument("--member", type=int, default=0, help="0 .. members-1 (default 0)")

    adopt = _command(commands, "adopt", jobs.adopt, "take the members of an earlier bundle in as one more member of every fold")
    _fold_arguments(adopt)
    adopt.add_argument("--model", type=Path, required=True, help="model.onnx of a bundle before 0.6.0: first the members of the same folds, then any on everyone")
    adopt.add_argument("--window", choices=[one.value for one in Window], required=True, help="cut for bundles before 0.5.0")
    adopt.add_argument("--member", type=int, required=True, help="which member they become")

    crossvalidate = _command(
        commands, "crossvalidate", jobs.crossvalidate, "train all folds that are not finished, print the figures"
    )
    _fold_arguments(crossvalidate)

    together = _command(
        commands,
        "together",
        jobs.together,
        "like crossvalidate, all members side by side on one GPU (or, slowly, on the processor)",
    )
    _fold_arguments(together)
    _device_argument(together)

    compare_command = _command(
        commands, "compare", jobs.compare_variants, "train the paper's four networks on equal budgets, write the table"
    )
    _fold_arguments(compare_command)
    compare_command.add_argument("--table", type=Path, required=True, help="Markdown file to write")


def _add_using(commands: argparse._SubParsersAction) -> None:
    export = _command(commands, "export", jobs.export, "write the bundle of a finished cross-validation")
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

    parity = _command(commands, "parity", jobs.parity, "check a bundle against its parity fixture")
    parity.add_argument("--bundle", type=Path, required=True)
    parity.add_argument("--write", action="store_true", help="write the fixture anew instead")

    failures = _command(
        commands, "failures", jobs.failures, "draw a bundle's worst misses and false alarms on synthetic heads (minutes)"
    )
    failures.add_argument("--bundle", type=Path, required=True, help="folder; failures.png is written into it")

    int8 = _command(
        commands, "int8", jobs.int8, "quantize one fold's member and compare it on that fold's held-out patients"
    )
    _fold_arguments(int8)
    int8.add_argument("--fold", type=int, required=True, help="0 .. folds-1")

    evaluate = _command(commands, "evaluate", jobs.evaluate, "run a bundle over DICOM series, one JSON line each")
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
    parser.add_argument(
        "--guesses", type=Path, help="masks of another program for slices that nobody outlined, see guesses.py: they train only"
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
    parser.add_argument(
        "--seen",
        type=int,
        nargs="+",
        default=[],
        metavar="PATIENT",
        help="patients that the start weights have seen and folds hold out all the same: the others' figures stand beside those of all",
    )
    _mirrored_argument(parser)
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


def _mirrored_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mirrored", action="store_true", help="score a slice by the mean of what it and its mirror image get, and serve that"
    )


def _device_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", type=torch.device, default="cuda", help="cuda, cuda:N or cpu (default cuda)")


def _precision_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bfloat16",
        action="store_true",
        help="train in bfloat16: twice as fast where the processor has it, else slower",
    )
