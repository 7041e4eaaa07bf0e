"""A slice and its mirror image are asked alike: what is served, what is exported and what is scored agree."""

from dataclasses import replace

import numpy as np
import torch
from fakes import lively_member, made_up_patient

from bloodnet_training.earlier import members_of
from bloodnet_training.evaluate import score_patients
from bloodnet_training.export import export_onnx, require_parity
from bloodnet_training.halves import with_half_weights
from bloodnet_training.served_graph import ServedBloodNet
from bloodnet_training.window import Window


def cut_members(*seeds: int):
    members = [lively_member(seed) for seed in seeds]
    for member in members:
        member.window = Window.CUT
    return members


def it_answers_the_same_for_a_slice_and_its_mirror_image():
    hu = torch.randn(6, 512, 512, generator=torch.Generator().manual_seed(3)) * 20.0 + 35.0
    served, voxel_ml = ServedBloodNet(cut_members(1), mirrored=True), torch.full((2,), 1e-3)
    with torch.no_grad():
        (probability, mask, volume), (other, mirror, same) = served(hu, voxel_ml), served(hu.flip(-1), voxel_ml)
        (alone, _, _) = ServedBloodNet(cut_members(1))(hu, voxel_ml)
    assert torch.allclose(probability, other, atol=1e-5) and torch.allclose(volume, same, rtol=1e-4)
    assert torch.allclose(mask, mirror.flip(-1), atol=1e-5)
    assert not torch.allclose(probability, alone, atol=1e-5)


def it_exports_and_gives_its_members_back(tmp_path):
    served = with_half_weights(ServedBloodNet(cut_members(1, 2), mirrored=True))
    assert served.mirrored and [member.window for member in served.members] == [Window.CUT] * 2
    export_onnx(served, tmp_path / "model.onnx")
    require_parity(served, tmp_path / "model.onnx")
    back = members_of(tmp_path / "model.onnx", Window.CUT)
    assert len(back) == 2
    for one, original in zip(back, served.members, strict=True):
        assert torch.equal(one.encoder.stem[0].weight, original.encoder.stem[0].weight)


def it_scores_the_mean_of_both():
    patient, member = made_up_patient(1, (2,), slices=4), lively_member(1)
    mirror = replace(patient, hu_bytes=np.ascontiguousarray(patient.hu_bytes[:, :, ::-1]))
    (own,), (other,), (both,) = score_patients(member, [patient]), score_patients(member, [mirror]), score_patients(member, [patient], True)
    assert np.allclose(both.scores, (own.scores + other.scores) / 2.0, atol=1e-4) and not np.allclose(own.scores, other.scores, atol=1e-3)
