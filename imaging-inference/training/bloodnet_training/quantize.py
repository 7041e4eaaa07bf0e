"""Would int8 do? One fold's member, quantized after training, on the patients that it never saw."""

import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from onnxruntime import InferenceSession
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

from bloodnet_training.constants import SERVED_VOXEL_ML, WINDOW_SLICES
from bloodnet_training.export import OPSET, open_session
from bloodnet_training.metrics import ScoredPatient, slice_auc, study_auc
from bloodnet_training.network import BloodNet
from bloodnet_training.patients import BYTES_PER_HU, Patient
from bloodnet_training.window import apply_brain_window

#: int8 is shipped only when no AUC falls by more than this.
AUC_LOSS_MAX = 0.005
CALIBRATION_WINDOWS_PER_PATIENT = 6
WINDOWS_PER_RUN = 2


class _Member(nn.Module):
    """A network as a graph: window [N, 5, H, W] and voxel_ml [N] to class logit [N]."""

    def __init__(self, network: BloodNet):
        super().__init__()
        self.network = network

    def forward(self, window: Tensor, voxel_ml: Tensor) -> Tensor:
        return self.network(window, voxel_ml).class_logit


class _Windows(CalibrationDataReader):
    """Windows of the training patients, from which the ranges of the activations are read."""

    def __init__(self, patients: Iterable[Patient]):
        self._remaining = self._draw(patients)

    @staticmethod
    def _draw(patients: Iterable[Patient]) -> Iterator[dict[str, np.ndarray]]:
        order = np.random.default_rng(0)
        for patient in patients:
            yield _inputs(patient, order.integers(0, patient.slice_count, CALIBRATION_WINDOWS_PER_PATIENT))

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._remaining, None)


def compare_int8(network: BloodNet, training: list[Patient], held_out: list[Patient]) -> dict:
    """AUCs of the held-out patients and CPU time per slice, fp32 beside int8 (QDQ, per channel, min-max), as JSON values."""
    with tempfile.TemporaryDirectory() as folder:
        full, prepared, small = (str(Path(folder) / name) for name in ("fp32.onnx", "prepared.onnx", "int8.onnx"))
        _export(network, full)
        quant_pre_process(full, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            small,
            _Windows(training),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,  # without VNNI instructions, full range overflows 16-bit sums
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
        )
        report = {
            name: _figures(open_session(Path(path)), held_out) for name, path in (("fp32", full), ("int8", small))
        }
    losses = [report["fp32"][figure] - report["int8"][figure] for figure in ("studyAuc", "sliceAuc")]
    return report | {"patients": len(held_out), "holds": max(losses) <= AUC_LOSS_MAX}


def _export(network: BloodNet, path: str) -> None:
    example = (torch.zeros(2, WINDOW_SLICES, network.grid.side, network.grid.side), torch.full((2,), SERVED_VOXEL_ML))
    names = ["window", "voxel_ml"]
    torch.onnx.export(
        _Member(network).eval(),
        example,
        path,
        input_names=names,
        output_names=["class_logit"],
        dynamic_axes={name: {0: "N"} for name in [*names, "class_logit"]},
        opset_version=OPSET,
        dynamo=False,
    )


def _inputs(patient: Patient, centres: np.ndarray) -> dict[str, np.ndarray]:
    hu_bytes = patient.hu_bytes[np.stack([patient.window_indices(int(centre)) for centre in centres])]
    window = apply_brain_window(torch.from_numpy(hu_bytes).float() / BYTES_PER_HU).numpy()
    return {"window": window, "voxel_ml": np.full(len(centres), SERVED_VOXEL_ML, np.float32)}


def _figures(session: InferenceSession, patients: list[Patient]) -> dict[str, float]:
    scored, seconds = [], 0.0
    for patient in patients:
        logits = []
        for start in range(0, patient.slice_count, WINDOWS_PER_RUN):
            inputs = _inputs(patient, np.arange(start, min(start + WINDOWS_PER_RUN, patient.slice_count)))
            begin = time.process_time()
            logits.append(session.run(["class_logit"], inputs)[0])
            seconds += time.process_time() - begin
        scored.append(ScoredPatient(patient.number, patient.bleeding, np.concatenate(logits)))
    slices = sum(patient.slice_count for patient in patients)
    return {
        "studyAuc": round(study_auc(scored), 4),
        "sliceAuc": round(slice_auc(scored), 4),
        "cpuMsPerSlice": round(seconds * 1000 / slices, 1),
    }
