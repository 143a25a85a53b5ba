"""What machines ask of the house, the API's own page, and the headers that every answer carries."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory
from prometheus_client import values

from ledger.engine.cosignature import CosigningKey
from marketplace.common import outbox
from marketplace.config import counting, documentation, health, refusals
from marketplace.config.schedule import BEAT

POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'",
    "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'",
}  # fmt: skip
SOURCES = (Path(__file__).parents[2] / "platform" / "marketplace").rglob("*.py")
CODES = sorted({code for file in SOURCES for code in re.findall(r'^    code = "(\w+)"$', file.read_text(encoding="utf-8"), re.MULTILINE)})
ALL_WELL = dict.fromkeys(("database", "redis", "migrations", "sequencer", "outbox"), "ok")


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    parts = dict.fromkeys(health.CHECKS, lambda: None)
    monkeypatch.setattr(health, "CHECKS", parts)
    return parts


def test_alive_asks_nobody(client: Client) -> None:
    # No database is allowed in this test: the answer must not need one.
    assert client.get("/healthz").json() == {"status": "alive"}


def test_ready_names_every_part_when_all_are_well(client: Client, checks: dict[str, Any]) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "parts": ALL_WELL}


def test_ready_says_which_part_fails_and_tells_no_address(client: Client, checks: dict[str, Any]) -> None:
    def unwell() -> None:
        raise OperationalError("could not connect to 10.0.0.7 as jinqiao_app")

    checks["database"] = unwell
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == "failing (OperationalError)"
    assert b"10.0.0.7" not in answer.content


@pytest.mark.django_db
def test_ready_is_true_of_a_migrated_database_and_an_empty_inbox(client: Client) -> None:
    assert client.get("/readyz").json() == {"status": "ready", "parts": ALL_WELL}


@pytest.mark.parametrize(("part", "whose"), [("sequencer", health), ("outbox", outbox)])
def test_what_falls_behind_is_not_ready(monkeypatch: pytest.MonkeyPatch, part: str, whose: Any) -> None:
    monkeypatch.setattr(whose, "lag_seconds", lambda: 31.0)
    with pytest.raises(health.NotReady, match="31 s behind"):
        health.CHECKS[part]()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "given", "status"), [("", "", 404), ("s3cret", "", 404), ("s3cret", "Bearer other", 404), ("s3cret", "Bearer s3cret", 200)]
)
def test_metrics_are_for_the_bearer_of_the_token(client: Client, settings: Any, token: str, given: str, status: int) -> None:
    settings.METRICS_TOKEN = token
    answer = client.get("/metrics", headers={"Authorization": given})
    assert answer.status_code == status
    assert (b"django_http_requests" in answer.content) is (status == 200)


@pytest.mark.django_db
def test_metrics_tell_how_far_each_witness_is_behind_the_ledger(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "token"
    vkey = CosigningKey("witness.example/1", bytes(range(32))).cosigner.vkey
    settings.LEDGER_WITNESSES = [f"https://witness.example {vkey}"]
    lines = client.get("/metrics", headers={"Authorization": "Bearer token"}).content.decode().splitlines()
    for line in ("ledger_entries 0.0", "ledger_lag_seconds 0.0", 'ledger_cosigned_entries{witness="witness.example/1"} 0.0'):
        assert line in lines


@pytest.mark.django_db
def test_metrics_tell_what_every_worker_counted_beside_the_ledger(
    client: Client, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.METRICS_TOKEN = "token"
    monkeypatch.setenv(counting.FOLDER, str(tmp_path))
    for seat, times in ((1, 2), (2, 3)):
        monkeypatch.setattr(counting.Seat, "name", str(seat))
        counted = values.MultiProcessValue(lambda: counting.Seat.name)("counter", "asked", "asked_total", (), (), "Requests")
        counted.inc(times)
    lines = client.get("/metrics", headers={"Authorization": "Bearer token"}).content.decode().splitlines()
    assert {"asked_total 5.0", "ledger_entries 0.0"} <= set(lines)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["counter_1.db", "counter_2.db"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/api/v1/docs/", "/en/api/v1/docs/", "/api/v1/schema/", "/nowhere/"])
def test_every_answer_carries_the_content_policy_and_its_companions(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert set(headers["Content-Security-Policy"].split("; ")) == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "title"), [("/api/v1/docs/", "接口文档"), ("/en/api/v1/docs/", "Getting started")])
def test_the_api_page_is_in_the_readers_language_with_nothing_inline_or_from_elsewhere(client: Client, path: str, title: str) -> None:
    page = client.get(path, headers={"Accept-Language": "fr"}).content.decode()
    assert title in page
    assert " style=" not in page
    assert "<style" not in page
    assert not [part for part in page.split("<script")[1:] if "src=" not in part.partition(">")[0]]
    assert "https://" not in page.replace("https://jinqiao", "")


@pytest.mark.django_db
def test_the_api_page_shows_every_operation_of_the_document(client: Client) -> None:
    from drf_spectacular.generators import SchemaGenerator

    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    ids = {item[method]["operationId"] for item in paths.values() for method in documentation.METHODS if method in item}
    shown = {operation.id for chapter in documentation.chapters("en") for operation in chapter.operations}
    assert shown == ids
    assert len(ids) > 0


@pytest.mark.django_db
def test_every_chapter_of_the_api_page_is_named_in_the_readers_language() -> None:
    assert {chapter.name for chapter in documentation.chapters("zh-hans")} <= set(documentation.TITLES)


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "title"), [("en", "Not found"), ("zh-hans", "没有找到")])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_of_the_api_that_nobody_has_answers_with_a_problem_whose_type_says_more(
    client: Client, method: str, language: str, title: str
) -> None:
    answer = getattr(client, method)("/api/v1/nowhere/at/all/", headers={"Accept-Language": language})
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json() == {"type": "/api/v1/problems/not_found/", "title": title, "status": 404, "code": "not_found", "detail": title}
    page = client.get(("/en" if language == "en" else "") + answer.json()["type"])
    assert (page.status_code, f"<h1>{title}</h1>" in page.content.decode()) == (200, True)


def test_a_fault_of_the_api_is_a_problem_that_tells_no_more_than_that() -> None:
    answer = refusals.fault(RequestFactory().get("/api/v1/demands/"))
    assert (answer.status_code, json.loads(answer.content)["code"]) == (500, "fault")
    assert refusals.fault(RequestFactory().get("/demands/")).content.startswith(b"<!doctype html>")


def test_more_than_the_site_takes_is_a_problem_for_a_program_that_signs_in_too(client: Client) -> None:
    answer = client.post("/_allauth/app/v1/auth/login", b" " * 1_100_000, content_type="application/json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")
    assert answer.json()["code"] == "too_large"


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "remedy"), [("", "重新读取该对象"), ("/en", "Read the object again")])
def test_every_code_that_a_class_names_is_explained_on_one_page_and_on_its_own(client: Client, before: str, remedy: str) -> None:
    page = client.get(f"{before}/api/v1/problems/").content.decode()
    for code in CODES:
        assert f'<a href="{before}/api/v1/problems/{code}/"><code>{code}</code></a>' in page, code
    assert len(CODES) > 80
    assert remedy in client.get(f"{before}/api/v1/problems/wrong_state/").content.decode()
    assert client.get(f"{before}/api/v1/problems/no_such_code/").status_code == 404
    assert f'href="{before}/api/v1/problems/"' in client.get(f"{before}/api/v1/docs/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "words"), [("/styleguide/", "此页不接受这种请求"), ("/en/styleguide/", "This page does not take that request")]
)
def test_a_browser_that_comes_with_a_method_not_taken_is_given_a_page(client: Client, path: str, words: str) -> None:
    page = client.delete(path, headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["Allow"]) == (405, "GET")
    assert f"<h1>{words}</h1>" in page.content.decode()
    assert client.delete(path, headers={"Accept": "application/json"}).content == b""


@pytest.mark.django_db
@pytest.mark.parametrize(("asked", "given"), [("en", "en"), ("zh-CN,zh;q=0.9", "zh-hans"), ("", "zh-hans")])
def test_the_api_answers_in_the_language_asked_for(client: Client, asked: str, given: str) -> None:
    answer = client.get("/api/v1/schema/", headers={"Accept-Language": asked})
    assert answer.headers["Content-Language"] == given


def test_every_errand_of_the_clock_is_a_task_that_exists() -> None:
    from marketplace.config.celery import app

    app.loader.import_default_modules()
    assert {entry["task"] for entry in BEAT.values()} - set(app.tasks) == set()
