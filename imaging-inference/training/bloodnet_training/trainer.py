"""Runs a schedule, writes a checkpoint often, and goes on from it after a stop."""

import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from bloodnet_training.batches import BatchSource
from bloodnet_training.constants import SERVED_VOXEL_ML
from bloodnet_training.grid import Grid
from bloodnet_training.inference import score_negatives
from bloodnet_training.kinds import kind_loss, kinds_layer
from bloodnet_training.losses import combined_loss
from bloodnet_training.network import BloodNet, Variant
from bloodnet_training.schedule import BATCH_SIZE, Step
from bloodnet_training.window import Window, apply_brain_window

CHECKPOINT_EVERY_BATCHES = 100
PROGRESS_EVERY_BATCHES = 50
WEIGHT_DECAY = 0.01
GRADIENT_NORM_MAX = 5.0
#: Keeps the dropout of neighbouring seeds apart.
DROPOUT_SEED_STRIDE = 1_000_003
#: One pass over all weights, where PyTorch has it for processors (2.4 and later).
FUSED = {"fused": True} if tuple(map(int, torch.__version__.split(".")[:2])) >= (2, 4) else {"foreach": False}
#: The shipped weights are a running mean over about the last 300 batches.
AVERAGE_DECAY = 0.997


@dataclass(frozen=True)
class TrainingRun:
    """What to train, on what, and where to keep it."""

    variant: Variant
    steps: list[Step]
    source: BatchSource
    checkpoint: Path
    seed: int
    start_weights: Path | None = None
    bfloat16: bool = False


def train(run: TrainingRun) -> BloodNet:
    """Trains to the end of the schedule and returns the averaged network. Resumes from the checkpoint when there is one."""
    torch.manual_seed(run.seed)
    network = _new_network(run)
    if run.start_weights is not None:
        network.load_state_dict(torch.load(run.start_weights, weights_only=True)["average"])
    network = network.to(memory_format=torch.channels_last)
    average = _new_network(run)
    average.load_state_dict(network.state_dict())
    state = _Progress(network, average, kinds_layer())
    done = state.load(run.checkpoint) if run.checkpoint.exists() else (0, 0)
    batches_before = 0
    for index, step in enumerate(run.steps):
        if index >= done[0]:
            first_batch = done[1] if index == done[0] else 0
            _run_step(run, state, index, step, first_batch, batches_before)
        batches_before += step.batches
    return average.eval()


def average_decay(batches_done: int) -> float:
    """What of the running mean stays after this batch of the run: little at first, when the mean is of random weights."""
    return min(AVERAGE_DECAY, (1 + batches_done) / (10 + batches_done))


def _new_network(run: TrainingRun) -> BloodNet:
    network = BloodNet(run.variant)
    network.grid, network.window = run.source.grid, run.source.window
    return network


def load_network(checkpoint: Path, variant: Variant) -> BloodNet:
    """The averaged network of a checkpoint."""
    network = BloodNet(variant)
    content = torch.load(checkpoint, weights_only=True)
    network.load_state_dict(content["average"])
    network.window = Window(content.get("window", Window.SQUEEZED.value))
    network.grid = Grid(content.get("grid", Grid.HALF.value))
    return network.eval()


