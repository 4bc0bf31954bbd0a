"""Masks, as Lab 01 speaks of them: rows are queries, columns are keys, True is blocked."""

from labkit.drawing import Kind
from labkit.grids import Grid

BLOCKED = Kind("blocked", "#E8E8E8")
OPEN = Kind("open", "#0072B2", "o")
KEYS, QUERIES = "key position j", "query position i"

MASK = Grid("mask", "query", "key", OPEN, BLOCKED, ".X", QUERIES, KEYS)
parse_mask = MASK.parse
