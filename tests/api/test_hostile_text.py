"""Hostile text through the API and on the pages: kept and matched with reasons that add up, or refused in plain words, in bounded time."""

import json
from collections.abc import Callable
from time import process_time
from typing import Any

import pytest
from django.test import Client

from marketplace.accounts.models import Organisation
from marketplace.catalogue.models import Achievement
from marketplace.catalogue.services.indexing import achievement_document
from matching.app import services as matcher
from tests.factories import accounts, catalogue, hostile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]
POSTS = ("/api/v1/demands/", "/api/v1/demands/similar/", "/api/v1/interests/")
# What an answer takes on a quiet machine a hundred times.
MOST_SECONDS = 5.0
# Bytes of a body, of which 1 MiB is taken.
TOO_LONG = 1_100_000
# Refused: longer than a field takes, longer than a request may be, and what no database can hold.
REFUSED = {
    "a megabyte of one character": (413, "too_large"),
    "a megabyte without a break": (400, "invalid"),
    "a megabyte of joined parts": (400, "invalid"),
    "a megabyte of marks": (413, "too_large"),
    "one term a million times": (413, "too_large"),
    "one Chinese term a million times": (413, "too_large"),
    "control": (400, "invalid"),
    "lone surrogate": (400, "invalid"),
}


@pytest.fixture
def home() -> Organisation:
    return accounts.organisation("company")


def in_time(ask: Any, *said: Any, **more: Any) -> Any:
    """The answer, which did not take long."""
    began = process_time()
    answer = ask(*said, **more)
    assert process_time() - began < MOST_SECONDS
    return answer


def sent(api: Any, at: str, text: str) -> Any:
    """The answer to a body in which every character is escaped, as a program may send it."""
    written = {"kind": "demand", "text": text} if "interests" in at else {"title_zh": "锂电池", "text_zh": text, "region_code": "110108"}
    return in_time(api.post, at, json.dumps(written), content_type="application/json")


def just_too_large(text: str) -> str:
    """So much of the text that its body is longer than a request may be."""
    return text[: TOO_LONG // (1 if text.isascii() else len("\\u5149"))]


def saying(text: str, offer: Achievement) -> None:
    """Let a published achievement say this, on its page and in the index."""
    Achievement.objects.filter(pk=offer.pk).update(summary_zh=text)
    offer.refresh_from_db()
    matcher.index_documents(corpus="achievement", documents=[achievement_document(offer)])


def test_what_is_too_long_or_cannot_be_kept_is_refused_in_the_reader_s_language_and_says_where(
    home: Organisation, at_size: Callable[[int, int], int]
) -> None:
    api = accounts.api_client(home)
    for number, (name, refusal) in enumerate(REFUSED.items()):
        text, addresses = hostile.TEXTS[name], POSTS
        if refusal == (413, "too_large") and at_size(1, 0):  # told by the length alone, before anything of it is read
            text, addresses = just_too_large(text), POSTS[number % len(POSTS) :][:1]
        for at in addresses:
            answer = sent(api, at, text)
            told = answer.json()
            heard = (answer.headers["Content-Type"], answer.status_code, told.get("code"))
            assert heard == ("application/problem+json", *refusal), (name, at)
            named = {"text_zh", "text"} & set(told.get("fields", ()))
            assert bool(named) == (told["code"] == "invalid")
    assert told["detail"] != ""
    body = {"title_zh": "x" * TOO_LONG}
    said = {language: api.post(POSTS[0], body, format="json", HTTP_ACCEPT_LANGUAGE=language).json() for language in ("zh-hans", "en")}
    assert said["zh-hans"]["title"] == "请求内容过大"
    assert said["en"]["detail"] == "Beside files, at most 1024 KiB are taken at once."


def test_what_is_kept_is_matched_suggested_and_shown_as_it_is_with_reasons_that_add_up(home: Organisation) -> None:
    api, page = accounts.api_client(home), Client()
    page.force_login(home.memberships.get().person)
    offer = catalogue.achievement(title_zh="锂电池")
    for name, text in hostile.TEXTS.items():
        if name in REFUSED:
            continue
        made, near, saved = (sent(api, at, text) for at in POSTS)
        assert (made.status_code, near.status_code, saved.status_code) == (201, 200, 201 if text else 422), name
        assert made.json()["text_zh"] == text.strip(), name
        saying(text, offer)
        (match,) = in_time(api.get, f"/api/v1/matches/?demand={made.json()['id']}").json()
        for side in ("terms", "asked"):
            assert sum(one["share"] for one in (*match[side], *match["soft"])) == pytest.approx(match["score"], abs=1e-9)
        if name in ("markup", "mixed scripts"):
            shown = in_time(page.get, f"/demands/{made.json()['id']}/").content.decode()
            assert ("锂电池" in shown, "<script>alert" in shown, "onclick=x>" in shown) == (True, False, False)
            assert in_time(page.post, "/demands/similar/", {"title_zh": "锂电池", "text_zh": text}).status_code == 200


def test_a_page_says_that_what_was_sent_is_too_large(home: Organisation) -> None:
    page = Client(raise_request_exception=False)
    page.force_login(home.memberships.get().person)
    for address, words in (("/demands/new/", "请缩短填写的文字"), ("/en/demands/new/", "Shorten what you wrote")):
        answer = page.post(address, {"title_zh": "锂电池", "text_zh": "x" * TOO_LONG}, content_type="application/x-www-form-urlencoded")
        assert (answer.status_code, words in answer.content.decode()) == (413, True)
