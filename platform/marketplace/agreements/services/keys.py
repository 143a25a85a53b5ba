"""Signing keys: an organisation's own, or one the platform keeps for it and labels so."""

import base64
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

from ledger.app import services as ledger
from marketplace.agreements.models import KeyCustody, PartyKey
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import Conflict, Forbidden, Invalid, MissingScope, NotVerified
from marketplace.common.ids import uuid7
from marketplace.common.text import bi

# Domain separation: a signature on an agreement can be taken for nothing else.
CONTEXT = b"jinqiao/agreement/v1\n"


def key_register(*, actor: Actor, public_key: str = "") -> PartyKey:
    """Register a public key (32 bytes in hex), or have the platform make and keep one when none is given.

    For signatories of verified organisations, with the scope `sign`; on record in the ledger.
    """
    key = PartyKey(organisation_id=_signing_organisation(actor), custody=KeyCustody.OWN, public_key=public_key.lower())
    if public_key:
        _check_public_key(public_key)
    else:
        private = Ed25519PrivateKey.generate()
        key.custody = KeyCustody.PLATFORM
        key.public_key = private.public_key().public_bytes_raw().hex()
        key.encrypted_private_key = _box().encrypt(private.private_bytes_raw())
    with transaction.atomic():
        if PartyKey.objects.filter(public_key=key.public_key).exists():
            raise Conflict(bi("此公钥已登记。", "This public key is registered already."))
        key.added_at = clock.now()
        key.save(force_insert=True)
        _on_record("key.added", key, actor)
    return key


def key_revoke(*, key: PartyKey, actor: Actor) -> PartyKey:
    """Take a key out of use; signatures already given still verify."""
    if key.organisation_id != _signing_organisation(actor):
        raise Forbidden
    with transaction.atomic():
        key.revoked_at = clock.now()
        key.save(update_fields=["revoked_at"])
        _on_record("key.revoked", key, actor)
    return key


def sign_for(key: PartyKey, statement: bytes) -> str:
    """Sign with a key in the platform's custody; the signature is hex."""
    private = Ed25519PrivateKey.from_private_bytes(_box().decrypt(bytes(key.encrypted_private_key or b"")))
    return private.sign(CONTEXT + statement).hex()


def verifies(key: PartyKey, statement: bytes, signature: str) -> bool:
    """Whether a signature in hex is this key's over exactly these bytes (RFC 8032)."""
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.public_key))
    try:
        public.verify(bytes.fromhex(signature), CONTEXT + statement)
    except (InvalidSignature, ValueError):
        return False
    return True


def _on_record(type: str, key: PartyKey, actor: Actor) -> None:
    ledger.record(
        id=uuid7(),
        type=type,
        subject=ledger.Subject(kind="key", id=key.pk, public=True),
        actor=actor.ledger_id,
        at=clock.now(),
        body={"public_key": key.public_key, "custody": key.custody},
        private={"organisation": str(key.organisation_id)},
    )


def _signing_organisation(actor: Actor) -> UUID:
    if actor.organisation_id is None or "signatory" not in actor.roles:
        raise Forbidden(bi("只有签署人可以管理签署密钥。", "Signing keys are for signatories."))
    if not actor.verified:
        raise NotVerified
    if "sign" not in actor.scopes:
        raise MissingScope
    return actor.organisation_id


def _check_public_key(text: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
    except ValueError:
        say = bi("公钥应为 32 字节的十六进制（Ed25519）。", "The public key is 32 bytes in hex (Ed25519).")
        raise Invalid(say, fields={"public_key": [say]}) from None


def _box() -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"jinqiao/party-keys/v1")
    return Fernet(base64.urlsafe_b64encode(derived.derive((settings.PARTY_KEY_SECRET or settings.SECRET_KEY).encode())))


def usable_key(organisation_id: UUID, key_id: UUID | None) -> PartyKey | None:
    """The named key of an organisation, or its newest one in use."""
    rows = PartyKey.objects.filter(organisation_id=organisation_id, revoked_at__isnull=True)
    return (rows.filter(pk=key_id) if key_id else rows).order_by("-added_at", "-id").first()
