"""Who stands behind a request: the one place where HTTP credentials become an Actor."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from marketplace.accounts.models import ApiKey, Membership, Organisation, Person, StaffAppointment
from marketplace.accounts.services import keys
from marketplace.common.actor import ALL_SCOPES, Actor
from marketplace.common.errors import Forbidden, NotFound, Unauthenticated
from marketplace.common.prepared import Prepared
from marketplace.common.text import bi

CHOICE = "organisation_id"
# Chosen, or named in the header, in place of an organisation: to act in one's own name.
ONESELF = "self"
_CACHE = "_marketplace_acting"


class SecondFactorNeeded(Forbidden):
    code = "second_factor_needed"
    title = bi(
        "平台工作人员须先设置两步验证，才能开始工作",
        "Platform staff set up two-step verification before they can work",
    )


class NotYourOrganisation(NotFound):
    code = "not_found"
    title = bi("没有这个单位，或您不是其成员", "There is no such organisation, or you are not a member")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A person proved by a cookie session, an app session's token, or an API key."""

    person: Person
    session: SessionBase | None = None
    key: ApiKey | None = None


@dataclass(frozen=True, slots=True)
class Acting:
    """The actor, the organisation acted for, and whether an office is withheld until a second factor is set up."""

    actor: Actor
    organisation: Organisation | None = None
    awaits_second_factor: bool = False


def bearer_of(request: Any) -> str | None:
    """The token of `Authorization: Bearer …`, if the request carries one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def by_session_token(request: Any) -> tuple[Person, SessionBase] | None:
    """The person and session behind the `X-Session-Token` header of an app client."""
    token = request.headers.get("X-Session-Token")
    return authenticate_by_x_session_token(token) if token else None


def credentials_of(request: Any) -> Credentials | None:
    """What the request proves: DRF's own finding where there is one, else the headers, the cookie."""
    if hasattr(request, "auth"):
        if not request.user.is_authenticated:
            return None
        if isinstance(request.auth, ApiKey):
            return Credentials(request.user, key=request.auth)
        session = request.auth if isinstance(request.auth, SessionBase) else None
        return Credentials(request.user, session or getattr(request, "session", None))
    token = bearer_of(request)
    if token is not None:
        key = keys.open_key(token)
        return Credentials(key.person, key=key) if key else None
    found = by_session_token(request)
    if found:
        return Credentials(*found)
    if request.user.is_authenticated:
        return Credentials(request.user, request.session)
    return None


def resolve(request: Any) -> Acting:
    """The actor behind a request, found once per request: a member in one query, an office in two.

    An API key acts for its own organisation. A session acts for the organisation named by the
    `X-Organisation` header, else the one chosen in the session, else the only one there is; `self` in place of an
    organisation means none: its person acts in their own name.
    """
    known: Acting | None = request.__dict__.get(_CACHE)
    if known is None:
        known = _found(request)
        request.__dict__[_CACHE] = known
    return known


def actor_of(request: Any) -> Actor:
    """The actor behind a page's or an API call's request.

    Raises NotYourOrganisation for a header that names somebody else's organisation, and, on the
    API, SecondFactorNeeded for staff without a second factor (pages are led to its set-up).
    """
    acting = resolve(request)
    if acting.awaits_second_factor and hasattr(request, "auth"):
        raise SecondFactorNeeded
    return acting.actor


def organisation_of(request: Any) -> Organisation | None:
    """The organisation that the request acts for, as it was read to find that out."""
    return resolve(request).organisation


def person_of(request: Any) -> Person:
    """The person who has signed in; Unauthenticated for nobody."""
    if not isinstance(request.user, Person):
        raise Unauthenticated
    return request.user


def actor_for(request: Any, organisation_id: object) -> Actor:
    """The actor behind a request whose address names the organisation; NotYourOrganisation for a stranger's."""
    actor = actor_of(request)
    if str(actor.organisation_id) == str(organisation_id):
        return actor
    if actor.person_id is None or isinstance(getattr(request, "auth", None), ApiKey):
        raise NotYourOrganisation
    return _acting(_chosen(_memberships(actor.person_id), organisation_id)).actor


def has_reauthenticated(request: Any) -> bool:
    """Whether the session's person entered password or code again within ACCOUNT_REAUTHENTICATION_TIMEOUT seconds."""
    proof = credentials_of(request)
    if proof is None or proof.session is None or not proof.person.has_usable_password():
        return False
    return bool(did_recently_reauthenticate(SimpleNamespace(user=proof.person, session=proof.session)))


def choose_oneself(request: Any) -> None:
    """Act for no organisation from now on in the session, but in one's own name."""
    request.session[CHOICE] = ONESELF
    forget(request)


def forget(request: Any) -> None:
    """Drop what is remembered on the request, after a change of memberships or choice."""
    request.__dict__.pop(_CACHE, None)


def choose(request: Any, organisation_id: UUID) -> None:
    """Act for this organisation from now on in the session; NotYourOrganisation for a stranger's."""
    _chosen(_memberships(request.user.pk), organisation_id)
    request.session[CHOICE] = str(organisation_id)
    forget(request)


def _found(request: Any) -> Acting:
    proof = credentials_of(request)
    if proof is None:
        return Acting(Actor.anonymous())
    person_id = proof.person.pk
    if proof.key:
        # The key has just been opened, so the membership is there unless it ended this instant.
        own = _memberships(person_id, proof.key.organisation_id)
        return _acting(own[0], frozenset(proof.key.scopes)) if own else Acting(Actor.anonymous())
    # Members come first because they are many; the database keeps anyone from being a member and holding an office.
    rows = _memberships(person_id)
    if not rows and (office := StaffAppointment.objects.in_force().with_factor().filter(person_id=person_id).first()):
        if settings.STAFF_MFA_REQUIRED and not office.has_factor:
            return Acting(Actor(person_id=person_id), awaits_second_factor=True)
        region = office.region_code or None
        return Acting(Actor(person_id=person_id, staff=office.role, staff_region=region))
    header = request.headers.get("X-Organisation")
    choice = header if header is not None else str(proof.session.get(CHOICE, "")) if proof.session is not None else ""
    if choice == ONESELF:
        return Acting(Actor(person_id=person_id))
    if header is not None:
        return _acting(_chosen(rows, header))
    for row in rows:
        if len(rows) == 1 or str(row.organisation_id) == choice:
            return _acting(row)
    return Acting(Actor(person_id=person_id))


_every_membership = Prepared(lambda person: Membership.objects.filter(person_id=person).select_related("organisation"), UUID)
_membership = Prepared(
    lambda person, organisation: Membership.objects.filter(person_id=person, organisation_id=organisation).select_related("organisation"),
    UUID,
    UUID,
)


def _memberships(person_id: UUID, organisation_id: UUID | None = None) -> list[Membership]:
    return _membership.all(person_id, organisation_id) if organisation_id else _every_membership.all(person_id)


def _chosen(rows: list[Membership], organisation_id: object) -> Membership:
    for row in rows:
        if str(row.organisation_id) == str(organisation_id).lower():
            return row
    raise NotYourOrganisation


def _acting(row: Membership, scopes: frozenset[str] = ALL_SCOPES) -> Acting:
    actor = Actor(
        person_id=row.person_id,
        organisation_id=row.organisation_id,
        organisation_kind=row.organisation.kind,
        verified=row.organisation.is_verified,
        roles=frozenset(row.roles),
        scopes=scopes,
    )
    return Acting(actor, row.organisation)
