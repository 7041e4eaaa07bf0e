"""Renders MODEL_CARD.md from a bundle's manifest, so that its figures cannot drift from model.json.

Headings follow the CHAI applied model card and the HL7 AI transparency fields.
"""

from collections import Counter
from pathlib import Path

#: Text around the figures; what it says holds for every bundle that this package writes.
TEMPLATE_FILE = Path(__file__).parent / "model_card_template.md"


def render_card(manifest: dict) -> str:
    """Markdown of the model card."""
    training, evaluation = manifest["training"], manifest["evaluation"]
    figures, synthetic = evaluation["crossValidation"], evaluation["syntheticLesions"]
    note = f"- {training['note']}\n" if training["note"] else ""
    return TEMPLATE_FILE.read_text().format(
        **{key: manifest[key] for key in ("id", "version", "members", "opset", "sha256")},
        **{
            key: training[key]
            for key in (
                *("data", "annotation", "pretraining", "precision"),
                *("folds", "membersPerFold", "membersOnEveryone", "foldMembersServed", "imagesPerMember"),
            )
        },
        workingResolution=training["workingResolution"],
        note=note,
        kinds="; ".join(f"{count} of {kind}" for kind, count in Counter(manifest["memberKinds"]).items()),
        patients=figures["patients"],
        bleedingPatients=figures["bleedingPatients"],
        slices=figures["slices"],
        studyAuc=_with_interval(figures["studyAuc"]),
        sliceAuc=_with_interval(figures["sliceAuc"]),
        byFold="; ".join(_fold(fold) for fold in figures["byFold"]),
        points="\n".join(_point(point) for point in manifest["operatingPoints"]),
        subgroups="\n".join(_subgroups(figures)),
        realMasks=_real_masks(training),
        outlineDice=_outline_dice(evaluation.get("outlines"), training.get("outlinedBy")),
        syntheticSamples=synthetic["samples"],
        syntheticDice=synthetic["meanDice"],
        seeds=", ".join(f"{what} {seed}" for what, seed in training["seeds"].items()),
        software=", ".join(f"{name} {version}" for name, version in manifest["software"].items()),
    )


def _real_masks(training: dict) -> str:
    outlined, learnt = training.get("outlinedSlices", 0), "what it calls blood is learnt from synthetic blood"
    if outlined:
        return f"The blood of {outlined} bleeding slices was outlined by {training['outlinedBy']}; beside these, {learnt}."
    return f"**No mask of real blood was used**: {learnt}."


def _outline_dice(report: dict | None, outlined_by: str | None) -> str:
    if report is None:
        return "Masks: no mask of real blood was at hand."
    return (
        f"Masks: mean Dice over the heads of {report['patients']} held-out bleeding patients, against the outlines by {outlined_by}: "
        f"{_with_interval(report['meanDice'])}."
    )


def _with_interval(figure: dict) -> str:
    low, high = figure["interval95"]
    return f"{figure['value']:.3f} ({low:.3f} to {high:.3f})"


def _fold(fold: dict) -> str:
    return f"study {fold['studyAuc']['value']:.3f}, slice {fold['sliceAuc']['value']:.3f}"


def _point(point: dict) -> str:
    name = f"{point['name']} (default)" if point["default"] else point["name"]
    measured = f"{_with_interval(point['sensitivity'])} | {_with_interval(point['specificity'])}"
    return f"| {name} | {point['threshold']:.4f} | {measured} | {point['chosen']} |"


def _subgroups(figures: dict) -> list[str]:
    lines = []
    for name, figure in figures["sliceSensitivityBySubtype"].items():
        lines.append(f"| {name} | {figure['slices']} slices | {_with_interval(figure)} |")
    for name, figure in figures["studySensitivityByExtent"].items():
        lines.append(f"| {name} | {figure['studies']} studies | {_with_interval(figure)} |")
    return lines
