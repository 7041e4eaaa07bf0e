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
        mirrored=", each asked of a slice and of its mirror image" if manifest.get("mirrored") else "",
        patients=figures["patients"],
        bleedingPatients=figures["bleedingPatients"],
        slices=figures["slices"],
        studyAuc=_with_interval(figures["studyAuc"]),
        sliceAuc=_with_interval(figures["sliceAuc"]),
        unseen=_unseen(figures.get("unseenByStart")),
        bySource=_by_source(figures.get("bySource"), evaluation.get("outlines")),
        terms=training.get("terms", "the same terms as the program"),
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


def _by_source(sources: dict | None, outlines: dict | None) -> str:
    """A table of other hospitals' single slices, out of fold; empty where there are none."""
    if not sources:
        return ""
    masks = (outlines or {}).get("bySource", {})
    kinds = list(dict.fromkeys(kind for figures in sources.values() for kind in figures.get("aucByKind", {})))
    lines = [
        "Slices with brain by source, out of fold; AUC of a kind is against all slices without blood:",
        "",
        f"| source | slices (bleed) | AUC | sensitivity at specificity 0.90 | {' | '.join(kinds)} | Dice (slices) | volume bias |",
        "|---" * (6 + len(kinds)) + "|",
    ]
    for source, figures in sources.items():
        by_kind = [_auc_of_kind(figures.get("aucByKind", {}).get(kind)) for kind in kinds]
        counted = f"{figures['slices']} ({figures['bleeding']})"
        told = [_with_interval(figures[key]) if key in figures else "" for key in ("auc", "sensitivity")]
        mask = masks.get(source)
        drawn = [f"{_with_interval(mask['dice'])} ({mask['patients']})", f"{mask['volumeBias']:+.0%}"] if mask else ["", ""]
        lines.append("| " + " | ".join([source, counted, *told, *by_kind, *drawn]) + " |")
    for source, mask in masks.items():
        alone = ", ".join(f"{kind} {one['value']:.2f} ({one['patients']})" for kind, one in mask["diceByKind"].items())
        lines.append(f"\nDice on slices of {source} with one kind of blood alone: {alone}.")
    return "\n".join(lines) + "\n"


def _unseen(figures: dict | None) -> str:
    """Rows of those whom the start weights have not seen either; empty where they have seen nobody."""
    if figures is None:
        return ""
    whom = f"of patients whom the start weights had not seen either ({figures['bleedingPatients']} of {figures['patients']} bleed)"
    told = ((f"{name} AUC {whom}", _with_interval(figures[f"{name}Auc"])) for name in ("study", "slice"))
    return "".join(f"| {what} | {value} |\n" for what, value in told)


def _auc_of_kind(figure: dict | None) -> str:
    return f"{_with_interval(figure)}, {figure['slices']} slices" if figure else ""


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
