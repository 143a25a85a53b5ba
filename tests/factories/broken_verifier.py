"""The stranger's verifier with one of its checks taken out or made laxer, and what it says then.

One function at a time is compiled anew and stands in the verifier's place meanwhile, so that hundreds of breakages are affordable.
"""

import ast
import contextlib
import copy
import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

import pytest

from ledger import verify

SOURCE = Path(verify.__file__).read_text()
REFUSALS = {"must", "can", "self._refuse"}
# What is fetched is asked in tests/unit/test_ledger_verifier_reading.py; what the command line takes decides nothing.
ELSEWHERE = {"get", "main"}
Words = Sequence[object]
Place = tuple[str, int]


class Question(NamedTuple):
    """What the verifier is asked, what the whole verifier answers, its functions that were called, and the lines of its refusals."""

    words: Words
    answer: Any
    called: frozenset[str]
    lines: frozenset[Place]


class Breakage(NamedTuple):
    """One function with one thing changed, in the n-th node of a walk through it; `what` says what, `way` how."""

    what: str
    owner: str
    function: ast.FunctionDef
    place: int
    way: str
    lines: range
    beside: tuple[ast.stmt, ...]

    @property
    def name(self) -> str:
        return self.function.name

    def code(self) -> CodeType:
        """The broken function, compiled."""
        function = copy.deepcopy(self.function)
        # The same walk comes to the same node of the copy.
        _break(function, next(node for place, node in enumerate(ast.walk(function)) if place == self.place), self.way)
        return _compiled(function)


def breakages() -> Iterator[Breakage]:
    """Every refusal taken out; every `if` that never or always holds; every part of a condition left out."""
    module = ast.parse(SOURCE)
    for holder in (module, *(node for node in module.body if isinstance(node, ast.ClassDef))):
        for function in holder.body:
            if isinstance(function, ast.FunctionDef) and function.name not in ELSEWHERE:
                owner = holder.name if isinstance(holder, ast.ClassDef) else ""
                yield from _of(function, owner, _mentioning(module, function.name) if not owner else ())


def _mentioning(module: ast.Module, name: str) -> tuple[ast.stmt, ...]:
    """What the module makes of a function when it is read: it is made again of the broken one."""
    made = [node for node in module.body if isinstance(node, ast.Assign)]
    return tuple(node for node in made if name in {one.id for one in ast.walk(node) if isinstance(one, ast.Name)})


def _of(function: ast.FunctionDef, owner: str, beside: tuple[ast.stmt, ...]) -> Iterator[Breakage]:
    told = {id(part) for node in ast.walk(function) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for place, node in enumerate(ast.walk(function)):
        for way in _ways(node) if id(node) not in told else ():
            what = f"{owner}.{function.name}, {way.replace('_', ' ')}: ".lstrip(".") + ast.unparse(node).partition("\n")[0]
            lines = range(getattr(node, "lineno", 0), (getattr(node, "end_lineno", 0) or 0) + 1)
            yield Breakage(what, owner, function, place, way, lines, beside)


def _ways(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and _called(node.value) in REFUSALS):
        return ["without"]
    if isinstance(node, ast.If):
        return ["never", "always"]
    if isinstance(node, ast.BoolOp):
        return [f"less_{number}" for number in range(len(node.values))]
    if isinstance(node, ast.Compare) and len(node.ops) > 1:
        return [f"link_{number}" for number in range(len(node.ops))]
    return []


def _break(function: ast.FunctionDef, node: Any, what: str) -> None:
    way, _, number = what.partition("_")
    if way in {"never", "always"}:
        node.test = ast.BoolOp(ast.And() if way == "never" else ast.Or(), [node.test, ast.Constant(way == "always")])
    elif way == "less":
        del node.values[int(number)]
        if len(node.values) == 1:
            _replace(function, node, node.values[0])
    elif way == "link":
        ends = [node.left, *node.comparators]
        kept = [ast.Compare(ends[at], [op], [ends[at + 1]]) for at, op in enumerate(node.ops) if at != int(number)]
        _replace(function, node, kept[0] if len(kept) == 1 else ast.BoolOp(ast.And(), kept))
    else:
        _replace(function, node, ast.Pass())


def _replace(function: ast.FunctionDef, node: ast.AST, other: ast.AST) -> None:
    for parent in ast.walk(function):
        for name, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, name, other)
                return
            if isinstance(value, list) and any(one is node for one in value):
                value[next(at for at, one in enumerate(value) if one is node)] = other
                return


def _called(node: ast.AST) -> str:
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def _compiled(node: ast.stmt) -> CodeType:
    return compile(ast.fix_missing_locations(ast.Module([node], [])), "broken", "exec")


@contextlib.contextmanager
def broken(breakage: Breakage) -> Iterator[None]:
    """Within, the verifier is broken so."""
    made: dict[str, Any] = {}
    exec(breakage.code(), vars(verify), made)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(getattr(verify, breakage.owner) if breakage.owner else verify, breakage.name, made[breakage.name])
        for statement in breakage.beside:
            exec(_compiled(statement), vars(verify), made := {})
            for name, value in made.items():
                patch.setattr(verify, name, value)
        yield


def verdict(words: Words) -> Any:
    """Exit code and the first bad seq; a crash is a verdict of its own, for it is not `sound`."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        try:
            code = verify.main([str(word) for word in words])
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a verifier without a check may fall over anything
            return repr(error)
    return code, [line for line in out.getvalue().splitlines() if line.startswith("first bad seq")]


def asked(words: Words) -> Question:
    """The question with the whole verifier's answer."""
    lines: set[Place] = set()
    called: set[str] = set()
    begin = verify.Refused.__init__

    def calling(frame: Any, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename == verify.__file__:
            called.add(frame.f_code.co_name)

    def refused(self: verify.Refused, *given: Any) -> None:
        frame: Any = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename == verify.__file__:
                lines.add((frame.f_code.co_name, frame.f_lineno))
            frame = frame.f_back
        begin(self, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verify.Refused, "__init__", refused)
        sys.setprofile(calling)
        try:
            answer = verdict(words)
        finally:
            sys.setprofile(None)
        return Question(words, answer, frozenset(called), frozenset(lines))


class Crowd:
    """All the questions; who noticed one breakage of a function is asked first about the next one."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = questions
        self.keen: dict[str, list[Question]] = {}

    def notices(self, breakage: Breakage) -> bool:
        """Whether the verifier so broken gives one of the questions another answer."""
        with broken(breakage):
            for question in self._nearest_first(breakage):
                if verdict(question.words) != question.answer:
                    self.keen.setdefault(breakage.name, []).insert(0, question)
                    return True
        return False

    def _nearest_first(self, breakage: Breakage) -> list[Question]:
        """Those refused at the broken lines, those keen on its function, those that are refused through it, all others that call it."""
        keen = self.keen.get(breakage.name, [])

        def distance(question: Question) -> int:
            within = [line for name, line in question.lines if name == breakage.name]
            if any(line in breakage.lines for line in within):
                return 0
            return 1 if question in keen else 2 if within else 3

        return sorted((one for one in self.questions if breakage.name in one.called), key=distance)
