"""Slips in answers to Lab 01, and what its self-checks say of them."""

from slips import Slip

WHERE = "return np.where(mask, -np.inf, attention_scores)"
SIGN = '"X" if is_blocked else "."'

# an exercise, what is edited in its answer, what must be said, what must not
SLIPS: dict[str, Slip] = {
    "the next word open": (
        "causal-mask", (("key > key", "key > 1 + key"),), "no pattern here looks ahead", "swapped",
    ),
    "a local window too wide": (
        "local-mask", (("back >= window_size", "back > window_size"),),
        "The window reaches too far", "looks ahead",
    ),
    "a window that is kept": (
        "local-mask",
        (("    key = np", "    window_size = SEEN.setdefault(seq_len, window_size)\n    key = np"),
         ("def create", "SEEN = {}\ndef create")),
        "Is something kept between calls?", "looks ahead",
    ),
    "steps from position 0": (
        "strided-mask", (("back % stride", "key % stride"),),
        "Key 0 is 1 before query 1: not a whole number of steps of 3", "looks ahead",
    ),
    "blocks moved by one": (
        "own-block-mask", (("key // block_size", "(key + 1) // block_size"),),
        "both are in block 0, counted from 0", "looks ahead",
    ),
    "or for and": (
        "combined-mask", (("local & create", "local | create"),),
        "One of the two is enough to be open", "always sees itself",
    ),
    "the wrong size for the window": (
        "combined-mask",
        (("create_local_mask(seq_len, window_size)\n    return",
          "create_local_mask(seq_len, stride)\n    return"),),
        "calls create_local_mask(7, 3)", "wrong cell",
    ),
    "a low score in Lab 01": (
        "sparse-scores", (("-np.inf", "-1e9"),), "must be -inf", "axes swapped",
    ),
    "written into the scores": (
        "sparse-scores",
        ((WHERE, "attention_scores[..., mask] = -np.inf\n    return attention_scores"),),
        "changed attention_scores, which it was given", "must be -inf",
    ),
    "a newline at the end": (
        "mask-picture", (("for row in rows)", "for row in rows) + chr(10)"),),
        "not after the last", "changed places",
    ),
    "signs that have changed places": (
        "mask-picture", ((SIGN, '"." if is_blocked else "X"'),),
        "line 1 (row 0): expected `. X X`, got `X . .`", "newline",
    ),
    "no spaces": (
        "mask-picture", (('" ".join(row)', '"".join(row)'),), "one space between two signs", "end",
    ),
    "in percent": (
        "sparsity", (("float(np.mean(mask))", "100 * float(np.mean(mask))"),),
        "in percent", "open cells",
    ),
    "the share of open cells": (
        "sparsity", (("np.mean(mask)", "np.mean(~mask)"),), "share of open cells", "percent",
    ),
    "the diagonal not counted": (
        "strided-pairs",
        (("(groups + 1) // 2 + rest * (groups + 1)", "(groups - 1) // 2 + rest * groups"),),
        "sees itself as well", "blocked pairs",
    ),
    "whole groups alone": (
        "strided-pairs", ((" + rest * (groups + 1)", ""),), "shorter than the stride", "itself",
    ),
    "the last query alone": (
        "layers-needed", (("known[past]", "known[-1]"),), "the slowest one decides", "never meets",
    ),
}  # fmt: skip
