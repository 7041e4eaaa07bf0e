"""The driver of BLAST-CT's networks, with a network of our own in their place."""

import numpy as np
import pytest
import torch
from torch import nn

from bloodnet_training.blast_ct import CLASSES, CONTEXT_MM, load_networks, segment
from bloodnet_training.dicom_series import load_nifti
from bloodnet_training.volumes import write_nifti


class BrightIsBlood(nn.Module):
    """Calls voxels over about 50 HU intraventricular blood; takes and gives the sizes that DeepMedic does."""

    def __init__(self):
        super().__init__()
        self.paths = [lambda part, size: part[0:1, :, *(slice(CONTEXT_MM, CONTEXT_MM + side) for side in size)]]

    def get_output_size(self, size):
        return tuple(side - 2 * CONTEXT_MM for side in size)

    def fully_connected(self, features):
        blood = (features - 0.13) * 1000.0
        others = torch.zeros_like(blood).expand(-1, CLASSES - 1, -1, -1, -1)
        return torch.cat([others, blood], dim=1)


def volume_of(folder, slices: int, bright: dict[int, tuple[slice, slice]]):
    hu = np.full((slices, 512, 512), 30.0, np.float32)
    for position, place in bright.items():
        hu[position][place] = 80.0
    write_nifti(folder / "007.nii.gz", hu)
    return folder / "007.nii.gz"


def it_outlines_where_the_networks_see_blood_and_on_wanted_slices_only(tmp_path):
    square = (slice(100, 180), slice(300, 340))
    volume = volume_of(tmp_path, 12, {1: square, 2: square, 9: square, 11: square})
    wanted = np.isin(np.arange(12), (1, 9, 11))
    segment([BrightIsBlood()], volume, wanted, tmp_path / "s.nii.gz")
    blood = load_nifti(tmp_path / "s.nii.gz") > 0
    assert np.nonzero(blood.any(axis=(1, 2)))[0].tolist() == [1, 9, 11]
    truth = np.zeros((512, 512), bool)
    truth[square] = True
    for position in (1, 9, 11):
        overlap = 2.0 * (blood[position] & truth).sum() / (blood[position].sum() + truth.sum())
        assert overlap > 0.96


def it_refuses_a_folder_without_networks_and_a_volume_of_other_slices(tmp_path):
    with pytest.raises(ValueError, match=r"model_1\.pt, model_2\.pt not found"):
        load_networks(tmp_path, 2)
    volume = volume_of(tmp_path, 2, {})
    with pytest.raises(ValueError, match="3 slices of 512 are labelled"):
        segment([BrightIsBlood()], volume, np.ones(3, bool), tmp_path / "s.nii.gz")
