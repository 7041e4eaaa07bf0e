"""Trains many networks side by side on one device, each step of each network one CUDA graph.

A small network leaves a GPU idle most of the time: it waits for Python to launch some thousand kernels per step. Here a step
(gathering, augmentation, forward, backward, optimizer, running mean) is recorded once per network and replayed, and the
networks' graphs overlap on streams of their own. On a CPU the same step runs as it is, which is slow and meant for tests.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from bloodnet_training.augment import Batch, augment
from bloodnet_training.constants import SERVED_VOXEL_ML
from bloodnet_training.crossval import EVERYONE, FoldPlan, checkpoint_of, start_of, steps_of, write_scores
from bloodnet_training.draws import Draws, Picks
from bloodnet_training.losses import combined_loss
from bloodnet_training.metrics import ScoredPatient
from bloodnet_training.network import BloodNet, Variant
from bloodnet_training.patients import Patient
from bloodnet_training.pool import Pool
from bloodnet_training.resident import Residents, room_for, take_in
from bloodnet_training.schedule import BATCH_SIZE, Step
from bloodnet_training.splits import training_patients
from bloodnet_training.trainer import GRADIENT_NORM_MAX, WEIGHT_DECAY, average_decay
from bloodnet_training.window import apply_brain_window

#: Batches run before a step is recorded, so that kernels are chosen and the optimizer has its state.
BATCHES_BEFORE_RECORDING = 3
#: Rounds after which the host waits for the device, so that it never runs far ahead.
ROUNDS_AT_ONCE = 50
#: Windows scored at once; a GPU takes many, a processor is slower with more (page faults).
WINDOWS_PER_SCORING = 8
WINDOWS_PER_SCORING_ON_GPU = 64


@dataclass
class _Tables:
    """What the batches of a step are made of, on the device; row = number of the batch in the step."""

    slices: Tensor
    masks: Tensor
    bleeding: Tensor
    mask_known: Tensor
    rates: Tensor
    decays: Tensor

    def fill(self, first: int, picks: Picks) -> None:
        rows = slice(first, first + len(picks.masks))
        self.slices[rows] = torch.from_numpy(picks.slices).to(self.slices.device)
        self.masks[rows] = torch.from_numpy(picks.masks).to(self.slices.device)
        self.bleeding[rows] = torch.from_numpy(picks.bleeding).to(self.slices.device)
        self.mask_known[rows] = torch.from_numpy(picks.mask_known).to(self.slices.device)


class Learner:
    """One network in training: its weights, their running mean, and what it draws from."""

    def __init__(
        self, variant: Variant, draws: Draws, residents: Residents, seed: int, start: Path | None = None
    ):
        torch.manual_seed(seed)
        self.draws = draws
        self.residents = residents
        self.device = residents.device
        self.network = BloodNet(variant)
        if start is not None:
            self.network.load_state_dict(torch.load(start, weights_only=True)["average"])
        self.average = BloodNet(variant)
        self.network.grid = self.average.grid = residents.grid
        self.average.load_state_dict(self.network.state_dict())
        self.network = self.network.to(self.device, memory_format=torch.channels_last)
        self.average = self.average.to(self.device, memory_format=torch.channels_last).eval()
        self.batches_done = 0
        self.optimizer_state: dict | None = None
        self.stream = torch.cuda.Stream(self.device) if self.device.type == "cuda" else None

    def prepare(self, step: Step) -> None:
        """Makes optimizer and tables for a step; nothing is drawn yet."""
        for parameter in self.network.parameters():
            parameter.requires_grad_(not step.only_last_layer)
        for parameter in self.network.last.parameters():
            parameter.requires_grad_(True)
        trained = [parameter for parameter in self.network.parameters() if parameter.requires_grad]
        self.rate = torch.tensor(step.first_rate, device=self.device)
        on_gpu = self.device.type == "cuda"
        self.optimizer = torch.optim.AdamW(
            trained, self.rate, weight_decay=WEIGHT_DECAY, fused=on_gpu, foreach=False, capturable=on_gpu
        )
        self.optimizer.param_groups[0]["lr"] = self.rate
        # Frozen layers keep their batch statistics too.
        self.network.train(not step.only_last_layer)
        self._values = _floating(self.network)
        self._mean_values = _floating(self.average)
        shape = (step.batches, BATCH_SIZE)
        self.tables = _Tables(
            slices=torch.empty((*shape, 5), dtype=torch.int64, device=self.device),
            masks=torch.empty(shape, dtype=torch.int64, device=self.device),
            bleeding=torch.empty(shape, device=self.device),
            mask_known=torch.empty(shape, device=self.device),
            rates=torch.tensor([step.learning_rate(batch) for batch in range(step.batches)], device=self.device),
            decays=torch.tensor([average_decay(self.batches_done + batch) for batch in range(step.batches)], device=self.device),
        )
        self.row = torch.zeros(1, dtype=torch.int64, device=self.device)
        self.loss_sum = torch.zeros((), device=self.device)
        self.step = step
        self.graph: torch.cuda.CUDAGraph | None = None

    def draw(self, first: int, stop: int) -> None:
        """Draws batches first..stop-1 of the step from what there is now."""
        self.tables.fill(first, self.draws.picks(self.batches_done + first, stop - first, BATCH_SIZE, self.step.mix))

    def record(self) -> int:
        """Runs the first batches of the step and records the next ones' graph; how many batches ran."""
        if self.stream is None:
            return 0
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            for _ in range(BATCHES_BEFORE_RECORDING):
                self._one_batch()
        torch.cuda.synchronize()
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph, stream=self.stream):
            self._one_batch()
        return BATCHES_BEFORE_RECORDING

    def advance(self) -> None:
        """Trains on the next batch; on a GPU it only asks for it."""
        if self.graph is None:
            self._one_batch()
            return
        with torch.cuda.stream(self.stream):
            self.graph.replay()

    def finish(self) -> float:
        """Ends the step, freeing what it held; the mean loss."""
        loss = float(self.loss_sum) / self.step.batches
        self.batches_done += self.step.batches
        self.optimizer_state = self.optimizer.state_dict()
        self.graph = self.optimizer = self.tables = None
        self.network.zero_grad(set_to_none=True)
        return loss

    def checkpoint(self, steps_done: int) -> dict:
        """What `trainer.py` keeps of a run, too: it finds this one finished after so many steps, and may go on from it."""
        parts = {"network": self.network, "average": self.average}
        weights = {name: {key: value.cpu() for key, value in part.state_dict().items()} for name, part in parts.items()}
        return weights | {"optimizer": self.optimizer_state, "step": steps_done, "batch": 0}

    def _one_batch(self) -> None:
        batch = self._batch()
        window = apply_brain_window(batch.hu).contiguous(memory_format=torch.channels_last)
        voxel_ml = torch.full((BATCH_SIZE,), SERVED_VOXEL_ML, device=self.device)
        # Weights that are cast once and kept would outlive the graph's replay: they are cast anew.
        with torch.autocast(self.device.type, torch.bfloat16, cache_enabled=False):
            prediction = self.network(window, voxel_ml)
        loss = combined_loss(prediction, batch, self.step.classification_share, self.residents.grid)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        trained = self.optimizer.param_groups[0]["params"]
        nn.utils.clip_grad_norm_(trained, GRADIENT_NORM_MAX, foreach=True)
        self.optimizer.step()
        self._move_average()
        self.loss_sum += loss.detach()
        self.row += 1

    @torch.no_grad()
    def _move_average(self) -> None:
        share = 1.0 - self.tables.decays.index_select(0, self.row)[0]
        for mean, value in zip(self._mean_values, self._values, strict=True):
            mean.lerp_(value, share)

    def _batch(self) -> Batch:
        tables, row = self.tables, self.row
        self.rate.copy_(tables.rates.index_select(0, row)[0])
        batch = Batch(
            hu=self.residents.hu(tables.slices.index_select(0, row)[0]),
            mask=self.residents.mask(tables.masks.index_select(0, row)[0]),
            bleeding=tables.bleeding.index_select(0, row)[0],
            mask_known=tables.mask_known.index_select(0, row)[0],
        )
        on_gpu = self.device.type == "cuda"
        generator = torch.cuda.default_generators[self.device.index or 0] if on_gpu else torch.default_generator
        return augment(batch, generator, self.residents.grid.finer(self.step.field))


