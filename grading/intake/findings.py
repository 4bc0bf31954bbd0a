"""What may have to be noted about what was handed in, in words."""

from grading.status import Finding, Status

# about its files


def is_missing(file: str, others: list[str]) -> Finding:
    there = f" There is, instead: {', '.join(others)}." if others else ""
    return Finding(f"{file} is missing; the blank hand-out was graded.{there}")


def is_unreadable(file: str, reason: str) -> Finding:
    return Finding(f"{file} {reason}; the blank hand-out was graded.")


def is_another_notebook(file: str, assignment: str) -> Finding:
    text = f"{file} is not a notebook of {assignment}; it was not graded."
    return Finding(text, Status.GRADED)


def is_no_file(name: str) -> Finding:
    return Finding(f"{name} is not a regular file; it was left out.")


def is_a_link(name: str) -> Finding:
    return Finding(f"{name} is a link; it was left out.")


def is_too_large(name: str, megabytes: int) -> Finding:
    text = f"{name} is larger than {megabytes} MB; it was left out."
    advice = " Clear its outputs and hand it in again." if name.endswith(".ipynb") else ""
    return Finding(text + advice)


def has_too_long_a_name(beginning: str, most: int) -> Finding:
    return Finding(f"The name of {beginning}... is longer than {most} signs; it was left out.")


def cannot_be_read(name: str, reason: str) -> Finding:
    return Finding(f"{name} cannot be read ({reason}); it was left out.")


def are_more(number: int) -> Finding:
    return Finding(f"{number:,} more of these were left out as well.")


def are_too_many(files: int, megabytes: int) -> Finding:
    return Finding(f"There are more than {files} files or {megabytes} MB; the rest was left out.")


def has_no_date(file: str, reason: str) -> Finding:
    return Finding(f"{file} {reason}; no late penalty was applied.", Status.GRADED)


def was_found(file: str, name: str) -> Finding:
    return Finding(f"{file} was graded as {name}: by its cells, that is what it is.", Status.GRADED)


def was_chosen(file: str, name: str, others: list[str], reason: str) -> Finding:
    text = (
        f"Of several files with {name}, {file} was graded, and not {', '.join(others)}: {reason}."
    )
    return Finding(text, Status.GRADED)


def was_unpacked(file: str) -> Finding:
    return Finding(f"{file} was unpacked.", Status.GRADED)


def cannot_be_unpacked(file: str, reason: str) -> Finding:
    return Finding(f"{file} cannot be unpacked ({reason}); it was left out.")


def are_in_a_folder(folder: str) -> Finding:
    text = f"The notebooks lie in a folder {folder}; it was taken for what was handed in."
    return Finding(text, Status.GRADED)


# about the cells of a notebook


def is_there_twice(cell: str) -> Finding:
    return Finding(f"Cell {cell} is there more than once; it was graded once.", Status.GRADED)


def was_moved(cell: str) -> Finding:
    text = f"Cell {cell} stood before what it asks for; it was run behind that."
    return Finding(text, Status.GRADED)


def was_put_back(cell: str) -> Finding:
    text = f"Cell {cell} was deleted; it was put back as it was handed out."
    return Finding(text, Status.GRADED)


def was_deleted(cell: str) -> Finding:
    return Finding(
        f"Cell {cell} is missing, and nothing that it asks for is anywhere else: it was deleted, "
        "or was not in the hand-out yet."
    )


def was_answered_elsewhere(cell: str) -> Finding:
    text = (
        f"Cell {cell} holds no answer; what it asks for is in another cell, and was graded there."
    )
    return Finding(text, Status.GRADED)


def had_lost_their_names(cells: list[str]) -> Finding:
    which = (
        f"Cell {cells[0]} had lost its name"
        if len(cells) == 1
        else (f"{len(cells)} cells had lost their names")
    )
    text = f"{which}, as some editors do; recognised by id, text or definition."
    return Finding(text, Status.GRADED)


def was_retyped(cell: str, found: str, right: str) -> Finding:
    text = f"Cell {cell} was turned into a {found} cell; it was graded as the {right} cell it is."
    return Finding(text, Status.GRADED)


def is_of_earlier() -> Finding:
    text = "This notebook was made with an earlier hand-out; it was graded as the present one."
    return Finding(text, Status.GRADED)


def was_remarked(cell: str) -> Finding:
    text = f"The points or the lock of cell {cell} were changed; they were put back."
    return Finding(text, Status.TAMPERED)


def was_edited(cell: str) -> Finding:
    text = f"Locked cell {cell} was edited; it was put back as it was handed out."
    return Finding(text, Status.TAMPERED)


# about what its cells do while they are graded


def asks_for_input(cell: str) -> Finding:
    text = (
        f"In cell {cell}, input() or a debugger waits for an answer. While grading nobody answers"
    )
    return Finding(f"{text}: it ended there.", Status.GRADED)


def is_no_code_for(cell: str, version: str, message: str) -> Finding:
    text = f"Cell {cell} is no code for {version}, which grades ({message}): nothing in it ran."
    return Finding(text, Status.GRADED)


def failed_with(cell: str, version: str) -> Finding:
    text = f"Cell {cell} failed with {version}, which grades; with another version it may run."
    return Finding(text, Status.GRADED)


def needs_module(cell: str, module: str) -> Finding:
    text = f"Cell {cell} imports {module}, which is not there while grading: it ended there."
    return Finding(text, Status.GRADED)
