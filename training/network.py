"""The model of source/lab02/model in PyTorch, to be trained: the same names of weights, no code."""

import re

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

VOCABULARY, CONTEXT, WIDTH, HEADS, LAYERS = 1024, 256, 128, 4, 4


class Attention(nn.Module):
    """Causal attention of four matrices, as the student's: x @ W, no biases, nothing else."""

    def __init__(self) -> None:
        super().__init__()
        for name in ("W_Q", "W_K", "W_V", "W_O"):
            matrix = torch.zeros(WIDTH, WIDTH) if name == "W_O" else random_matrix(WIDTH, WIDTH)
            setattr(self, name, nn.Parameter(matrix))

    def forward(self, x: Tensor, is_open: Tensor) -> Tensor:
        """x: (batch, seq_len, d_model), is_open: (batch, 1, seq_len, seq_len), True = open."""
        batch, length, _ = x.shape
        Q, K, V = (
            (x @ matrix).view(batch, length, HEADS, -1).transpose(1, 2)
            for matrix in (self.W_Q, self.W_K, self.W_V)
        )
        output = functional.scaled_dot_product_attention(Q, K, V, attn_mask=is_open)
        return output.transpose(1, 2).reshape(x.shape) @ self.W_O


class Block(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x)), with the square of ReLU in the mlp."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = Attention()
        self.attention_norm = nn.RMSNorm(WIDTH, eps=1e-6)
        self.mlp_norm = nn.RMSNorm(WIDTH, eps=1e-6)
        self.W_in = nn.Parameter(random_matrix(WIDTH, 4 * WIDTH))
        self.W_out = nn.Parameter(torch.zeros(4 * WIDTH, WIDTH))

    def forward(self, x: Tensor, is_open: Tensor) -> Tensor:
        x = x + self.attention(self.attention_norm(x), is_open)
        return x + functional.relu(self.mlp_norm(x) @ self.W_in).square() @ self.W_out


class Decoder(nn.Module):
    """Tokens in, scores for the next token out; the embedding serves for both."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Parameter(0.05 * torch.randn(VOCABULARY, WIDTH))
        self.register_buffer("positions", 0.1 * sinusoids())
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.RMSNorm(WIDTH, eps=1e-6)

    def forward(self, tokens: Tensor, is_open: Tensor) -> Tensor:
        """tokens: (batch, seq_len). Returns logits (batch, seq_len, vocabulary)."""
        x = self.embedding[tokens] + self.positions[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x, is_open)
        return self.norm(x) @ self.embedding.T

    def arrays(self) -> dict[str, np.ndarray]:
        """The weights as the model names them, in half precision: that halves the file."""
        stored = {"num_heads": np.array(HEADS)}
        for name, tensor in self.state_dict().items():
            stored[short(name)] = tensor.numpy().astype(np.float16)
        return stored

    def load(self, stored: dict[str, np.ndarray]) -> None:
        """Take such weights: then this is the model that was stored."""
        for name, tensor in self.state_dict().items():
            tensor.copy_(torch.from_numpy(stored[short(name)].astype(np.float32)))


def short(name: str) -> str:
    """blocks.0.attention.W_Q is 0.W_Q in the file."""
    return re.sub(r"^blocks\.|attention\.|\.weight$", "", name)


def sinusoids() -> Tensor:
    """(context, width), fixed: sines and cosines, with wavelengths from 6 to 1600 positions.

    In them the position before is the same rotation everywhere, which W_Q and W_K can learn.
    """
    speed = CONTEXT ** -torch.linspace(0, 1, WIDTH // 2)
    angle = torch.arange(CONTEXT)[:, None] * speed
    return torch.cat([angle.sin(), angle.cos()], dim=1)


def random_matrix(rows: int, columns: int) -> Tensor:
    """(rows, columns), which keeps the size of the numbers about the same."""
    return torch.randn(rows, columns) * rows**-0.5


def open_pairs(windows: Tensor, global_tokens: Tensor) -> Tensor:
    """windows, global_tokens: (batch,). Returns (batch, 1, seq_len, seq_len), True = open."""
    query, key = torch.arange(CONTEXT)[:, None], torch.arange(CONTEXT)
    near = key > query - windows[:, None, None, None]
    return (key <= query) & (near | (key < global_tokens[:, None, None, None]))