class _Progress:
    """Network, running mean and optimizer: what a checkpoint holds."""

    def __init__(self, network: BloodNet, average: BloodNet, kinds: nn.Linear):
        self.network = network
        self.average = average
        self.kinds = kinds
        self.optimizer: torch.optim.Optimizer | None = None
        self.optimizer_state: dict | None = None

    def save(self, path: Path, step: int, batch: int) -> None:
        content = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "kinds": self.kinds.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": step,
            "batch": batch,
            "grid": self.network.grid.value,
            "window": self.network.window.value,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        torch.save(content, partial)
        partial.rename(path)

    def load(self, path: Path) -> tuple[int, int]:
        """Restores the networks; (step, batch) to go on with."""
        content = torch.load(path, weights_only=True)
        self.network.load_state_dict(content["network"])
        self.average.load_state_dict(content["average"])
        if "kinds" in content:  # `together` learns none
            self.kinds.load_state_dict(content["kinds"])
        self.optimizer_state = content["optimizer"]
        return content["step"], content["batch"]

    def start_optimizer(self, step: Step, resumed: bool) -> None:
        for parameter in self.network.parameters():
            parameter.requires_grad_(not step.only_last_layer)
        for parameter in self.network.last.parameters():
            parameter.requires_grad_(True)
        trained = [parameter for parameter in self.network.parameters() if parameter.requires_grad]
        trained += self.kinds.parameters() if step.kinds_share else []
        self.optimizer = torch.optim.AdamW(trained, step.first_rate, weight_decay=WEIGHT_DECAY, **FUSED)
        if resumed and self.optimizer_state is not None:
            self.optimizer.load_state_dict(self.optimizer_state)

    def set_mode(self, step: Step) -> None:
        """Frozen layers keep their batch statistics too."""
        self.network.train(not step.only_last_layer)

    def update_average(self, batches_done: int) -> None:
        decay = average_decay(batches_done)
        with torch.no_grad():
            for mean, value in zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True):
                if mean.dtype.is_floating_point:
                    mean.lerp_(value, 1.0 - decay)
                else:
                    mean.copy_(value)


def _run_step(
    run: TrainingRun, state: _Progress, index: int, step: Step, first_batch: int, batches_before: int
) -> None:
    state.start_optimizer(step, resumed=first_batch > 0)
    if step.mines_negatives:
        _mine(run, state)
    state.set_mode(step)
    started, recent_losses = time.monotonic(), []
    for batch in range(first_batch, step.batches):
        if step.mines_negatives and batch > first_batch and batch == step.batches // 2:
            _mine(run, state)
        recent_losses.append(_train_batch(run, state, step, batch, batches_before + batch))
        state.update_average(batches_before + batch)
        if (batch + 1) % PROGRESS_EVERY_BATCHES == 0:
            mean_loss = sum(recent_losses[-PROGRESS_EVERY_BATCHES:]) / PROGRESS_EVERY_BATCHES
            seconds = (time.monotonic() - started) / (batch + 1 - first_batch)
            print(f"{step.name} {batch + 1}/{step.batches} loss {mean_loss:.4f}, {seconds:.2f} s per batch", flush=True)
        if (batch + 1) % CHECKPOINT_EVERY_BATCHES == 0:
            state.save(run.checkpoint, index, batch + 1)
    state.save(run.checkpoint, index + 1, 0)


def _mine(run: TrainingRun, state: _Progress) -> None:
    with torch.autocast("cpu", torch.bfloat16, enabled=run.bfloat16):
        run.source.mine(score_negatives(state.average, run.source.patients))


def _train_batch(run: TrainingRun, state: _Progress, step: Step, batch_in_step: int, batch_in_run: int) -> float:
    for group in state.optimizer.param_groups:
        group["lr"] = step.learning_rate(batch_in_step)
    batch = run.source.batch(batch_in_run, BATCH_SIZE, step.mix, step.field)
    # Dropout depends on the batch alone, so that a resumed run drops what the unbroken one would have.
    torch.manual_seed(run.seed * DROPOUT_SEED_STRIDE + batch_in_run)
    window = apply_brain_window(batch.hu).contiguous(memory_format=torch.channels_last)
    # bfloat16 halves the time where the processor has it; weights, predictions and losses stay float32.
    with torch.autocast("cpu", torch.bfloat16, enabled=run.bfloat16):
        prediction = state.network(window, torch.full((BATCH_SIZE,), SERVED_VOXEL_ML))
    loss = combined_loss(prediction, batch, step.classification_share, state.network.grid)
    if step.kinds_share:
        loss = loss + step.kinds_share * kind_loss(state.kinds(prediction.hidden), batch)
    state.optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(state.network.parameters(), GRADIENT_NORM_MAX)
    state.optimizer.step()
    return float(loss.detach())
