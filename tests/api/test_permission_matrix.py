"""Who gets which answer from every route: one table, and a route that is not in it fails.

A cell of permissions.yaml is a method with one word per parameter of its route: the name of an object of
tests/factories/world.py stands for its id, any other word for itself. Every request is undone before the next one.
A page is posted one field that no form knows, so that its form has to judge it: 422 for whoever may fill it in.
The API is sent the table's own body of the cell, which is valid, so that an answer never is about the body alone.
No answer holds a word of a confidential field that is not for its reader.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from django.apps import apps
from django.db import connection, transaction
from django.test import Client

from marketplace.common.ids import uuid7
from tests.factories import bodies
from tests.factories.leaks import leaked
from tests.factories.world import World
from tests.routes import PAGE_METHODS, Route, every_route, owners

TABLE: dict[str, Any] = yaml.load((Path(__file__).parent / "permissions.yaml").read_bytes(), Loader=yaml.CSafeLoader)
NOBODY_KNOWS = UUID(int=7)
EMPTY = (b"{}", bodies.JSON)
NO_KNOWN_FIELD = (b"nothing=asked", "application/x-www-form-urlencoded")
NO_JSON = (b'{"title_zh": "\xff', bodies.JSON)
# What takes a post without a page's token: a choice of colours, and a signed link, which is unknown here.
WITHOUT_TOKEN = {"theme/": 302, "unsubscribe/<token>/": 404}
WRITES = ("INSERT", "UPDATE", "DELETE")
# Groups of other people's software, and every address of the other groups.
FOREIGN = {"admin/": "django.", "accounts/": "allauth.", "_allauth/": "allauth."}
_API = ("schema/", "docs/", "problems/", "problems/<code>/")
OURS = {"styleguide/", "healthz", "readyz", "metrics", *(f"api/v1/{page}" for page in _API)}
# Asked about every cell, beside whom it names or lets read; the others are refused: a sample is asked, and all in `make prove`.
ALWAYS = ("anonymous", "stranger", "key")
# What a refused request may write all the same: the session, a key's last use, the remembered answer to a repeated request.
ASIDE = {"django_session", "usersessions_usersession", "accounts_apikey", "common_idempotentanswer"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of the table: what a method of a route answers to each role."""

    route: Route
    method: str
    words: tuple[str, ...]
    expected: Any

    def __str__(self) -> str:
        return " ".join((self.method, self.route.path, *self.words))

    @property
    def statuses(self) -> set[int]:
        """Every answer that somebody gets."""
        told = [*self.expected, self.expected["else"]] if isinstance(self.expected, dict) else [self.expected]
        return {int(status) for status in told if status != "else"}

    def status_for(self, role: str) -> int:
        if not isinstance(self.expected, dict):
            return int(self.expected)
        named = [status for status, roles in self.expected.items() if status != "else" and role in roles.split()]
        return int(named[0] if named else self.expected["else"])

    def names(self, role: str) -> bool:
        """Whether the cell says what this very role gets."""
        return isinstance(self.expected, dict) and any(role in roles.split() for status, roles in self.expected.items() if status != "else")

    def always_asks(self, role: str) -> bool:
        """Whether every run asks as this role: who may read is shown rows, among which must be none of another's."""
        return role in ALWAYS or self.names(role) or (self.method == "GET" and self.status_for(role) < 400)

    def body(self, world: World) -> tuple[bytes, str] | None:
        """What the table has this cell asked with, and its content type."""
        written = TABLE["bodies"].get(self.route.path, {}).get(" ".join((self.method, *self.words)))
        return bodies.sent(world, written) if written else None

    def address(self, world: World, *, unknown: bool = False) -> str:
        values = [NOBODY_KNOWS if unknown and word in world.objects else _id(world, word) for word in self.words]
        return self.route.filled(values)


def _id(world: World, word: str) -> object:
    return world.objects[word].pk if word in world.objects else word


@cache
def routes() -> dict[str, Route]:
    """Every route that no group of the table covers."""
    groups = tuple(TABLE["groups"])
    return {route.path: route for route in every_route() if not route.path.startswith(groups)}


def methods_of(route: Route) -> frozenset[str]:
    """The methods that the table has to speak of: of a page both, unless it only reads."""
    if route.path.startswith("api/"):
        return route.methods
    return frozenset({"GET"}) if route.path in TABLE["reads"] else PAGE_METHODS


def cells() -> Iterator[Cell]:
    for path, rows in TABLE["routes"].items():
        route = routes().get(path)
        for key, expected in rows.items() if route else ():
            method, *words = key.split()
            yield Cell(route, method, tuple(words), expected)  # type: ignore[arg-type]


