"""The stranger's verifier with one of its checks taken out, and what it says then."""

import ast
import contextlib
import io
import types
from pathlib import Path

from ledger import verify

# What is said of witnesses, policies and evidence files is asked in rooms of their own.
ASKED = {
    "signed_text", "open_checkpoint", "from_base64", "read_json", "_object", "_integer", "read_entry", "follow", "_refuse",
    "_carries_on", "entries", "_bundle", "_compare", "follow_log", "check_export", "_entries_in", "prove", "read_seen", "text_of",
}  # fmt: skip
SOURCE = Path(verify.__file__).read_text()


class Breaker(ast.NodeTransformer):
    """Takes out the n-th check of the functions asked; `what` is then what it said."""

    def __init__(self, number):
        self.number, self.seen, self.what, self.inside = number, 0, None, []

    def visit_FunctionDef(self, node):
        self.inside.append(node.name)
        self.generic_visit(node)
        self.inside.pop()
        return node

    def take_out(self, node):
        if not set(self.inside) & ASKED:
            return node
        self.seen += 1
        if self.seen - 1 != self.number:
            return node
        self.what = ast.unparse(node)
        return ast.copy_location(ast.Pass(), node)

    def visit_Raise(self, node):
        return self.take_out(node)

    def visit_Expr(self, node):
        called = ast.unparse(getattr(node.value, "func", node))
        return self.take_out(node) if called in {"must", "can", "self._refuse"} else node


def broken(number):
    """The verifier without its n-th check, and what that said; None when there are no more."""
    breaker = Breaker(number)
    tree = ast.fix_missing_locations(breaker.visit(ast.parse(SOURCE)))
    if breaker.what is None:
        return None, breaker.seen
    module = types.ModuleType("broken")
    exec(compile(tree, "broken", "exec"), module.__dict__)
    return module, breaker.what


def verdict(module, words):
    """Exit code and what is printed; a crash is a verdict of its own, for it is not `sound`."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        try:
            code = module.main([str(word) for word in words])
        except Exception as error:  # noqa: BLE001 - a verifier without a check may fall over anything
            return repr(error)
    seq = [line for line in out.getvalue().splitlines() if line.startswith("first bad seq")]
    return code, seq