def train_members(
    folder: Path,
    patients: dict[int, Patient],
    pool: Pool,
    plan: FoldPlan,
    device: torch.device,
    say: Callable[[str], None] = print,
) -> None:
    """Trains every member of the plan that has no checkpoint yet; checkpoints and scores lie where `crossval.py` looks for them."""
    missing = [place for place in plan.members if not checkpoint_of(folder, plan, *place).exists()]
    if not missing:
        return
    residents = Residents(patients, device, room_for(pool, patients, plan.grid), plan.grid)
    resident_pool = take_in(residents, pool)
    folds = plan.held_out(patients)
    learners = []
    for fold, member in missing:
        seed = plan.member_seed(fold, member)
        held_out = () if fold == EVERYONE else folds[fold]
        draws = Draws(residents, resident_pool, training_patients(patients, held_out), seed)
        learners.append(Learner(plan.variant, draws, residents, seed, start_of(plan, fold, member)))
    steps = steps_of(plan, bool(residents.outlines))
    for step in steps:
        train_together(learners, step, say)
    for (fold, member), learner in zip(missing, learners, strict=True):
        checkpoint = checkpoint_of(folder, plan, fold, member)
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        if fold != EVERYONE:
            write_scores(checkpoint, [_scored(learner, patients[number]) for number in folds[fold]])
        torch.save(learner.checkpoint(len(steps)) | {"grid": plan.grid.value, "window": plan.window.value}, checkpoint)


