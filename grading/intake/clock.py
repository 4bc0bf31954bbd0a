"""When something was handed in, as people and programs write it."""

import re
from datetime import UTC, datetime

from dateutil import parser, tz

ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")


class NoDateError(Exception):
    """The text says no time that can be trusted; the message says why, after where it stands."""


def parse_time(text: str) -> datetime:
    """A time in UTC, without a zone of its own, as nbgrader keeps it. Raises NoDateError.

    A zone may be a number (+0100), a name (CET, America/New_York), or missing, which is UTC.
    nbgrader's own reader takes +0100 for a hundred seconds, and names it does not know for UTC.
    """
    *words, last = text.split() or [""]
    named = len(words) == 2 and ZONE.fullmatch(last)
    zone = tz.gettz(last) if named else None
    if named and zone is None:
        raise NoDateError(f"names the time zone {last}, which is not known; write UTC or +0100")
    try:
        time = parser.parse(" ".join(words) if named else text)
    except (ValueError, ArithmeticError) as error:
        raise NoDateError("holds no date") from error
    aware = time.replace(tzinfo=zone) if named else time
    try:
        return aware.astimezone(UTC).replace(tzinfo=None) if aware.tzinfo else aware
    except (OverflowError, ValueError) as error:
        raise NoDateError("holds no date") from error
