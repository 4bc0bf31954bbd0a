"""`grade check`: prove labs, and tell of it."""

from rich.console import Console

from grading.batch.pool import WORKERS, processes
from grading.course import Course, CourseError
from grading.kernel import sandbox
from grading.labs import find_lab, lab_names
from grading.progress import reporter
from grading.proof.prove import exercises_to_prove, prove
from grading.proof.table import as_json as proofs_as_json
from grading.proof.table import show
from grading.soundness import require_sound


def check(course: Course, lab: str, exercise: str, console: Console, *, as_json: bool) -> bool:
    """Prove a lab, one exercise of it, or all labs; return whether that could be done.

    Raises CourseError, before anything is tried, when a lab does not fit together.
    """
    sandbox.require_linux()
    names = lab_names(course)
    if lab and lab not in names:
        raise CourseError(f"There is no lab {lab!r}. Known: {', '.join(names) or 'none'}.")
    names = [lab] if lab else names
    require_sound(course, names)
    for name in names:
        exercises_to_prove(find_lab(course, name), exercise)
    course = sandbox.or_trust(course)  # what is run are our own answers
    if not as_json:
        console.print(sandbox.describe(course), highlight=False, markup=False, soft_wrap=True)
    proofs = []
    with processes(WORKERS) as pool:
        for name in names:
            with reporter(console, f"Checking {name}", as_json) as telling:
                proofs.append(prove(course, name, pool, exercise, telling.show))
    if as_json:
        telling.tell("done", proofs_as_json(proofs))
    else:
        show(proofs, console)
    return not any(proof.holes for proof in proofs)
