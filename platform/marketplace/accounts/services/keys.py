"""Making, opening and revoking the keys of machines."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from marketplace.accounts.models import ApiKey, Membership
from marketplace.accounts.models.keys import KeyScope
from marketplace.common import clock, policy
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, Invalid, NotFound
from marketplace.common.prepared import Prepared
from marketplace.common.text import bi

MARK = "jq"
RECENT_USE = timedelta(minutes=1)
# What moves money or binds in law asks for the password (or code) again before a key may do it.
GUARDED_SCOPES = frozenset({KeyScope.MONEY.value, KeyScope.SIGN.value})


class ReauthenticationNeeded(Forbidden):
    code = "reauthentication_required"
    title = bi(
        "请再次输入密码确认身份，然后重试",
        "Confirm who you are by entering your password again, then retry",
    )


_still_member = Membership.objects.filter(person_id=OuterRef("person_id"), organisation_id=OuterRef("organisation_id"))
_usable = Prepared(
    lambda prefix: (
        ApiKey.objects.select_related("person")
        .filter(Exists(_still_member), prefix=prefix, person__is_active=True)
        .annotate(read_at=clock.Reading())
    ),
    str,
)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def make_key(*, actor: Actor, name: str, scopes: Iterable[str], days: int, reauthenticated: bool) -> tuple[ApiKey, str]:
    """A key for the actor's organisation, and its token, which is shown this once only.

    Raises Forbidden without an organisation, ReauthenticationNeeded for money or sign scope without
    a fresh confirmation, Invalid for unknown scopes or a life outside 1 to `api_key_days`.
    """
    if actor.person_id is None or actor.organisation_id is None:
        raise Forbidden(bi("密钥属于单位：请先选择单位。", "A key belongs to an organisation: choose one first."))
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(KeyScope.values):
        text = bi(
            "权限范围须为 read、write、money、sign 之中的一项或多项。",
            "Scopes are one or more of read, write, money and sign.",
        )
        raise Invalid(text, fields={"scopes": [text]})
    longest = policy.current().api_key_days
    if not 1 <= days <= longest:
        text = bi(f"有效期为 1 至 {longest} 天。", f"A key lives from 1 to {longest} days.")
        raise Invalid(text, fields={"days": [text]})
    if GUARDED_SCOPES & set(wanted) and not reauthenticated:
        raise ReauthenticationNeeded
    moment = clock.now()
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        person_id=actor.person_id,
        organisation_id=actor.organisation_id,
        name=name,
        prefix=prefix,
        sha256=_hash(secret),
        scopes=wanted,
        created_at=moment,
        expires_at=moment + timedelta(days=days),
    )
    return key, f"{MARK}_{prefix}_{secret}"


def open_key(token: str) -> ApiKey | None:
    """The live key behind a token, or None; its use is noted at most once a minute.

    The secret is compared in constant time. A key dies with its expiry, its revocation, the
    deactivation of its person, or the end of that person's membership.
    """
    mark, _, rest = token.partition("_")
    prefix, _, secret = rest.partition("_")
    key = _usable.first(prefix)
    expected = key.sha256 if key else _hash("")
    matches = hmac.compare_digest(_hash(secret), expected)
    if key is None or not matches or mark != MARK:
        return None
    moment = clock.of(key.read_at)
    if not key.is_live(moment):
        return None
    if key.last_used_at is None or moment - key.last_used_at > RECENT_USE:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=moment)
    return key


@transaction.atomic
def revoke_key(*, actor: Actor, key_id: UUID | str) -> ApiKey:
    """End a key at once: one's own, or any of the organisation one manages; else NotFound."""
    mine = Q(person_id=actor.person_id)
    if "manager" in actor.roles:
        mine |= Q(organisation_id=actor.organisation_id)
    key = ApiKey.objects.select_for_update().filter(mine, pk=key_id).first()
    if key is None or actor.person_id is None:
        raise NotFound
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        key.save(update_fields=["revoked_at"])
    return key
