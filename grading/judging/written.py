"""Answers as people write them: wrong ones that students really give, right ones in other forms.

They are definitions in solutions/<lab>/<notebook>/, misconceptions.py and other_answers.py. The
judge names the misconception that explains an answer, and `grade check` gives all of them to it.
"""

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from types import CodeType, ModuleType
from typing import Any

Definition = Callable[..., Any]
ENTERED = "__written_answers__"  # where a module keeps those that are defined in it


@dataclass(frozen=True)
class WrittenAnswer:
    """An answer to an exercise, and what a teacher would call it.

    asked: the name that the exercise asks for; the definition may have another.
    part: what the definition is called instead, where an exercise asks for something given that
        rests on what is written.
    """

    exercise: str
    name: str
    definition: Definition
    asked: str = ""
    part: str = ""

    @cached_property
    def parts(self) -> list[str]:
        """The source of everything it uses, then its own."""
        module = inspect.getmodule(self.definition)
        assert module is not None
        return _definitions(self.definition.__name__, module)

    @cached_property
    def source(self) -> str:
        """What would be in the solution cell."""
        given = f"{self.part or self.asked} = {self.definition.__name__}\n"
        return "\n\n\n".join([*self.parts, given])

    def fresh(self, right: Iterable[CodeType]) -> dict[str, Any]:
        """The names as after a restart of the kernel, what is asked for among them.

        right: the references, to stand beside it in place of the student's other answers.
        """
        names: dict[str, Any] = {"__name__": "written"}
        for code in right:
            exec(code, names)
        exec(self._code, names)
        return names

    @cached_property
    def _code(self) -> CodeType:
        return compile(self.source, f"<{self.name}>", "exec")


@dataclass(frozen=True)
class Misconception(WrittenAnswer):
    """A wrong answer and what becomes of it.

    loses: the aspects that it breaks, all of them.
    hint: where to look, for the student who gave it. It leads; it does not give the answer.
    says: words that the visible self-check must use for it.
    unsteady: it answers the same question differently each time, and is known by that.
    """

    loses: frozenset[str] = frozenset()
    hint: str = ""
    says: str = ""
    unsteady: bool = False


def misconception(
    exercise: str,
    name: str,
    *,
    loses: tuple[str, ...],
    hint: str,
    says: str,
    part: str = "",
    unsteady: bool = False,
) -> Callable[[Definition], Definition]:
    """The decorated function or class is a wrong answer to an exercise. See Misconception."""

    return lambda definition: _enter(
        Misconception(exercise, name, definition, "", part, frozenset(loses), hint, says, unsteady)
    )


def other_answer(exercise: str, name: str, part: str = "") -> Callable[[Definition], Definition]:
    """The decorated function or class is a right answer, written in another way."""
    return lambda definition: _enter(WrittenAnswer(exercise, name, definition, part=part))


def in_other_forms(definition: str, value: str) -> dict[str, str]:
    """For equivalent.py: the mutants of a definition that return a float in another form."""
    why = "any single float is one: NumPy's, one of 32 bits, and one in an array without axes"
    forms = ("np.squeeze", "np.float32", "np.float64")
    return {f"{definition}: return {value} → return {form}({value})": why for form in forms}


def _enter(answer: WrittenAnswer) -> Definition:
    module = inspect.getmodule(answer.definition)
    vars(module).setdefault(ENTERED, []).append(answer)
    return answer.definition


def written_in(module: ModuleType, asked: dict[str, str]) -> Iterator[WrittenAnswer]:
    """The answers that are defined in a module, in its order.

    asked: the name that each exercise asks for.
    """
    for answer in vars(module).get(ENTERED, []):
        yield replace(answer, asked=asked[answer.exercise])


def _definitions(name: str, module: ModuleType) -> list[str]:
    """The source of a definition and, before it, of everything in its module that it uses."""
    lines, nodes = _parsed(module)
    found: list[str] = []
    begun: set[str] = set()

    def need(wanted: str) -> None:
        if wanted in nodes and wanted not in begun:
            begun.add(wanted)
            node = nodes[wanted]
            used = [each.id for each in ast.walk(node) if isinstance(each, ast.Name)]
            for other in used:
                need(other)
            decorators = getattr(node, "decorator_list", [])
            first = min(part.lineno for part in (node, *decorators))
            found.append("\n".join(lines[first - 1 : node.end_lineno]))

    need(name)
    return list(dict.fromkeys(found))  # one import may bring several names


@cache
def _parsed(module: ModuleType) -> tuple[list[str], dict[str, ast.stmt]]:
    """The lines of a module and its definitions by name."""
    text = inspect.getsource(module)
    return text.splitlines(), dict(_top_level(text))


def _top_level(text: str) -> Iterator[tuple[str, ast.stmt]]:
    """Definitions and imports by name. What is ours alone, a student does not need."""
    for node in ast.parse(text).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                node.decorator_list = [d for d in node.decorator_list if not _enters(d)]
                yield name, node
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node
            case ast.Import(names=names) | ast.ImportFrom(names=names) if not _is_ours(node):
                yield from ((alias.asname or alias.name, node) for alias in names)


def _is_ours(node: ast.stmt) -> bool:
    """Whether an import is from the engine or from elsewhere in the lab."""
    match node:
        case ast.ImportFrom(module=module, level=level):
            return bool(level) or (module or "").startswith("grading")
    return False


def _enters(decorator: ast.expr) -> bool:
    """Whether a decorator is one of ours, or a constant that holds one for several answers."""
    match decorator:
        case ast.Call(func=ast.Name(id="misconception" | "other_answer")):
            return True
        case ast.Name(id=name):
            return name.isupper()
    return False
