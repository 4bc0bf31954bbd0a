"""An answer as somebody would write it: a definition in our code, its source in a notebook."""

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import CodeType, ModuleType
from typing import Any

from grading.exercises import EXERCISES


@dataclass(frozen=True)
class WrittenAnswer:
    """An answer to an exercise, and what a teacher would call it."""

    exercise: str
    name: str
    definition: Callable[..., Any]

    @cached_property
    def parts(self) -> list[str]:
        """The source of everything it uses, then its own."""
        module = inspect.getmodule(self.definition)
        assert module is not None
        return _definitions(self.definition.__name__, module)

    @cached_property
    def source(self) -> str:
        """What would be in the solution cell."""
        given = f"{self._answer} = {self.definition.__name__}\n"
        return "\n\n\n".join([*self.parts, given])

    def fresh(self, right: Iterable[CodeType]) -> Any:
        """The answer as after a restart of the kernel: nothing is left of earlier calls.

        right: the references, to stand beside it in place of the student's other answers.
        """
        namespace: dict[str, Any] = {"__name__": "written"}
        for code in right:
            exec(code, namespace)
        exec(self._code, namespace)
        return namespace[self._answer]

    @property
    def _answer(self) -> str:
        return EXERCISES[self.exercise].answer

    @cached_property
    def _code(self) -> CodeType:
        return compile(self.source, f"<{self.name}>", "exec")


def _definitions(name: str, module: ModuleType) -> list[str]:
    """The source of a definition and, before it, of everything in its module that it uses."""
    lines = inspect.getsource(module).splitlines()
    nodes = dict(_top_level("\n".join(lines)))
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


def _top_level(text: str) -> Iterator[tuple[str, ast.stmt]]:
    """Definitions and imports by name. What is ours alone, a student does not need."""
    for node in ast.parse(text).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                node.decorator_list = [d for d in node.decorator_list if not _enters(d)]
                yield name, node
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                if not getattr(node, "module", "").startswith("grading"):
                    yield from ((alias.asname or alias.name, node) for alias in names)


def _enters(decorator: ast.expr) -> bool:
    """Whether a decorator is one of ours, which enter an answer into a catalogue."""
    match decorator:
        case ast.Call(func=ast.Name(id="misconception" | "variant")):
            return True
    return False
