"""Masks that another program draws on single slices: how they are made, believed and learnt from. No real data, no real network."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from fakes import blank_patients, made_up_patient, outlined
from torch import nn

from bloodnet_training.batches import GUESS_WEIGHT, BatchSource, Mix
from bloodnet_training.blast_ct import CLASSES, CONTEXT_MM
from bloodnet_training.guesses import with_guesses
from bloodnet_training.patients import BYTES_PER_HU, SUBTYPES, Patient
from bloodnet_training.pool import KINDS, NO_LESION, no_pool
from bloodnet_training.slice_guesses import believed, blood_probability, flattened, guesses, write_guesses
from bloodnet_training.transplants import outlined_places

ONLY_POSITIVES = Mix(pool_lesions=0.0, real_positives=1.0, pool_negatives=0.0, real_negatives=0.0, only_outlined=True)


class Block(nn.Module):
    """A convolution beside a shortcut, with the names that DeepMedic gives its parts."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(1, 1, 3, bias=False)
        self.shortcut_slices = (slice(None), slice(None), *(slice(1, -1),) * 3)

    def forward(self, x):
        return self.conv(x) + x[self.shortcut_slices]


class Coarse(nn.Module):
    """Every third voxel, and back."""

    def __init__(self):
        super().__init__()
        self.scale_factor = (3, 3, 3)
        self.slices = (slice(None), slice(None), *(slice(1, None, 3),) * 3)

    def forward(self, x):
        return nn.functional.interpolate(x[self.slices], scale_factor=self.scale_factor, mode="nearest")


class BrightIsBlood(nn.Module):
    """Calls pixels over about 50 HU extra-axial blood."""

    def forward(self, plane):
        inner = plane[..., CONTEXT_MM:-CONTEXT_MM, CONTEXT_MM:-CONTEXT_MM]
        others = torch.full_like(inner, -20.0)
        classes = [torch.zeros_like(inner), others, (inner - 0.3) * 1000.0, *[others] * (CLASSES - 3)]
        return torch.cat(classes, dim=1), {}


def bleeding_slice(number: int, kind: str) -> Patient:
    hu = np.full((1, 256, 256), 30.0)
    hu[:, 60:100, 140:180] = 65.0
    inside = np.ones((1, 256, 256), bool)
    kinds = np.array([[one == kind for one in SUBTYPES]])
    return Patient(number, (hu * BYTES_PER_HU).astype(np.uint8), inside, inside.astype(np.uint8), np.array([True]), kinds, source="x")


def it_sees_in_one_plane_what_the_network_sees_in_a_slab_of_it():
    torch.manual_seed(0)
    network = nn.Sequential(Block(), Coarse(), Block())
    plane = torch.randn(1, 1, 1, 17, 17)
    of_slab = network(plane.expand(-1, -1, 17, -1, -1).contiguous())
    of_plane = flattened(network)(plane)
    assert of_plane.shape[2] == 1
    assert torch.allclose(of_slab[:, :, 4], of_plane[:, :, 0], atol=1e-5)


def it_finds_the_place_of_the_blood():
    probability = blood_probability([BrightIsBlood()], bleeding_slice(1, "subdural"))
    truth = np.zeros((128, 128), bool)
    truth[30:50, 70:90] = True
    marked = probability[1] > 0.5
    assert 2.0 * (marked & truth).sum() / (marked.sum() + truth.sum()) > 0.95


def it_believes_a_guess_that_agrees_with_the_label_and_needs_none_where_an_expert_drew():
    slices = {1: bleeding_slice(1, "subdural"), 2: bleeding_slice(2, "intraparenchymal"), 3: outlined(bleeding_slice(3, "subdural"))}
    assert [number for number, _ in guesses([BrightIsBlood()], slices)] == [1]
    assert believed(np.ones((3, 128, 128), np.float32), np.zeros(5, bool)) is None


def it_learns_from_a_guess_and_measures_nothing_on_it(tmp_path):
    mask = np.zeros((128, 128), np.uint8)
    mask[40:60, 50:70] = 255
    write_guesses(tmp_path / "g.npz", {1: mask, 2: mask // 255})
    slices = with_guesses({number: bleeding_slice(number, "subdural") for number in (1, 2)}, tmp_path / "g.npz")
    assert np.array_equal(slices[1].drawn(0), mask) and slices[2].drawn(0) is None, "a guess of nothing is none"
    assert not slices[1].outlined.any() and slices[1].outline(0) is None
    assert outlined_places(slices) == [[(1, 0)]]
    batch = BatchSource(slices, no_pool(), seed=1).batch(0, 4, ONLY_POSITIVES)
    assert batch.mask_known.tolist() == [GUESS_WEIGHT] * 4 and float(batch.mask.amax()) > 0.9
    expert = replace(slices[1], masks=np.full((1, 128, 128), 255, np.uint8))
    assert float(expert.drawn(0).min()) == 255.0, "an expert's outline comes first"


def it_refuses_guesses_of_nobody(tmp_path):
    write_guesses(tmp_path / "g.npz", {7: np.full((128, 128), 255, np.uint8)})
    with pytest.raises(ValueError, match="1 guesses are of nobody"):
        with_guesses(blank_patients(1, 1), tmp_path / "g.npz")


def it_tells_kinds_of_what_is_labelled_or_painted():
    slices = {1: bleeding_slice(1, "subdural"), 2: replace(bleeding_slice(2, ""), subtypes=np.zeros((1, 5), bool)), 3: made_up_patient(3)}
    positives = BatchSource({1: slices[1]}, no_pool(), seed=1).batch(0, 2, Mix(0.0, 1.0, 0.0, 0.0))
    assert positives.kinds.tolist() == [[float(kind == "subdural") for kind in SUBTYPES]] * 2 and positives.kinds_known.tolist() == [1.0, 1.0]
    assert BatchSource({2: slices[2]}, no_pool(), seed=1).batch(0, 2, Mix(0.0, 1.0, 0.0, 0.0)).kinds_known.tolist() == [0.0, 0.0]
    negatives = BatchSource({3: slices[3]}, no_pool(), seed=1).batch(0, 2, Mix(0.0, 0.0, 0.0, 1.0))
    assert not negatives.kinds.any() and negatives.kinds_known.tolist() == [1.0, 1.0]
    painted = BatchSource._painted_kinds
    assert [SUBTYPES[int(painted(KINDS.index(kind)).argmax())] for kind in SUBTYPES] == list(SUBTYPES)
    assert painted(KINDS.index("transplanted")) is None and not painted(NO_LESION).any()
