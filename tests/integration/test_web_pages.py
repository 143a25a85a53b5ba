import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils.translation import override

from marketplace.common.errors import Conflict, DomainError, Invalid, NotFound, Unauthenticated
from marketplace.web.context import ledger_line, shell
from marketplace.web.middleware import Refusals

pytestmark = pytest.mark.django_db


def refuse(error: DomainError, language: str = "en") -> HttpResponse:
    request = RequestFactory().get("/en/agreements/7/?tab=money")
    with override(language):
        response = Refusals(lambda _: HttpResponse()).process_exception(request, error)
    assert response is not None
    return response


@pytest.mark.parametrize(
    ("address", "lang", "heading", "other"),
    [
        ("/styleguide/", "zh-Hans", "组件与尺寸", "/en/styleguide/"),
        ("/en/styleguide/", "en", "Components", "/styleguide/"),
    ],
)
def test_a_page_speaks_the_language_of_its_address_and_links_to_the_other(
    client: Client, address: str, lang: str, heading: str, other: str
) -> None:
    page = client.get(address).content.decode()
    assert f'<html lang="{lang}">' in page
    assert f"<h1>{heading}" in page
    assert re.search(rf'<a class="wide" href="{other}"', page)


def test_the_style_guide_obeys_the_policy_it_is_sent_with(client: Client) -> None:
    response = client.get("/styleguide/")
    policy = response.headers["Content-Security-Policy"]
    page = response.content.decode()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"\sstyle=|<style|\son\w+=\"", page) == []
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))


def test_no_page_shows_a_name_twice_as_an_id(client: Client) -> None:
    ids = re.findall(r'\sid="([^"]+)"', client.get("/styleguide/").content.decode())
    assert sorted(ids) == sorted(set(ids))


def test_every_label_on_the_style_guide_belongs_to_a_field(client: Client) -> None:
    page = client.get("/styleguide/").content.decode()
    ids = set(re.findall(r'\sid="([^"]+)"', page))
    assert set(re.findall(r'<label[^>]* for="([^"]+)"', page)) - ids == set()


@pytest.mark.parametrize(
    ("address", "words", "other"),
    [("/no-such-page/", "没有找到此页", "The address may be wrong"), ("/en/no-such-page/", "This page was not found", "地址可能有误")],
)
def test_a_missing_page_says_so_in_both_languages(client: Client, address: str, words: str, other: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert f"<h1>{words}</h1>" in response.content.decode()
    assert other in response.content.decode()


@pytest.mark.parametrize(
    ("address", "words"),
    [("/styleguide/", "支付为沙盒，没有真实资金"), ("/en/styleguide/", "payments are a sandbox, and no real money moves")],
)
def test_every_page_says_that_the_bank_is_a_sandbox_and_none_where_it_is_a_bank(
    client: Client, settings: Any, address: str, words: str
) -> None:
    settings.PAYMENT_GATEWAY = "sandbox"
    assert words in client.get(address).content.decode()
    settings.PAYMENT_GATEWAY = "bank_transfer"
    assert words not in client.get(address).content.decode()


def test_the_chosen_theme_is_written_on_the_page_by_the_server(client: Client) -> None:
    response = client.post("/theme/", {"theme": "dark", "next": "/styleguide/?a=1"})
    assert (response.status_code, response.headers["Location"]) == (302, "/styleguide/?a=1")
    assert '<html lang="zh-Hans" data-theme="dark">' in client.get("/styleguide/").content.decode()
    client.post("/theme/", {"theme": "neon", "next": "/"})
    assert '<html lang="zh-Hans">' in client.get("/styleguide/").content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_theme_switch_leads_nowhere_else(client: Client, target: str) -> None:
    assert client.post("/theme/", {"theme": "dark", "next": target}).headers["Location"] == "/"


def test_an_invented_theme_in_the_cookie_does_not_reach_the_page(client: Client) -> None:
    client.cookies["theme"] = '"><script>'
    assert '<html lang="zh-Hans">' in client.get("/styleguide/").content.decode()


def test_the_shell_costs_one_query_and_none_within_two_seconds(django_assert_max_num_queries: object) -> None:
    request = RequestFactory().get("/styleguide/")
    ledger_line.forget()
    with django_assert_max_num_queries(1):  # type: ignore[operator]
        str(shell(request)["shell"]["ledger"])
    with django_assert_max_num_queries(0):  # type: ignore[operator]
        str(shell(request)["shell"]["ledger"])


def test_no_door_is_shown_that_leads_nowhere(client: Client) -> None:
    page = client.get("/en/styleguide/").content.decode()
    doors = set(re.findall(r'<nav class="rooms wide".*?</nav>', page, re.DOTALL)[0].split('href="')[1:])
    assert [client.get(door.split('"')[0]).status_code for door in doors] == [200] * len(doors)


def test_whoever_must_sign_in_is_led_there_and_back() -> None:
    response = refuse(Unauthenticated())
    assert response.status_code == 302
    assert response.headers["Location"].endswith("?next=/en/agreements/7/%3Ftab%3Dmoney")


def test_a_refusal_says_what_is_wrong_with_its_own_status() -> None:
    response = refuse(Conflict("Two signatures are missing."))
    assert response.status_code == 409
    assert "In conflict with the present state" in response.content.decode()
    assert "Two signatures are missing." in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]


def test_a_refusal_lists_what_is_wrong_with_each_field() -> None:
    response = refuse(Invalid("Look again.", fields={"amount": ["Too <much>."]}))
    assert response.status_code == 422
    assert "<li>Too &lt;much&gt;.</li>" in response.content.decode()


def test_a_missing_object_does_not_say_why_it_is_missing() -> None:
    response = refuse(NotFound("Agreement 7 belongs to others."))
    assert response.status_code == 404
    assert "belongs to others" not in response.content.decode()


def test_a_fault_stays_a_fault() -> None:
    assert Refusals(lambda _: HttpResponse()).process_exception(RequestFactory().get("/"), ValueError("x")) is None
