"""Shapes, the dependence on volume, and the served graph's promises."""

import pytest
import torch

from bloodnet_training.constants import SERVED_VOXEL_ML
from bloodnet_training.grid import Grid
from bloodnet_training.network import BloodNet, Variant, volume_feature
from bloodnet_training.served_graph import ServedBloodNet, empty_slice_penalty, stack_windows, to_working_resolution
from bloodnet_training.window import Window, apply_brain_window, expanded, squeezed


def served() -> ServedBloodNet:
    torch.manual_seed(3)
    return ServedBloodNet([BloodNet(), BloodNet()], calibration_scale=0.8, calibration_offset=-0.2).eval()


@pytest.mark.parametrize("variant", list(Variant))
def it_answers_with_the_shapes_of_its_variant(variant):
    prediction = BloodNet(variant).eval()(torch.zeros(2, 5, 64, 96), torch.full((2,), 0.001))
    assert prediction.class_logit.shape == (2,)
    assert prediction.soft_volume_ml.shape == (2,)
    assert (prediction.mask_logit is not None) == variant.has_mask
    if variant.has_mask:
        assert prediction.mask_logit.shape == (2, 32, 48)


def it_lets_the_volume_reach_the_last_layer_only_in_the_task_dependent_network():
    window = torch.randn(1, 5, 64, 64)
    for variant in (Variant.MULTI_TASK, Variant.TASK_DEPENDENT):
        network = BloodNet(variant).eval()
        small = network(window, torch.tensor([0.001])).class_logit
        large = network(window, torch.tensor([0.1])).class_logit
        assert bool((small != large).all()) == (variant is Variant.TASK_DEPENDENT)


def it_makes_a_small_bleed_stand_out_from_almost_no_blood_everywhere():
    empty = torch.full((1, 128, 128), -5.0)
    bleed = empty.clone()
    bleed[0, 60:66, 60:66] = 3.0
    pixel_ml = torch.tensor([SERVED_VOXEL_ML * Grid.HALF.served_voxels_per_mask_pixel])
    without, small = volume_feature(empty, pixel_ml), volume_feature(bleed, pixel_ml)
    assert float(without) < 0.1
    assert float(small) > 1.5


def it_windows_zero_to_eighty_hu_and_squeezes_what_is_denser():
    hu = torch.tensor([-1000.0, 0.0, 40.0, 80.0, 230.0, 3000.0])
    assert squeezed(hu).tolist() == [0, 0, 40, 80, 90, 100]
    assert apply_brain_window(squeezed(hu)).tolist() == [-1, -1, 0, 1, 1.25, 1.5]
    assert expanded(squeezed(hu)).tolist() == [0, 0, 40, 80, 230, 380]


def it_stacks_windows_of_five_consecutive_slices():
    slices = torch.arange(7.0)[:, None, None].expand(7, 2, 2)
    assert stack_windows(slices)[:, :, 0, 0].tolist() == [[0, 1, 2, 3, 4], [1, 2, 3, 4, 5], [2, 3, 4, 5, 6]]


def it_windows_before_it_averages_so_that_bone_does_not_bleed_into_tissue():
    hu = torch.full((1, 512, 512), 40.0)
    hu[:, ::2, :] = 1000.0
    assert torch.allclose(to_working_resolution(hu), torch.full((1, 256, 256), 0.75))
    assert torch.allclose(to_working_resolution(hu, Window.CUT), torch.full((1, 256, 256), 0.5))
    assert torch.allclose(to_working_resolution(hu, Window.CUT, Grid.FULL)[0, :2, 0], torch.tensor([1.0, 0.0]))


def it_answers_the_same_for_a_slice_alone_and_among_others():
    graph = served()
    hu = torch.randn(7, 512, 512) * 20 + 35
    voxel_ml = torch.full((3,), SERVED_VOXEL_ML)
    with torch.no_grad():
        together = graph(hu, voxel_ml)
        alone = graph(hu[1:6], voxel_ml[1:2])
    for whole, single in zip(together, alone, strict=True):
        assert torch.allclose(whole[1], single[0], atol=1e-5)


def it_keeps_soft_volume_equal_to_mask_times_voxel():
    with torch.no_grad():
        _, mask, soft_volume_ml = served()(torch.randn(5, 512, 512) * 20 + 35, torch.tensor([0.002]))
    assert torch.allclose(mask.sum() * 0.002, soft_volume_ml[0], rtol=1e-4)


def it_calls_an_empty_slice_negative_whatever_the_members_say():
    graph = served()
    for member in graph.members:
        torch.nn.init.constant_(member.last.bias, 5.0)
    with torch.no_grad():
        probability, _, _ = graph(torch.full((5, 512, 512), -1000.0), torch.tensor([0.001]))
    assert float(probability[0]) < 0.01


def it_takes_nothing_from_a_slice_with_a_hundredth_of_tissue():
    centre = torch.full((1, 100, 100), -1.0)
    centre[0, 0, :] = 0.0
    assert float(empty_slice_penalty(centre)[0]) == pytest.approx(0.0, abs=1e-5)


def it_needs_a_member():
    with pytest.raises(ValueError, match="at least one member"):
        ServedBloodNet([])
