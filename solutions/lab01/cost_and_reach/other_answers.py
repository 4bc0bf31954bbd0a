"""Right answers to the exercises of 02_cost_and_reach, in other forms."""

import numpy as np

from grading.judging.written import other_answer


@other_answer("sparse-scores", "a copy that is written into")
def with_a_copy(attention_scores, mask):
    n = attention_scores.shape[-1]
    if mask.shape != (n, n):
        raise ValueError(f"mask has the shape {mask.shape}, not {(n, n)}")
    scores = attention_scores.copy()
    scores[..., mask] = -np.inf
    return scores


@other_answer("sparse-scores", "an additive mask of their dtype")
def with_an_additive_mask(scores, blocked):
    if blocked.shape != scores.shape[-2:]:
        raise ValueError(f"mask {blocked.shape} does not fit scores {scores.shape}")
    bias = np.zeros(blocked.shape, dtype=scores.dtype)
    bias[blocked] = -np.inf
    return scores + bias


@other_answer("sparse-scores", "loops")
def with_loops(attention_scores, mask):
    *batch, n, _ = attention_scores.shape
    if np.shape(mask) != (n, n):
        raise ValueError(f"mask: {np.shape(mask)}")
    result = np.empty_like(attention_scores)
    for index in np.ndindex(*batch, n, n):
        result[index] = float("-inf") if mask[index[-2:]] else attention_scores[index]
    return result


@other_answer("sparse-scores", "np.putmask on a broadcast mask")
def with_putmask(s, m):
    if m.ndim != 2 or m.shape != s.shape[-2:]:
        raise ValueError(f"mask of shape {m.shape} for scores of shape {s.shape}")
    result = np.array(s)
    np.putmask(result, np.broadcast_to(m, s.shape), -np.inf)
    return result


@other_answer("mask-picture", "an array of signs")
def with_signs(mask):
    return "\n".join(map(" ".join, np.where(mask, "X", ".")))


@other_answer("mask-picture", "sign after sign")
def sign_after_sign(mask):
    picture = ""
    for i in range(len(mask)):
        if i:
            picture += "\n"
        for j in range(len(mask)):
            if j:
                picture += " "
            picture += "X" if mask[i, j] else "."
    return picture


@other_answer("mask-picture", "too much, and cut off")
def cut_off(grid):
    lines = []
    for row in grid.tolist():
        line = ""
        for cell in row:
            line += ".X"[cell] + " "
        lines.append(line.rstrip())
    return ("\n".join(lines) + "\n").rstrip("\n")


@other_answer("mask-picture", "a text of NumPy's")
def numpys_text(mask):
    return np.str_("\n".join(" ".join("X" if cell else "." for cell in row) for row in mask))


@other_answer("sparsity", "counted and divided")
def counted_and_divided(mask):
    return np.count_nonzero(mask) / mask.size


@other_answer("sparsity", "a mean, as NumPy has it")
def numpys_mean(mask):
    return mask.mean()


@other_answer("sparsity", "an array without axes")
def without_axes(mask):
    return np.array(mask.sum() / len(mask) ** 2)


@other_answer("sparsity", "one less the share of open cells, in loops")
def one_less(pattern):
    is_open = sum(1 for row in pattern for cell in row if not cell)
    return 1 - is_open / (len(pattern) * len(pattern[0]))


@other_answer("sparsity", "a float of 32 bits")
def narrow(mask):
    return np.mean(mask, dtype=np.float32)


@other_answer("strided-pairs", "counted in a mask")
def pairs_counted(seq_len, stride):
    back = np.subtract.outer(np.arange(seq_len), np.arange(seq_len))
    return np.count_nonzero((back >= 0) & (back % stride == 0))


@other_answer("strided-pairs", "a sum over queries")
def pairs_summed(n, s):
    return sum(i // s + 1 for i in range(n))


@other_answer("strided-pairs", "a sum over diagonals")
def pairs_of_diagonals(seq_len, stride):
    return sum(range(seq_len, 0, -stride))


@other_answer("strided-pairs", "NumPy's sum")
def pairs_with_numpy(seq_len, stride):
    return (np.arange(seq_len) // stride + 1).sum()


@other_answer("layers-needed", "powers of a matrix of numbers")
def with_powers(mask):
    n = len(mask)
    steps = (~mask).astype(int)
    power = np.eye(n, dtype=int)
    for layers in range(1, n + 1):
        power = np.minimum(power @ steps, 1)
        if power.sum() == n * (n + 1) // 2:
            return layers
    return 0


@other_answer("layers-needed", "sets of keys, followed until nothing changes")
def with_sets(mask):
    n = len(mask)
    sees = [{j for j in range(n) if not mask[i, j]} for i in range(n)]
    known, layers = [{i} for i in range(n)], 0
    while True:
        if all(len(known[i]) > i for i in range(n)) and layers:
            return layers
        more = [set.union(*(known[j] for j in sees[i])) for i in range(n)]
        if more == known and layers:
            return 0
        known, layers = more, layers + 1


@other_answer("layers-needed", "the longest of all shortest ways")
def with_shortest_ways(mask):
    n = len(mask)
    far = np.where(mask, np.inf, 1.0)
    for m in range(n):
        far = np.minimum(far, far[:, [m]] + far[[m], :])
    longest = far[np.tril_indices(n)].max()
    return int(longest) if np.isfinite(longest) else 0


@other_answer("layers-needed", "recursion")
def by_recursion(mask, known=None, layers=1):
    sees = np.logical_not(mask)
    known = sees if known is None else known
    if (known | (np.arange(len(mask)) > np.arange(len(mask))[:, None])).all():
        return layers
    more = np.einsum("ij,jk->ik", sees, known)
    return 0 if np.array_equal(more, known) else by_recursion(mask, more, layers + 1)
