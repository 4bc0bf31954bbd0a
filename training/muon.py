"""The optimizer of the matrices, after Jordan and others (2024), Muon."""

import torch
from torch import Tensor


class Muon(torch.optim.Optimizer):
    """Momentum whose update is made orthogonal, for matrices.

    PyTorch's own does it in bfloat16, which takes longer than the model itself on many processors.
    """

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for matrix in group["params"]:
                momentum = self.state[matrix].setdefault("momentum", torch.zeros_like(matrix))
                momentum.lerp_(matrix.grad, 0.05)
                update = orthogonal(matrix.grad.lerp(momentum, 0.95))
                rows, columns = matrix.shape
                scale = group["lr"] * max(1, columns / rows) ** 0.5
                matrix.mul_(1 - 0.01 * group["lr"]).sub_(scale * update)


def orthogonal(x: Tensor) -> Tensor:
    """(rows, columns), with singular values near 1: five steps of Newton and Schulz."""
    if x.shape[0] > x.shape[1]:
        return orthogonal(x.T).T
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        square = x @ x.T
        x = 3.4445 * x + (2.0315 * square @ square - 4.7750 * square) @ x
    return x
