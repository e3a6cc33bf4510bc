"""THREADS: epochs of PyTorch: `nn.LSTM`, a `DataLoader` that shuffles, Adam, the ordinary loop."""

from __future__ import annotations

import sys

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.workers.goog import load_arrays
from benchmarks.workers.turns import serve


class Network(nn.Module):
    """Four layers of 50 units and a dense head; `nn.LSTM` has no dropout after its last layer."""

    def __init__(self) -> None:
        super().__init__()
        self.recurrent = nn.LSTM(1, 50, 4, dropout=0.2, batch_first=True)
        self.head = nn.Linear(50, 1)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        """(batch, window, 1) ─▶ (batch, 1)."""
        hidden, _ = self.recurrent(windows)
        answers: torch.Tensor = self.head(hidden[:, -1])
        return answers


def main(threads: int) -> None:
    """Build, then train an epoch whenever it is our turn."""
    torch.set_flush_denormal(True)  # before there are threads, which inherit it
    torch.set_num_threads(threads)
    inputs, targets = (torch.from_numpy(array) for array in load_arrays())
    batches = DataLoader(TensorDataset(inputs, targets), batch_size=32, shuffle=True)
    network = Network()
    optimizer = torch.optim.Adam(network.parameters())
    measure_loss = nn.MSELoss()

    def run_epoch(_: int) -> float:
        total = 0.0
        for windows, answers in batches:
            optimizer.zero_grad()
            loss = measure_loss(network(windows), answers)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(windows)
        return total / len(inputs)

    serve(run_epoch)


if __name__ == "__main__":
    main(int(sys.argv[1]))
