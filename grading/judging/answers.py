"""Read the answers that came out of a kernel: as hostile bytes, which they may be."""

import base64
import re
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import numpy as np

from grading.judging.words import Value
from grading.kernel import probe

PLAIN_DTYPE = re.compile(r"[<>|][biuf]\d{1,2}")  # bool, integer or float of one size


class ForgedError(Exception):
    """What came out of the kernel is nothing that the probe sends."""


@dataclass(frozen=True)
class Answer:
    """What one call gave: arrays and texts by name, or the exception it raised.

    unfit: of values that are neither numbers nor texts, what they are instead, by name.
    kinds: names of the exception's classes, the most special first; empty for a result.
    """

    values: dict[str, Value] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    unfit: dict[str, str] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    message: str = ""

    def form(self, name: str) -> str:
        """What a value is, whatever its numbers are: "an int", "ndarray (3, 3) of bool".

        A single float is one, be it Python's, of NumPy and of any size, or in an array without
        axes; a text is one, be it Python's or NumPy's.
        """
        array, kind = self.values[name], self.types.get(name, "value")
        if isinstance(array, str):
            return "a text"
        if array.ndim == 0 and array.dtype.kind == "f":
            return "a float"
        dtype = "integers" if array.dtype.kind in "iu" else str(array.dtype)
        if array.ndim == 0 and kind != "ndarray":
            return {"integers": "an int", "bool": "a bool"}.get(dtype, f"a {kind} ({dtype})")
        return f"{kind} {array.shape} of {dtype}"

    @property
    def error(self) -> str:
        return f"{self.kinds[0]}: {self.message}" if self.kinds else ""


def read_answers(content: Any, count: int) -> list[Answer]:
    """The answers in `content`, which must be so many. Raises ForgedError for anything else."""
    if not isinstance(content, list) or len(content) != count:
        raise ForgedError
    return [_read(answer) for answer in content]


def _read(answer: Any) -> Answer:
    match answer:
        case {"error": {"kinds": [*kinds], "message": str(message)}} if kinds:
            return Answer(kinds=tuple(map(_text, kinds)), message=message[: probe.MAX_MESSAGE])
        case {"values": {**values}, "types": {**types}}:
            unfit = {_text(n): _text(v["unfit"]) for n, v in values.items() if _is_unfit(v)}
            return Answer(
                values={_text(n): _value(v) for n, v in values.items() if n not in unfit},
                types={_text(n): _text(kind) for n, kind in types.items()},
                unfit=unfit,
            )
    raise ForgedError


def _value(packed: Any) -> Value:
    """An array or a text. What a text holds is never obeyed: it is compared, and shown escaped."""
    match packed:
        case {"text": str(text), **more} if not more and len(text) <= probe.MAX_TEXT:
            if text.encode("utf-8", "ignore").decode("utf-8") != text:
                raise ForgedError
            return text
    return _array(packed)


def _array(packed: Any) -> np.ndarray:
    match packed:
        case {"dtype": str(dtype), "shape": [*shape], "data": str(data)}:
            pass
        case _:
            raise ForgedError
    if not PLAIN_DTYPE.fullmatch(dtype) or len(data) > 2 * probe.MAX_BYTES:
        raise ForgedError
    if not all(type(n) is int and 0 <= n <= probe.MAX_BYTES for n in shape) or len(shape) > 8:
        raise ForgedError
    try:
        numbers = np.frombuffer(base64.b64decode(data, validate=True), np.dtype(dtype))
        return numbers.reshape(shape)
    except (TypeError, ValueError) as error:  # no such dtype or shape, no base64, half a number
        raise ForgedError from error


def _is_unfit(shown: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(shown, dict) and set(shown) == {"unfit"}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ForgedError
    return value[: probe.MAX_MESSAGE]
