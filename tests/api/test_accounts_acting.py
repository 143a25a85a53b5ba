"""Who stands behind a request: the organisation acted for, and what it costs to find out."""

from typing import Any
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from marketplace.accounts import acting, middleware
from marketplace.accounts.models import Membership, Person
from marketplace.common.actor import ALL_SCOPES, Actor, actor_of
from tests.factories import accounts as make

pytestmark = pytest.mark.django_db


def page(who: Person | None, **headers: str) -> Any:
    request = RequestFactory().get("/", headers=headers)
    request.user = who or AnonymousUser()
    request.session = SessionStore()
    return request


def test_nobody_signed_in_is_anonymous_and_costs_no_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert actor_of(page(None)) == Actor.anonymous()


def test_a_member_acts_for_their_only_organisation_in_one_query_once(django_assert_num_queries: Any) -> None:
    row = make.organisation("university")
    request = page(row.memberships.get().person)
    with django_assert_num_queries(1):
        actor = actor_of(request)
        assert actor_of(request) is actor
    assert (actor.organisation_id, actor.organisation_kind, actor.verified) == (row.pk, "university", True)
    assert (actor.roles, actor.scopes, actor.staff) == ({"manager", "signatory", "finance"}, ALL_SCOPES, None)


def test_an_officer_is_found_in_two_queries(django_assert_num_queries: Any) -> None:
    officer = make.staff("finance", region="12")
    with django_assert_num_queries(2):
        actor = actor_of(page(officer))
    assert (actor.staff, actor.staff_region, actor.organisation_id, actor.roles) == ("finance", "12", None, frozenset())


@pytest.fixture
def of_two() -> tuple[Person, Any, Any]:
    one, two = make.organisation(), make.organisation(verified=False)
    someone = make.member(one, roles=["finance"])
    Membership.objects.create(person=someone, organisation=two, roles=["manager"])
    return someone, one, two


def test_a_member_of_two_acts_for_neither_until_one_is_named(of_two: tuple[Person, Any, Any]) -> None:
    someone, _one, two = of_two
    assert actor_of(page(someone)).organisation_id is None
    named = actor_of(page(someone, **{"X-Organisation": str(two.pk)}))
    assert (named.organisation_id, named.roles, named.verified) == (two.pk, {"manager"}, False)


def test_the_choice_in_the_session_holds_and_the_header_goes_before_it(of_two: tuple[Person, Any, Any]) -> None:
    someone, one, two = of_two
    request = page(someone)
    acting.choose(request, one.pk)
    assert actor_of(request).organisation_id == one.pk
    later = page(someone, **{"X-Organisation": str(two.pk)})
    later.session = request.session
    assert actor_of(later).organisation_id == two.pk


def test_whoever_acts_in_their_own_name_acts_for_no_organisation_until_they_choose_one() -> None:
    home = make.organisation()
    someone = make.member(home)
    alone = Actor(person_id=someone.pk)
    assert actor_of(page(someone, **{"X-Organisation": "self"})) == alone
    request = page(someone)
    acting.choose_oneself(request)
    assert actor_of(request) == alone
    acting.choose(request, home.pk)
    assert actor_of(request).organisation_id == home.pk


def test_somebody_elses_organisation_answers_like_none(of_two: tuple[Person, Any, Any]) -> None:
    someone, *_ = of_two
    for strange in (str(make.organisation().pk), str(uuid4()), "nonsense"):
        with pytest.raises(acting.NotYourOrganisation):
            actor_of(page(someone, **{"X-Organisation": strange}))
    with pytest.raises(acting.NotYourOrganisation):
        acting.choose(page(someone), make.organisation().pk)


def test_a_page_takes_a_key_and_a_key_cannot_change_its_organisation(of_two: tuple[Person, Any, Any]) -> None:
    someone, one, two = of_two
    _, token = make.api_key(one, person_id=someone.pk, scopes=["read"])
    actor = actor_of(page(None, **{"Authorization": f"Bearer {token}", "X-Organisation": str(two.pk)}))
    assert (actor.organisation_id, actor.scopes) == (one.pk, {"read"})


def test_a_dead_key_on_a_page_is_nobody_even_with_a_session(of_two: tuple[Person, Any, Any]) -> None:
    someone, *_ = of_two
    assert actor_of(page(someone, Authorization="Bearer jq_0_0")) == Actor.anonymous()


def test_an_office_without_a_second_factor_is_withheld(settings: Any) -> None:
    settings.STAFF_MFA_REQUIRED = True
    officer = make.staff("admin", factor=False)
    assert actor_of(page(officer)).staff is None
    assert officer.is_staff is False
    settings.STAFF_MFA_REQUIRED = False
    assert actor_of(page(officer)).staff == "admin"
    assert officer.is_staff is True


def test_the_whole_api_call_by_key_stays_within_few_queries(django_assert_max_num_queries: Any) -> None:
    row = make.organisation()
    _, token = make.api_key(row)
    client = make.api_client(token=token)
    client.get("/api/v1/me/")
    # the key with the clock, the membership, and the two lists that the answer shows
    with django_assert_max_num_queries(4):
        client.get("/api/v1/me/")


def test_a_session_is_noted_once_in_five_minutes_and_at_once_from_another_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    someone = make.member(make.organisation())
    client, at = Client(), [1_000.0]
    monkeypatch.setattr(middleware.time, "monotonic", lambda: at[0])
    client.force_login(someone)

    def noted(*, after: float = 0, browser: str = "one") -> bool:
        at[0] += after
        with CaptureQueriesContext(connection) as asked:
            client.get("/settings/", headers={"User-Agent": browser})
        return any("usersessions_usersession" in query["sql"] for query in asked.captured_queries)

    seen = [noted(), noted(after=299), noted(after=1), noted(browser="another"), noted(browser="another")]
    assert seen == [True, False, True, True, False]
    assert UserSession.objects.values_list("user_id", "user_agent").get() == (someone.pk, "another")
