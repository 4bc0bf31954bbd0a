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


@other_answer("two-sided-mask", "pair by pair, with other names")
def mask_by_pairs(w, g, pad):
    half, odd = divmod(w, 2)
    if odd or half <= 0:
        raise ValueError(", ".join(["attention_window", str(w), "no"]))

    def is_open(i, j):
        return (i - j in range(-half, half + 1) or g[i] or g[j]) and not (pad[i] or pad[j])

    return np.array([[not is_open(i, j) for j in range(len(g))] for i in range(len(g))])


@other_answer("two-sided-mask", "written into triangles, one error for each reason")
def mask_by_triangles(attention_window, is_global, is_padding):
    if attention_window < 2:
        raise ValueError(f"attention_window must be at least 2, got {attention_window}.")
    if attention_window % 2 == 1:
        raise ValueError(f"attention_window must be even, got {attention_window}.")
    side = (len(is_global),) * 2
    mask = np.zeros(side, dtype=bool)
    mask[np.triu_indices(side[0], attention_window // 2 + 1)] = True
    mask[np.tril_indices(side[0], -attention_window // 2 - 1)] = True
    for position in np.flatnonzero(is_global):
        mask[position], mask[:, position] = False, False
    for position in np.flatnonzero(is_padding):
        mask[position], mask[:, position] = True, True
    return mask


@other_answer("two-sided-mask", "a subclass of ValueError")
def mask_with_own_error(attention_window, is_global, is_padding):
    class WindowError(ValueError):
        pass

    if attention_window not in range(2, 10**6, 2):
        raise WindowError(f"attention_window = {attention_window}")
    at, tokens = np.arange(len(is_global)), ~is_padding
    near = abs(at - at[:, None]) * 2 <= attention_window
    return ~((near | is_global | is_global[:, None]) & tokens & tokens[:, None])


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


@other_answer("local-rows", "head by head and row by row, under a decorator")
@np.errstate(all="ignore")
def rows_by_recursion(q, k, v, closed):
    if q.ndim > 2:
        heads = [rows_by_recursion(*each, closed) for each in zip(q, k, v, strict=True)]
        return np.array(heads)
    output = np.zeros((len(q), v.shape[1]))
    for i, seen in enumerate(np.logical_not(closed)):
        if np.any(seen):
            scores = k[seen].dot(q[i]) / np.sqrt(q.shape[1])
            shares = np.exp(scores - np.max(scores))
            output[i] = shares.dot(v[seen]) / np.sum(shares)
    return output


@other_answer("local-rows", "np.divide where there is something to divide by")
def rows_by_divide(Q, K, V, mask):
    scores = np.where(mask, -np.inf, Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5)
    largest = np.nan_to_num(scores.max(axis=-1, keepdims=True), neginf=0)
    shares = np.exp(scores - largest)
    total = shares.sum(axis=-1, keepdims=True)
    return np.divide(shares, total, out=np.zeros_like(shares), where=total > 0) @ V


@other_answer("local-rows", "a class that is called for an answer")
class Rows:
    __slots__ = ()

    def __new__(cls, Q, K, V, mask):
        scores = np.ma.array(Q @ np.swapaxes(K, -1, -2) / Q.shape[-1] ** 0.5)
        scores.mask = np.broadcast_to(mask, scores.shape)
        shares = np.ma.exp(scores - scores.max(axis=-1, keepdims=True)).filled(0)
        total = shares.sum(axis=-1, keepdims=True)
        return shares / np.where(total > 0, total, 1) @ V


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


@other_answer("global-rows", "nothing to do, nothing done; with other names")
def global_rows_if_any(out, q, k, v, flags, pads):
    out = out + 0.0
    if not np.any(flags):
        return out
    for i in np.nonzero(np.where(pads, False, flags))[0]:
        scores = (q[..., i : i + 1, :] * k).sum(axis=-1) * k.shape[-1] ** -0.5
        scores = np.where(pads, -np.inf, scores)
        out[..., i, :] = (softmax(scores)[..., None] * v).sum(axis=-2)
    return out


@other_answer("global-rows", "np.put_along_axis, one product for all global tokens")
def global_rows_put(local, Q_global, K_global, V_global, is_global, is_padding):
    rows = np.flatnonzero(is_global & ~is_padding)
    queries = np.take(Q_global, rows, axis=-2)
    scores = np.einsum("...gd,...kd->...gk", queries, K_global) / queries.shape[-1] ** 0.5
    output = np.empty_like(local)
    output[...] = local
    where = np.broadcast_to(rows[:, None], (*local.shape[:-2], len(rows), local.shape[-1]))
    news = softmax(scores - 1e300 * is_padding) @ V_global
    np.put_along_axis(output, where, news, axis=-2)
    return output


@other_answer("global-rows", "an alias of a function with more parameters")
def global_rows_alias(local, Q, K, V, is_global, is_padding, scale=None):
    scale = scale or Q.shape[-1] ** -0.5
    mask = np.broadcast_to(is_padding, (len(is_padding),) * 2)
    rows = softmax(np.where(mask, -np.inf, scale * (Q @ np.swapaxes(K, -1, -2)))) @ V
    return np.stack(
        [
            rows[..., i, :] if is_global[i] > is_padding[i] else local[..., i, :]
            for i in range(len(is_global))
        ],
        axis=-2,
    )


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


@other_answer("longformer-layer", "weights in slots, the global ones copies, heads one by one")
class InSlots:
    __slots__ = (
        *("h", "w", "W_Q", "W_K", "W_V", "W_Q_global", "W_K_global", "W_V_global"),
        *("b_Q", "b_K", "b_V", "b_Q_global", "b_K_global", "b_V_global"),
    )

    def __init__(self, width, heads, window):
        for name, value, right in (
            ("num_heads", heads, heads > 0 and width % max(heads, 1) == 0),
            ("attention_window", window, window > 1 and window % 2 == 0),
        ):
            if not right:
                raise ValueError(f"{name}: {value}")
        self.h, self.w = heads, window
        for name in ("Q", "K", "V"):
            matrix = np.random.uniform(-1, 1, (width, width)) * width**-0.5
            for end in ("", "_global"):
                setattr(self, f"W_{name}{end}", matrix.copy())
                setattr(self, f"b_{name}{end}", np.zeros(width))

    def forward(self, x, is_global, is_padding):
        x, g, pad = (np.array(a) for a in (x, is_global, is_padding))
        if x.ndim > 2:
            return np.array(list(map(self.forward, x, g, pad)))
        at = np.arange(len(x))
        near = abs(at - at[:, None]) <= self.w // 2
        closed = ~(near | g | g[:, None]) | pad | pad[:, None]
        local, of_all = self.heads(x, "", closed), self.heads(x, "_global", closed)
        return np.where((g & ~pad)[:, None], of_all, local)

    def heads(self, x, end, closed):
        Q, K, V = (
            np.split(x @ getattr(self, f"W_{n}{end}") + getattr(self, f"b_{n}{end}"), self.h, 1)
            for n in "QKV"
        )
        scores = [q @ k.T / q.shape[1] ** 0.5 for q, k in zip(Q, K, strict=True)]
        weights = [np.where(closed, 0, softmax(np.where(closed, -1e300, s))) for s in scores]
        return np.hstack([w @ v for w, v in zip(weights, V, strict=True)])


class Projections:
    """The six pairs of a weight and a bias."""

    def __init__(self, d_model):
        for end in ("", "_global"):
            for name in "QKV":
                setattr(self, f"W_{name}{end}", np.random.randn(d_model, d_model))
                setattr(self, f"b_{name}{end}", np.zeros((d_model,)))


@other_answer("longformer-layer", "a subclass, with local_rows and global_rows of its own")
class Inherited(Projections):
    def __init__(self, d_model, num_heads, attention_window):
        if num_heads < 1:
            raise ValueError(f"num_heads must be at least 1, not {num_heads}")
        if d_model % num_heads:
            raise ValueError(f"num_heads={num_heads} does not divide d_model={d_model}")
        if attention_window < 2 or attention_window & 1:
            raise ValueError(f"attention_window must be even, at least 2, not {attention_window}")
        super().__init__(d_model)
        self.num_heads, self.attention_window = num_heads, attention_window

    def forward(self, x, is_global, is_padding):
        if x.ndim == 2:
            return self.forward(x[np.newaxis], is_global[np.newaxis], is_padding[np.newaxis])[0]
        return np.stack([self.text(*each) for each in zip(x, is_global, is_padding, strict=True)])

    def text(self, x, is_global, is_padding):
        mask = mask_by_rows(self.attention_window, is_global, is_padding)
        Q, K, V = (self.heads(x, name, "") for name in "QKV")
        output = rows_by_einsum(Q, K, V, mask)
        more = (self.heads(x, name, "_global") for name in "QKV")
        output = global_rows_few(output, *more, is_global, is_padding)
        return np.moveaxis(output, 0, 1).reshape(x.shape)

    def heads(self, x, name, end):
        rows = x @ getattr(self, f"W_{name}{end}") + getattr(self, f"b_{name}{end}")
        return np.moveaxis(rows.reshape(len(x), self.num_heads, -1), 1, 0)
