"""Stop an interest's letters by a signed link: the signature is the permission, so it needs no sign-in and does not expire."""

from uuid import UUID

from django.core.signing import BadSignature, Signer

from marketplace.common.errors import NotFound
from marketplace.interests.models import Interest

# A full stop, since a colon in an address is broken by some mail programs.
_signer = Signer(salt="interests.unsubscribe", sep=".")


def path_of(interest: Interest) -> str:
    """The address, without language prefix, at which this interest's letters are stopped."""
    return f"/unsubscribe/{_signer.sign(interest.pk.hex)}/"


def named_by(token: str) -> UUID:
    """The interest that a link was signed for, whether or not it still exists; NotFound for any other text."""
    try:
        return UUID(hex=_signer.unsign(token))
    except (BadSignature, ValueError):
        raise NotFound from None


def letters_stop(token: str) -> None:
    """Send no more letters of the interest that the link names; its digests stay on the site. Asked again, nothing changes."""
    Interest.objects.filter(pk=named_by(token)).update(by_mail=False)
