"""Right answers to the exercises of 03_longformer, in other forms."""

import numpy as np

from grading.judging.written import other_answer


@other_answer("two-sided-mask", "bands by np.tri, outer products of flags")
def mask_by_bands(attention_window, is_global, is_padding):
    if attention_window < 2 or attention_window % 2 == 1:
        raise ValueError(f"attention_window must be even and positive, not {attention_window}")
    n, reach = is_global.size, attention_window // 2
    band = np.tri(n, k=reach, dtype=bool) & ~np.tri(n, k=-reach - 1, dtype=bool)
    is_open = band | np.logical_or.outer(is_global, is_global)
    return ~(is_open & np.logical_and.outer(~is_padding, ~is_padding))


@other_answer("two-sided-mask", "row by row")
def mask_by_rows(attention_window: int, is_global: np.ndarray, is_padding: np.ndarray):
    if not (attention_window > 0 and attention_window % 2 == 0):
        raise ValueError(f"attention_window={attention_window} cannot be halved")
    mask = np.full((len(is_global),) * 2, True)
    for i, row in enumerate(mask):
        row[max(0, i - attention_window // 2) : i + attention_window // 2 + 1] = False
    mask[is_global] = mask[:, is_global] = False
    mask[is_padding] = mask[:, is_padding] = True
    return mask


@other_answer("two-sided-mask", "distances between positions, as numbers")
def mask_by_distance(attention_window, is_global, is_padding):
    if attention_window <= 1 or attention_window & 1:
        raise ValueError(f"attention_window: {attention_window}")
    at = np.arange(len(is_global), dtype=float)
    apart = np.abs(at[:, None] - at[None, :])
    apart[is_global] = apart[:, is_global] = 0
    apart[is_padding] = apart[:, is_padding] = np.inf
    return 2 * apart > attention_window


@other_answer("local-rows", "einsum, and weights of zero in rows without a key")
def rows_by_einsum(Q, K, V, mask):
    scores = np.einsum("...qd,...kd->...qk", Q, K) * float(Q.shape[-1]) ** -0.5
    scores = np.where(mask, -np.inf, scores)
    largest = scores.max(axis=-1, keepdims=True)
    shares = np.exp(scores - np.where(np.isfinite(largest), largest, 0))
    total = shares.sum(axis=-1, keepdims=True)
    return np.einsum("...qk,...kd->...qd", shares / np.where(total > 0, total, 1), V)


@other_answer("local-rows", "nan put right at the end")
def rows_put_right(Q, K, V, mask):
    scores = Q @ K.swapaxes(-1, -2) / Q.shape[-1] ** 0.5
    scores[..., mask] = -np.inf
    with np.errstate(invalid="ignore"):
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return np.nan_to_num(shares / shares.sum(axis=-1, keepdims=True)) @ V


@other_answer("local-rows", "only the rows that have a key")
def rows_with_a_key(Q, K, V, mask):
    has_key = ~mask.all(axis=-1)
    output = np.zeros(Q.shape[:-1] + V.shape[-1:], V.dtype)
    scores = Q[..., has_key, :] @ np.moveaxis(K, -1, -2) / Q.shape[-1] ** 0.5
    scores -= 1e300 * mask[has_key]
    scores -= scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    output[..., has_key, :] = weights @ V / weights.sum(axis=-1)[..., np.newaxis]
    return output


def softmax(scores):
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


@other_answer("global-rows", "only the rows and the keys that are needed")
def global_rows_few(local, Q_global, K_global, V_global, is_global, is_padding):
    output, rows = local.copy(), np.flatnonzero(is_global & ~is_padding)
    keys, values = K_global[..., ~is_padding, :], V_global[..., ~is_padding, :]
    scores = Q_global[..., rows, :] @ keys.swapaxes(-1, -2) / Q_global.shape[-1] ** 0.5
    output[..., rows, :] = softmax(scores) @ values
    return output


@other_answer("global-rows", "all rows, then np.where")
def global_rows_by_where(local, Q_global, K_global, V_global, is_global, is_padding):
    scores = np.einsum("...qd,...kd->...qk", Q_global, K_global) / Q_global.shape[-1] ** 0.5
    everything = softmax(np.where(is_padding, -np.inf, scores)) @ V_global
    return np.where((is_global & ~is_padding)[:, np.newaxis], everything, local)


@other_answer("global-rows", "token by token")
def global_rows_by_token(local, Q_global, K_global, V_global, is_global, is_padding):
    output = np.array(local)
    for token in range(len(is_global)):
        if is_global[token] and not is_padding[token]:
            query = Q_global[..., token, :]
            scores = np.einsum("...d,...kd->...k", query, K_global) / query.shape[-1] ** 0.5
            scores[..., is_padding] = -np.inf
            output[..., token, :] = np.einsum("...k,...kd->...d", softmax(scores), V_global)
    return output


@other_answer(
    "longformer-layer", "one set of weights for each query, without the earlier functions"
)
class ByQuery:
    def __init__(self, d_model, num_heads, attention_window):
        if num_heads <= 0 or d_model % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} does not divide d_model={d_model}")
        if attention_window < 2 or attention_window % 2:
            raise ValueError(f"attention_window={attention_window} cannot be halved")
        self.h, self.reach = num_heads, attention_window // 2
        size, self.names = (d_model, d_model), ("Q", "K", "V")
        for name in self.names:
            vars(self)[f"W_{name}"] = np.random.normal(0, d_model**-0.5, size)
            vars(self)[f"W_{name}_global"] = vars(self)[f"W_{name}"].copy()
            vars(self)[f"b_{name}"], vars(self)[f"b_{name}_global"] = np.zeros((2, d_model))

    def forward(self, x, is_global, is_padding):
        if x.ndim == 3:
            return np.array([self.forward(*t) for t in zip(x, is_global, is_padding, strict=True)])
        output = np.zeros_like(x)
        for i in np.flatnonzero(~is_padding):
            end = "_global" if is_global[i] else ""
            near = abs(np.arange(len(x)) - i) <= self.reach
            seen = ~is_padding & (near | is_global | is_global[i])
            Q, K, V = (
                rows @ vars(self)[f"W_{name}{end}"] + vars(self)[f"b_{name}{end}"]
                for name, rows in zip(self.names, (x[i], x[seen], x[seen]), strict=True)
            )
            parts = (np.split(a, self.h, axis=-1) for a in (Q, K, V))
            output[i] = np.concatenate(
                [softmax(k @ q / len(q) ** 0.5) @ v for q, k, v in zip(*parts, strict=True)]
            )
        return output


@other_answer("longformer-layer", "einsum over a whole batch, with masks of each text")
class WholeBatch:
    def __init__(self, d_model: int, num_heads: int, attention_window: int) -> None:
        if num_heads not in range(1, d_model + 1) or d_model % num_heads:
            raise ValueError(f"d_model is {d_model}, num_heads is {num_heads}")
        if attention_window % 2 or attention_window < 1:
            raise ValueError(f"attention_window is {attention_window}")
        self.sizes, self.attention_window = (num_heads, d_model // num_heads), attention_window
        rng = np.random.default_rng()
        self.W_Q, self.W_K, self.W_V = rng.normal(size=(3, d_model, d_model))
        self.W_Q_global, self.W_K_global, self.W_V_global = self.W_Q, self.W_K, self.W_V
        self.b_Q, self.b_K, self.b_V = np.zeros((3, d_model))
        self.b_Q_global, self.b_K_global, self.b_V_global = np.zeros((3, d_model))

    def forward(self, x, is_global, is_padding):
        at, tokens = np.arange(x.shape[-2]), ~is_padding
        near = abs(at[:, np.newaxis] - at) <= self.attention_window // 2
        pair = tokens[..., np.newaxis, :] & np.ones_like(near)
        local_pair = pair & (near | is_global[..., np.newaxis, :])
        local = self.attend(x, local_pair, "")
        output = np.where(is_global[..., np.newaxis], self.attend(x, pair, "_global"), local)
        return output * tokens[..., np.newaxis]

    def attend(self, x, is_open, end):
        Q, K, V = (
            (x @ getattr(self, f"W_{n}{end}") + getattr(self, f"b_{n}{end}")).reshape(
                *x.shape[:-1], *self.sizes
            )
            for n in "QKV"
        )
        scores = np.einsum("...qhd,...khd->...hqk", Q, K) / self.sizes[1] ** 0.5
        weights = softmax(np.where(is_open[..., np.newaxis, :, :], scores, -1e300))
        return np.einsum("...hqk,...khd->...qhd", weights, V).reshape(x.shape)
