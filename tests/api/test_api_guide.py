"""The examples of docs/api.md are sent, in their order, and are answered as they say; each address is in the OpenAPI document."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from marketplace.common import clock
from marketplace.demands.services import sealing
from tests.factories import accounts, catalogue, funding

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```http\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAME = re.compile(r"\$(\w+)")
ANY = "…"


@dataclass(frozen=True)
class Message:
    """A request or an answer as it is printed: first line, headers, body."""

    first: str
    headers: dict[str, str]
    body: str

    @property
    def path(self) -> str:
        return self.first.split()[1]

    @property
    def method(self) -> str:
        return self.first.split()[0]


def read(block: str) -> Message:
    head, _, body = block.partition("\n\n")
    first, *lines = head.strip().splitlines()
    return Message(first, dict(line.split(": ", 1) for line in lines), body.strip())


def examples(text: str) -> list[tuple[Message, Message]]:
    """Every request with the answer that is printed after it."""
    messages = [read(block) for block in FENCE.findall(text)]
    pairs = list(zip(messages[0::2], messages[1::2], strict=True))
    assert all(answer.first.startswith("HTTP/1.1 ") and not request.first.startswith("HTTP") for request, answer in pairs)
    return pairs


def agree(said: Any, true: Any, known: dict[str, str], where: str = "answer") -> None:
    """What the guide shows is a part of the true answer; a `$word` that is new takes its value from it."""
    if said == ANY:
        assert true not in (None, ""), where
    elif isinstance(said, dict):
        assert isinstance(true, dict), where
        for name, value in said.items():
            assert name in true, f"{where}.{name} is missing"
            agree(value, true[name], known, f"{where}.{name}")
    elif isinstance(said, list):
        assert len(said) == len(true), where
        for index, value in enumerate(said):
            agree(value, true[index], known, f"{where}[{index}]")
    elif isinstance(said, str) and said.startswith("$"):
        assert known.setdefault(said[1:], true) == true, where
    else:
        assert said == true, where


def send(request: Message, known: dict[str, str]) -> Any:
    def fill(text: str) -> str:
        return NAME.sub(lambda found: known[found[1]], text)

    headers = {name: fill(value) for name, value in request.headers.items()}
    kind = headers.pop("Content-Type", "application/json")
    return Client().generic(request.method, fill(request.path), fill(request.body), content_type=kind, headers=headers)


def newest_mailed_key() -> str:
    found = re.search(r"/confirm-email/([^/\s]+)/", str(mail.outbox[-1].body)) if mail.outbox else None
    return found[1] if found else ""


@pytest.fixture
def _life(settings: Any) -> Iterator[None]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.OPENER_PUBLIC_KEY = sealing.new_key_pair()[1].hex()
    cache.clear()
    yield
    cache.clear()


def others() -> dict[str, str]:
    """What the guide presupposes: a reviewer who has signed in, a team, and an institution invited to a campaign."""
    reviewer = accounts.staff("reviewer", factor=False)
    login = {"email": reviewer.email, "password": accounts.PASSWORD}
    signed_in = Client().post("/_allauth/app/v1/auth/login", login, content_type="application/json").json()
    university, funder = accounts.organisation("university"), funding.funder(10_000_000)
    demand = funding.awarded_demand(price=100_000_000)
    amounts = {"minimum_fen": 30_000_000, "optimum_fen": 60_000_000, "funder_min_fen": 1_000_000, "funder_max_fen": 60_000_000}
    return {
        "reviewer": signed_in["meta"]["session_token"],
        "team": str(catalogue.team(university).pk),
        "team_key": accounts.api_key(university)[1],
        "campaign": str(funding.campaign([funder], demand=demand, **amounts).pk),
        "funder_key": accounts.api_key(funder, scopes=("read", "write", "money"))[1],
        "deadline": (clock.now() + timedelta(days=30)).isoformat(),
    }


@pytest.mark.django_db
@pytest.mark.usefixtures("_life")
def test_every_example_of_the_guide_is_answered_as_it_says() -> None:
    known = others()
    for request, said in examples(GUIDE):
        known["mailed_key"] = newest_mailed_key()
        answer = send(request, known)
        what = f"{request.first}: {answer.content.decode()[:600]}"
        assert answer.status_code == int(said.first.split()[1]), what
        assert {name: answer.headers.get(name) for name in said.headers} == said.headers, what
        if said.body:
            agree(json.loads(said.body), answer.json(), known, what)


def test_every_address_of_the_guide_is_in_the_openapi_document() -> None:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    described = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + r"\Z"), set(item)) for path, item in paths.items()]
    for request, _ in examples(GUIDE):
        path = request.path.partition("?")[0]
        if path.startswith("/api/v1/"):
            found = [methods for pattern, methods in described if pattern.match(path)]
            assert any(request.method.lower() in methods for methods in found), request.first


def test_an_example_that_differs_from_the_truth_is_found() -> None:
    known: dict[str, str] = {}
    agree({"state": "open", "id": "$demand"}, {"state": "open", "id": "7", "more": 1}, known)
    assert known == {"demand": "7"}
    for said in ({"state": "closed"}, {"missing": 1}, {"id": "$demand"}, {"rows": [1, 2]}, {"state": ANY, "empty": ANY}):
        with pytest.raises(AssertionError):
            agree(said, {"state": "open", "id": "8", "rows": [1], "empty": ""}, {"demand": "7"})
