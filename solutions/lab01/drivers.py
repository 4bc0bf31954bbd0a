"""How answers of Lab 01 are called, where that is more than a function with its arguments.

The text of this file runs beside the student's code, so it holds no answer and imports nothing of
ours. A driver gets a Call (see grading/kernel/probe.py) and returns the values to be shown.
"""

import numpy as np


def show_blocked(call):
    """Show which cells of a mask are blocked, by True or by False: which, is asked apart."""
    shown = call.make()
    blocked = np.asarray(shown["mask"]) != 0
    if blocked.ndim == 2 and blocked.diagonal().all():
        future = np.triu_indices_from(blocked, 1)
        if not blocked[future].any():  # nobody sees itself, and everybody what comes after it
            blocked = ~blocked
    return shown | {"mask": blocked}


def show_signs(call):
    """Show the signs of a picture row by row, whatever white space is between and behind them."""
    picture = _text(call)
    lines = picture.strip().split("\n")
    return {"signs": "\n".join(" ".join("".join(line.split())) for line in lines)}


def show_layout(call):
    """Show a picture with one sign for all signs, and without newlines at its end."""
    picture = _text(call).rstrip("\n")
    return {"layout": "".join(sign if sign in " \n" else "." for sign in picture)}


def show_end(call):
    """Show how many newlines a picture ends with."""
    picture = _text(call)
    return {"newlines at the end": len(picture) - len(picture.rstrip("\n"))}


def _text(call):
    picture = call.run(call.answer, call.inputs)
    if not isinstance(picture, str):
        raise TypeError(f"what came back is no text, but of type {type(picture).__name__}")
    return str(picture)


def show_what_is_left(call):
    """Show the inputs after the call alone, and whether what is returned is an array of its own."""
    result = np.asarray(call.run(call.answer, call.inputs))
    is_new = not any(np.shares_memory(result, value) for value in call.inputs.values())
    left = {f"{name} after the call": value for name, value in call.inputs.items()}
    return left | {"a new array": is_new}


def show_batch(call):
    """Show which scores come back for a batch, blocked ones as any number that is low by far."""
    shown = call.make()
    scores = np.asarray(shown["scores"])
    return shown | {"scores": np.where(scores < -1e3, -np.inf, scores)}


def show_open(call):
    """Show what comes back; whether any of it was changed that is not all open; and whether open
    scores are what they were, to the last bit."""
    before, mask = call.inputs["attention_scores"].copy(), call.inputs["mask"].copy()
    shown = call.make()
    scores = np.asarray(shown["scores"])
    is_changed = not np.array_equal(scores, before)
    fits = scores.shape == before.shape
    return shown | {
        "some are blocked": is_changed or not mask.any(),
        "open scores as they were": fits and np.array_equal(scores[~mask], before[~mask]),
    }


def show_whether_one(call):
    """Show whether one layer is what comes back: how many it is otherwise, is asked apart."""
    return {"one layer": call.run(call.answer, call.inputs) == 1}


def show_whether_never(call):
    """Show whether no number of layers is what comes back."""
    return {"never": call.run(call.answer, call.inputs) == 0}


def one_step_back(size_name):
    """Stands in for a mask: in it, a query sees itself and one key that is so many back."""

    def stand_in(call):
        def create_mask(seq_len, size):
            for name, value in (("seq_len", seq_len), (size_name, size)):
                if value < 1:
                    raise ValueError(f"{name} is {value}; it must be at least 1")
            back = np.subtract.outer(np.arange(seq_len), np.arange(seq_len))
            other = size + 1 if size_name == "stride" else size
            return (back != 0) & (back != other)

        return create_mask

    return stand_in


STAND_INS = {
    "create_local_mask": one_step_back("window_size"),
    "create_strided_mask": one_step_back("stride"),
}
