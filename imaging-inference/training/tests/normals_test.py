"""A normal series of another scanner has its say in the operating points."""

import numpy as np
import pytest
import torch
from data_test import write_slice
from fakes import lively_member

from bloodnet_training.calibration import choose_operating_points
from bloodnet_training.dicom_series import load_series
from bloodnet_training.evaluate import score_normal_series
from bloodnet_training.grid import Grid
from bloodnet_training.metrics import ScoredPatient
from bloodnet_training.parity import with_replicated_edges
from bloodnet_training.served_graph import ServedBloodNet
from bloodnet_training.window import Window


@torch.no_grad()
def it_scores_a_series_as_the_served_graph_does(tmp_path):
    for position in (0.0, 5.0, 10.0):
        write_slice(tmp_path / f"{position}.dcm", position, 1064)
    members = [lively_member(1), lively_member(2), lively_member(3)]
    members[0].window, members[1].grid = Window.CUT, Grid.FULL
    graph = ServedBloodNet(members).eval()
    scored = score_normal_series(graph, tmp_path, number=-1)
    series = load_series(tmp_path)
    hu, voxel_ml = torch.from_numpy(with_replicated_edges(series.hu)), torch.from_numpy(series.voxel_ml)
    served = graph(hu, voxel_ml)[0].numpy()
    assert not scored.study_label
    assert 1.0 / (1.0 + np.exp(-scored.scores)) == pytest.approx(served, abs=1e-4)


def it_counts_as_a_study_that_must_not_alarm():
    bleeding = [(True, 0.9)] * 9 + [(True, 0.5)]
    clean = [(False, 0.7)] + [(False, 0.1)] * 9
    studies = [ScoredPatient(n, np.array([one]), np.array([p])) for n, (one, p) in enumerate(bleeding + clean)]
    normal = ScoredPatient(-1, np.array([False]), np.array([0.6]))
    assert choose_operating_points(studies)[0].threshold == pytest.approx(0.3)
    assert choose_operating_points([*studies, normal], "all")[0].threshold == pytest.approx(0.8)