def ask(
    world: World, role: str, method: str, address: str, body: tuple[bytes, str] | None = None, *, may: bool = False
) -> tuple[Any, bool]:
    """The answer, and whether anything was written, which is not looked into where whoever succeeds `may`; all of it undone."""
    client = world.client(role)
    data, kind = body or (EMPTY if address.startswith("/api/") else NO_KNOWN_FIELD)
    before = snapshot_before(world)
    with transaction.atomic():
        written: list[str] = []
        with connection.execute_wrapper(_noting(written)):
            if method == "GET":
                answer = client.get(address, headers={"Accept-Language": "en"})
            else:
                headers = {"Accept-Language": "en", "Idempotency-Key": str(uuid7())}
                answer = client.generic(method, address, data, content_type=kind, headers=headers)
        judged = bool(written) and not connection.needs_rollback and not (may and answer.status_code < 400)
        changed = judged and snapshot() != before
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        answer.read_content = content
        transaction.set_rollback(True)
    return answer, changed


def _noting(written: list[str]) -> Callable[..., Any]:
    def wrap(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith(WRITES) and not any(f'"{table}"' in sql for table in ASIDE):
            written.append(sql)
        return execute(sql, *rest)

    return wrap


def snapshot_before(world: World) -> list[tuple[Any, ...]]:
    """The world as it was built: it is the same before every request."""
    known: list[tuple[Any, ...]] = world.__dict__.get("snapshot") or snapshot()
    world.__dict__["snapshot"] = known
    return known


def snapshot() -> list[tuple[Any, ...]]:
    """Every table's size and the sum of its rows' hashes, without what any request may write."""
    tables = sorted({model._meta.db_table for model in apps.get_models()} - ASIDE)
    parts = [f"SELECT '{name}', count(*), sum(hashtextextended(t::text, 0)) FROM {name} t" for name in tables]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return sorted(cursor.fetchall(), key=str)


def told(answer: Any, *ids: object) -> str:
    """A refusal's body without what differs from one request to the next."""
    text = answer.read_content.decode()
    for one in ids:
        text = text.replace(str(one), "…")
    return re.sub(r'(nonce|value|csrf[a-z]*)="[^"]*"|"csrf\w*": ?"[^"]*"', "", text)


def test_every_route_is_in_the_table() -> None:
    missing = sorted(
        f"{path}: {method}"
        for path, route in routes().items()
        for method in methods_of(route)
        if not any(key.split()[0] == method for key in TABLE["routes"].get(path, {}))
    )
    told_how = "a group in `groups`, a cell per method, or `reads` for a page that takes no POST"
    assert not missing, f"Say in tests/api/permissions.yaml who may do what ({told_how}): {missing}"


def test_no_route_of_ours_hides_in_a_group() -> None:
    grouped = {path: module for path, module in owners().items() if path.startswith(tuple(TABLE["groups"]))}
    ours = {
        path
        for path, module in grouped.items()
        if not any(path.startswith(group) and module.startswith(FOREIGN[group]) for group in FOREIGN)
    }
    assert ours == OURS


def test_the_table_names_no_route_that_is_gone() -> None:
    gone = [path for path in (*TABLE["routes"], *TABLE["reads"]) if path not in routes()]
    wrong = [str(cell) for cell in cells() if len(cell.words) != len(cell.route.parameters)]
    unasked = [(path, key) for path, keys in TABLE["bodies"].items() for key in keys if key not in TABLE["routes"].get(path, {})]
    assert (gone, wrong, unasked) == ([], [], [])


def test_no_cell_leaves_open_who_may_because_its_body_is_refused_first() -> None:
    """400 and 415 never, and 422 for some at most: whoever may not is told so whatever they send."""
    writing = [cell for cell in cells() if cell.route.path.startswith("api/") and cell.method != "GET"]
    told_how = "give it a valid body in tests/api/permissions.yaml, under `bodies`"
    assert [f"{cell}: {told_how}" for cell in writing if cell.statuses & {400, 415} or cell.status_for("nobody named") == 422] == []


def judge(world: World, cell: Cell, role: str) -> tuple[Any, list[str]]:
    """The answer that a role gets in a cell, and what is wrong with it."""
    answer, changed = ask(world, role, cell.method, cell.address(world), cell.body(world), may=True)
    wrong = []
    if answer.status_code != cell.status_for(role):
        wrong.append(f"{cell} as {role}: {answer.status_code} instead of {cell.status_for(role)}")
    if answer.status_code >= 400 and changed:
        wrong.append(f"{cell} as {role}: refused with {answer.status_code}, but something changed")
    if cell.method == "GET" or answer.status_code >= 400:  # who succeeds may become a reader by it, as a team that claims
        wrong += [f"{cell} as {role}: holds {secret}" for secret in leaked(world, role, answer.read_content)]
    return answer, wrong


@pytest.mark.parametrize("path", sorted(TABLE["routes"]))
def test_each_role_that_is_named_and_some_others_get_the_answer_of_the_table(world: World, path: str) -> None:
    wrong = []
    for cell in (cell for cell in cells() if cell.route.path == path):
        compared, address = False, cell.address(world)
        for role in filter(cell.always_asks, world.roles):
            answer, found = judge(world, cell, role)
            wrong += found
            if answer.status_code == 404 and not compared and address != cell.address(world, unknown=True):
                compared = True
                nowhere, _ = ask(world, role, cell.method, cell.address(world, unknown=True), cell.body(world))
                ids = [_id(world, word) for word in cell.words if word in world.objects]
                if (nowhere.status_code, told(nowhere, NOBODY_KNOWS)) != (404, told(answer, *ids)):
                    wrong.append(f"{cell} as {role}: the 404 differs from that of an id that nothing has")
    assert not wrong, "\n".join(wrong)


@pytest.mark.prove
def test_every_other_role_gets_the_answer_of_the_table_too(world: World, at_size: Callable[[int, int], int], seed: int) -> None:
    others = [(cell, role) for cell in cells() for role in world.roles if not cell.always_asks(role)]
    assert len(others) > 3_000
    sample = random.Random(seed).sample(others, at_size(300, len(others)))
    assert not [fault for cell, role in sample for fault in judge(world, cell, role)[1]]


def test_an_expert_in_their_own_name_gets_what_a_cell_says_and_beside_it_no_more_than_a_stranger(
    world: World, at_size: Callable[[int, int], int], seed: int
) -> None:
    """The same for somebody who acts for no organisation; the cells that name them always, of the others a sample."""
    named, others = [], []
    for cell in cells():
        (named if cell.names("expert") else others).append(cell)
    assert len(named) >= 8
    wrong = []
    for cell in [*named, *random.Random(seed).sample(others, at_size(40, len(others)))]:
        answer, changed = ask(world, "expert", cell.method, cell.address(world))
        right, refused = cell.status_for("expert" if cell in named else "stranger"), answer.status_code >= 400
        if not (answer.status_code == right or (refused and cell in others)) or (refused and changed):
            wrong.append(f"{cell}: {answer.status_code} instead of {right}, changed: {changed}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", sorted(TABLE["reads"]))
def test_a_page_that_only_reads_takes_nothing(world: World, path: str) -> None:
    wrong = []
    for cell in (cell for cell in cells() if cell.route.path == path):
        for role in ("anonymous", next((role for role in world.roles[1:] if cell.status_for(role) == 200), "company")):
            answer, changed = ask(world, role, "POST", cell.address(world))
            if changed or answer.status_code not in (cell.status_for(role), 405):
                wrong.append(f"{cell}, posted as {role}: {answer.status_code}, changed: {changed}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", sorted(path for path in TABLE["routes"] if not path.startswith("api/") and path not in TABLE["reads"]))
def test_a_page_takes_nothing_without_its_own_token_or_before_signing_in(world: World, path: str) -> None:
    """Cross-site request forgery: a post with the visitor's cookies, but without the token of a page."""
    wrong = []
    for cell in (cell for cell in cells() if cell.route.path == path and cell.method == "POST"):
        answer, changed = ask(world, "anonymous", "POST", cell.address(world))
        if changed or answer.status_code not in (302, 403, 404, 405):
            wrong.append(f"{cell} as anonymous: {answer.status_code}, changed: {changed}")
        forged = Client(enforce_csrf_checks=True)
        forged.cookies = world.client("company").cookies
        answer = forged.generic("POST", cell.address(world), NO_KNOWN_FIELD[0], content_type=NO_KNOWN_FIELD[1])
        if answer.status_code != WITHOUT_TOKEN.get(path, 403):
            wrong.append(f"{cell} without a token: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", sorted(path for path in TABLE["routes"] if path.startswith("api/")))
def test_a_body_that_is_no_json_is_refused_and_changes_nothing(world: World, path: str) -> None:
    wrong = []
    for cell in (cell for cell in cells() if cell.route.path == path and cell.method in ("POST", "PUT", "PATCH")):
        for role in ("anonymous", "company"):
            answer, changed = ask(world, role, cell.method, cell.address(world), NO_JSON)
            if answer.status_code not in (200, 400, 401, 403, 404, 409, 415, 422) or (changed and answer.status_code != 200):
                wrong.append(f"{cell} as {role}: {answer.status_code}, changed: {changed}")
            if role == "anonymous" and answer.status_code not in (401, 403, 404):
                wrong.append(f"{cell} as {role}: {answer.status_code} before signing in")
    assert not wrong, "\n".join(wrong)
