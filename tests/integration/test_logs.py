"""What is logged: one JSON line per event, and everything that one request caused under one id."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from django.test import Client

from marketplace.config.logs import logging_for


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What production's formatter would write to standard error, read back."""
    shape = logging_for(json=True, level="INFO")["formatters"]["line"]
    out = StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(shape.pop("()")(**shape))
    root = logging.getLogger()
    root.addHandler(handler)
    level = root.level
    root.setLevel("INFO")
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.mark.django_db
def test_each_request_has_an_id_of_its_own_on_every_line(lines: Any) -> None:
    for _ in range(2):
        Client().get("/api/v1/terms/")
    said = [line for line in lines() if "request_id" in line]
    ids = list(dict.fromkeys(line["request_id"] for line in said))
    assert len(ids) == 2
    for one in ids:
        events = [line["event"] for line in said if line["request_id"] == one]
        assert (events[0], events[-1]) == ("request_started", "request_finished")
    assert {"event", "level", "timestamp", "logger", "request_id"} <= set(said[0])
    assert said[-1]["code"] == 200


@pytest.mark.django_db
def test_a_visitor_cannot_choose_the_id(lines: Any) -> None:
    Client().get("/api/v1/terms/", headers={"X-Request-ID": "chosen-by-the-visitor"})
    assert "chosen-by-the-visitor" not in json.dumps(lines())


@pytest.mark.django_db
def test_a_visitor_cannot_choose_the_address_either(lines: Any) -> None:
    Client(REMOTE_ADDR="203.0.113.7").get("/api/v1/terms/", headers={"X-Forwarded-For": "198.51.100.1", "X-Real-IP": "198.51.100.1"})
    assert {line["ip"] for line in lines() if "ip" in line} == {"203.0.113.7"}


def test_a_line_of_the_standard_library_looks_like_ours(lines: Any) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        logging.getLogger("django.security").warning("refused %s", "somebody")
        structlog.get_logger("marketplace").warning("books_not_clean", findings=2)
    standard, ours = lines()
    assert (standard["event"], standard["request_id"], standard["level"]) == ("refused somebody", "r-1", "warning")
    assert (ours["event"], ours["request_id"], ours["findings"]) == ("books_not_clean", "r-1", 2)
    assert set(standard) == set(ours) - {"findings"}


def test_a_fault_stays_on_one_line(lines: Any) -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logging.getLogger("django.request").exception("fault")
    (line,) = lines()
    assert "ValueError: first\nsecond" in line["exception"]


def test_plain_words_tell_the_same_and_a_fault_below_its_line() -> None:
    shape = logging_for(json=False, level="INFO")["formatters"]["line"]
    fault = (ValueError, ValueError("first"), None)
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "fault at %s", ("/x/",), fault)
    with structlog.contextvars.bound_contextvars(request_id="r-1", agent="two words"):
        line, _, below = shape.pop("()")(**shape).format(record).partition("\n")
    assert line.split(" ", 1)[1] == "[error   ] fault at /x/ [django.request] agent='two words' request_id=r-1"
    assert below == "ValueError: first"
