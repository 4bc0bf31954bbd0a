"""Every kind of attack; `ATTACKS` has all of them once they are imported."""

from attacks import (
    damage,
    exhausting,
    handed_in,
    killing,
    reaching,
    reading,
    surviving,
    tampering,
    telling,
    writing,
)
from attacks.corpus import ATTACKS

__all__ = ["ATTACKS", "KINDS"]

KINDS = (
    *(tampering, reading, writing, surviving, exhausting, reaching, killing, damage),
    *(handed_in, telling),
)
