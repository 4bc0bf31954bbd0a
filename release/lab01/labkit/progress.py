"""Which self-checks have passed: shown at the end of each notebook, and by `python -m lab`."""

import asyncio
import importlib
import os
from pathlib import Path

from labkit.points import points_in

SECONDS = 30  # for one cell, as when it is graded
ONLY_ANSWERS = {  # of a kernel whose figures nobody sees, and that runs beside others
    "LAB_FIGURES": "text",
    "LAB_QUICK": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}

PASSES, WRONG, UNWRITTEN = "passes", "not right yet", "not written yet"

_states: dict[str, str] = {}  # by exercise, since this kernel was started


def record(exercise: str, state: str) -> None:
    _states[exercise] = state


def hand_out() -> Path:
    """The folder of the hand-out: the one with lab.py."""
    return Path(str(importlib.import_module("lab").__file__)).parent


def show_progress(notebook: str) -> None:
    """Print which exercises of a notebook pass, what that is worth, and where to go on."""
    points = points_in(hand_out())[notebook]
    for number, (exercise, worth) in enumerate(points.items(), 1):
        amount = f"{worth:g} point{' ' if worth == 1 else 's'}"
        print(f"{number}. {exercise:<18}{amount:<10}{_states.get(exercise, 'not checked yet')}")
    open_ones = [exercise for exercise in points if _states.get(exercise) != PASSES]
    vouched = sum(worth for exercise, worth in points.items() if exercise not in open_ones)
    print(f"\nThe checks vouch for {vouched:g} of {sum(points.values()):g} points.")
    if open_ones:
        number = list(points).index(open_ones[0]) + 1
        print(f"Look next at exercise {number}, {open_ones[0]}.")
    else:
        print("The hidden checks try more sizes. Restart the kernel and run all, then hand in.")


def main() -> None:
    """Run every notebook in a fresh kernel, as when it is graded, and show the progress of each."""
    os.environ.update(ONLY_ANSWERS)
    asyncio.run(_show_all(hand_out()))


async def _show_all(folder: Path) -> None:
    """As many at once as there are processors, told of in their order."""
    free = asyncio.Semaphore(os.cpu_count() or 1)
    running = {name: asyncio.create_task(_run(folder, name, free)) for name in points_in(folder)}
    for name, progress in running.items():
        print(f"\n{name}")
        print(await progress)


async def _run(folder: Path, name: str, free: asyncio.Semaphore) -> str:
    """What `show_progress` says at the end of a notebook, or why it says nothing."""
    import nbformat
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell
    from traitlets.config import Config

    path = folder / f"{name}.ipynb"
    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, ValueError) as error:
        return f"{path.name} cannot be read: {type(error).__name__}. Is it in this folder?"
    notebook.cells.append(new_code_cell(f"import lab\n\nlab.show_progress({name!r})"))
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
        interrupt_on_timeout=True,
        allow_errors=True,
        kernel_name="python3",
        # without it, each kernel warns that it is not encrypted
        config=Config({"KernelManager": {"transport_encryption": "auto"}}),
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        async with free:
            await client.async_execute()
    except Exception as error:
        return f"{path.name} did not run to its end: {type(error).__name__}."
    return "".join(o.get("text", "") for o in notebook.cells[-1].outputs).rstrip()
