"""What `grade check` prints: a table of exercises and proofs, and every hole."""

from rich.console import Console
from rich.table import Table

from grading.equivalent import EQUIVALENT
from grading.exercises import EXERCISES
from grading.proof import KINDS, Trial


def show(trials: list[Trial], console: Console) -> None:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("exercise", no_wrap=True)
    for kind in KINDS:
        table.add_column(kind, justify="right")
    table.add_column("verdict", no_wrap=True)
    for exercise in EXERCISES:
        own = [trial for trial in trials if trial.exercise == exercise]
        holes = any(trial.problem for trial in own)
        counts = (_count([trial for trial in own if trial.kind == kind]) for kind in KINDS)
        table.add_row(exercise, *counts, "not proven" if holes else "proven")
    totals = (_count([trial for trial in trials if trial.kind == kind]) for kind in KINDS)
    table.add_row("all", *totals, style="bold")
    console.print(table)
    console.print()
    for kind, meaning in KINDS.items():
        console.print(f"{kind}: {meaning}", highlight=False)
    console.print(
        f"{sum(map(len, EQUIVALENT.values()))} more mutants do not change what is asked; "
        "grading/equivalent/ says why.",
        highlight=False,
    )
    for trial in trials:
        if trial.problem:
            console.print(f"{trial.exercise}: {trial.problem}", markup=False, highlight=False)


def _count(trials: list[Trial]) -> str:
    return f"{sum(trial.passed for trial in trials)}/{len(trials)}" if trials else "-"