def train_together(learners: list[Learner], step: Step, say: Callable[[str], None] = print) -> None:
    """Runs one step of every learner. A step that mines negatives scores them before it and again at half of it."""
    if step.batches == 0:  # a small budget leaves nothing for the last layer alone
        return
    started = time.monotonic()
    edges = [0, step.batches // 2, step.batches] if step.mines_negatives else [0, step.batches]
    for learner in learners:
        learner.prepare(step)
    for first, stop in zip(edges[:-1], edges[1:], strict=True):
        done = 0
        for learner in learners:
            if step.mines_negatives:
                learner.draws.mine(score_negatives(learner))
            learner.draw(first, stop)
            if first == 0 and stop > BATCHES_BEFORE_RECORDING:
                done = learner.record()
        _wait(learners[0].device)
        for batch in range(first + done, stop):
            for learner in learners:
                learner.advance()
            if (batch + 1) % ROUNDS_AT_ONCE == 0:
                _wait(learners[0].device)
        _wait(learners[0].device)
    losses = [learner.finish() for learner in learners]
    seconds = time.monotonic() - started
    images = len(learners) * step.batches * BATCH_SIZE
    say(
        f"{step.name}: {len(learners)} networks x {step.batches} batches, {seconds:.1f} s, {images / seconds:.0f} images/s, "
        f"mean loss {np.mean(losses):.4f} ({min(losses):.4f} to {max(losses):.4f})"
    )


@torch.no_grad()
def score(network: BloodNet, residents: Residents, windows: np.ndarray) -> np.ndarray:
    """Class logits, float32 [N], of windows [N, 5]; in full precision."""
    network.eval()
    logits = []
    at_once = WINDOWS_PER_SCORING_ON_GPU if residents.device.type == "cuda" else WINDOWS_PER_SCORING
    for start in range(0, len(windows), at_once):
        rows = torch.from_numpy(windows[start : start + at_once]).to(residents.device)
        window = apply_brain_window(residents.hu(rows)).contiguous(memory_format=torch.channels_last)
        voxel_ml = torch.full((len(rows),), SERVED_VOXEL_ML, device=residents.device)
        logits.append(network(window, voxel_ml).class_logit)
    return torch.cat(logits).cpu().numpy()


def score_negatives(learner: Learner) -> np.ndarray:
    """Probability of the learner's own slices without bleeding, by its running mean, [negative_places]."""
    logits = score(learner.average, learner.residents, learner.draws.real_negatives.slices)
    return 1.0 / (1.0 + np.exp(-logits.astype(np.float64)))


def _scored(learner: Learner, patient: Patient) -> ScoredPatient:
    residents = learner.residents
    windows = residents.windows((patient.number, position) for position in range(patient.slice_count))
    return ScoredPatient(patient.number, patient.bleeding, score(learner.average, residents, windows))


def _floating(network: BloodNet) -> list[Tensor]:
    return [value for value in network.state_dict().values() if value.dtype.is_floating_point]


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
