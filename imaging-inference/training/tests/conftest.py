"""One thread: the tests run beside builds, and waiting threads would spin."""

import torch

torch.set_num_threads(1)
