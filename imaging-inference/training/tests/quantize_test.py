"""Quantizing a network and scoring it beside the original."""

import torch
from fakes import made_up_patient

from bloodnet_training.network import BloodNet
from bloodnet_training.quantize import AUC_LOSS_MAX, compare_int8


def it_scores_both_on_the_held_out_patients_and_says_whether_int8_holds():
    torch.manual_seed(2)
    training = [made_up_patient(1, slices=5), made_up_patient(2, (1, 2), slices=5)]
    held_out = [made_up_patient(3, (0, 3), slices=5), made_up_patient(4, slices=5)]
    report = compare_int8(BloodNet(), training, held_out)
    losses = [report["fp32"][name] - report["int8"][name] for name in ("studyAuc", "sliceAuc")]
    assert report["patients"] == 2
    assert all(0.0 <= report[kind][name] <= 1.0 for kind in ("fp32", "int8") for name in ("studyAuc", "sliceAuc"))
    assert report["holds"] == all(loss <= AUC_LOSS_MAX for loss in losses)
