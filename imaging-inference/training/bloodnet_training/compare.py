"""The table of four networks beside the paper's."""

from collections.abc import Sequence

import numpy as np

from bloodnet_training.crossval import FoldPlan
from bloodnet_training.evaluate import auc_figures
from bloodnet_training.metrics import BOOTSTRAP_DRAWS, Figure, ScoredPatient, slice_auc
from bloodnet_training.network import Variant

#: Validation AUC by architecture in Bar et al., arXiv 1907.00148.
PAPER_AUC = {
    Variant.RESNET50: 0.9159,
    Variant.SINGLE_TASK: 0.9453,
    Variant.MULTI_TASK: 0.9411,
    Variant.TASK_DEPENDENT: 0.9658,
}


def compare(scored_by_variant: dict[Variant, list[ScoredPatient]], plan: FoldPlan) -> str:
    """Markdown: out-of-fold AUC of every network and the paired difference of each to the task-dependent one."""
    reference = scored_by_variant[Variant.TASK_DEPENDENT]
    lines = [
        f"{plan.folds}-fold patient-level cross-validation on CT-ICH ({len(reference)} patients), "
        f"{plan.images} training images per fold and network, batch 16, {plan.precision}, training seeds from {plan.seed}, "
        f"split seed {plan.split_seed}. Intervals: 95 %, bootstrap over patients.",
        "",
        "| network | paper, validation AUC | study AUC here | slice AUC here | slice AUC minus task-dependent |",
        "|---|---|---|---|---|",
    ]
    for variant, scored in scored_by_variant.items():
        figures = auc_figures(scored)
        difference = "" if variant is Variant.TASK_DEPENDENT else str(paired_difference(scored, reference))
        lines.append(
            f"| {variant.value} | {PAPER_AUC[variant]:.4f} | {figures['studyAuc']} | {figures['sliceAuc']} | {difference} |"
        )
    return "\n".join(lines) + "\n"


def paired_difference(first: Sequence[ScoredPatient], second: Sequence[ScoredPatient], seed: int = 0) -> Figure:
    """Slice AUC of first minus second, bootstrapped over the same patients."""
    if [one.number for one in first] != [one.number for one in second]:
        raise ValueError("paired networks must have scored the same patients in the same order")
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(BOOTSTRAP_DRAWS):
        drawn = generator.integers(len(first), size=len(first))
        chosen_first, chosen_second = [first[index] for index in drawn], [second[index] for index in drawn]
        if 0 < sum(one.study_label for one in chosen_first) < len(first):
            values.append(slice_auc(chosen_first) - slice_auc(chosen_second))
    low, high = np.quantile(values, [0.025, 0.975])
    return Figure(slice_auc(first) - slice_auc(second), float(low), float(high))
