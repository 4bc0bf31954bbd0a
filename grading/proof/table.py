"""What `grade check` prints: a table of exercises and proofs, and every hole."""

from typing import Any

from rich.console import Console
from rich.table import Table

from grading.proof.trial import KINDS, Proof, Trial


def show(proofs: list[Proof], console: Console) -> None:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("exercise", no_wrap=True)
    for kind in KINDS:
        table.add_column(kind, justify="right")
    table.add_column("verdict", no_wrap=True)
    for proof in proofs:
        table.add_row(proof.lab.name, style="bold")
        for exercise in proof.exercises:
            counts = _counts(_of(proof, exercise))
            verdict = "proven" if proof.is_proven(exercise) else "not proven"
            table.add_row(exercise, *map(_fraction, counts), verdict)
    totals = _counts([trial for proof in proofs for trial in proof.trials])
    table.add_row("all", *map(_fraction, totals), style="bold")
    console.print(table)
    console.print()
    for kind, meaning in KINDS.items():
        console.print(f"{kind}: {meaning}", highlight=False, soft_wrap=True)
    equivalent = [reasons for p in proofs for reasons in p.lab.equivalent.values()]
    if equivalent:
        console.print(
            f"{sum(map(len, equivalent))} more mutants do not change what is asked; "
            "the labs say why, in equivalent.py.",
            highlight=False,
            soft_wrap=True,
        )
    for proof in proofs:
        for hole in proof.holes:
            console.print(
                f"{proof.lab.name}: {hole}", markup=False, highlight=False, soft_wrap=True
            )


def as_json(proofs: list[Proof]) -> dict[str, Any]:
    """The same for machines: of each kind of proof, how many trials passed, and how many were."""
    exercises = [
        {
            "lab": proof.lab.name,
            "exercise": exercise,
            "proven": proof.is_proven(exercise),
            **dict(zip(KINDS, _counts(_of(proof, exercise)), strict=True)),
        }
        for proof in proofs
        for exercise in proof.exercises
    ]
    holes = [f"{proof.lab.name}: {hole}" for proof in proofs for hole in proof.holes]
    return {"proven": not holes, "exercises": exercises, "holes": holes}


def _of(proof: Proof, exercise: str) -> list[Trial]:
    return [trial for trial in proof.trials if trial.exercise == exercise]


def _counts(trials: list[Trial]) -> list[tuple[int, int]]:
    """By kind, how many passed and how many there were."""
    by_kind = ([trial.passed for trial in trials if trial.kind == kind] for kind in KINDS)
    return [(sum(passed), len(passed)) for passed in by_kind]


def _fraction(count: tuple[int, int]) -> str:
    return f"{count[0]}/{count[1]}" if count[1] else "-"
