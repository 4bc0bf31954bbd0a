"""What may have to be noted about what was handed in, in words."""

from grading.status import Finding, Status

# about its files


def is_missing(file: str) -> Finding:
    return Finding(f"{file} is missing; the blank hand-out was graded.")


def is_unreadable(file: str, reason: str) -> Finding:
    return Finding(f"{file} {reason}; the blank hand-out was graded.")


def is_another_notebook(file: str, assignment: str) -> Finding:
    return Finding(f"{file} is not a notebook of {assignment}; it was not graded.")


def is_no_file(name: str) -> Finding:
    return Finding(f"{name} is not a regular file; it was left out.")


def is_a_link(name: str) -> Finding:
    return Finding(f"{name} is a link; it was left out.")


def is_too_large(name: str, megabytes: int) -> Finding:
    return Finding(f"{name} is larger than {megabytes} MB; it was left out.")


def are_too_many(files: int, megabytes: int) -> Finding:
    return Finding(f"There are more than {files} files or {megabytes} MB; the rest was left out.")


def has_no_date(file: str) -> Finding:
    return Finding(f"{file} holds no date; no late penalty was applied.")


# about the cells of a notebook


def is_there_twice(cell: str) -> Finding:
    return Finding(f"Cell {cell} is there more than once; the first one was graded.")


def was_deleted(cell: str) -> Finding:
    return Finding(f"Cell {cell} was deleted; it was put back as it was handed out.")


def had_lost_its_name(cell: str, sign: str) -> Finding:
    return Finding(f"Cell {cell} had lost its name; it was recognised by {sign}.")


def was_retyped(cell: str, found: str, right: str) -> Finding:
    return Finding(
        f"Cell {cell} was turned into a {found} cell; it was graded as the {right} cell it is."
    )


def points_were_changed(cell: str) -> Finding:
    text = f"The points or the lock of cell {cell} were changed; they were put back."
    return Finding(text, Status.TAMPERED)


def was_edited(cell: str) -> Finding:
    text = f"Locked cell {cell} was edited; it was put back as it was handed out."
    return Finding(text, Status.TAMPERED)
