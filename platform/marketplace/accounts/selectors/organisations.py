"""Reading organisations, their members and affiliations."""

from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet

from marketplace.accounts.models import Affiliation, Invitation, Membership, Organisation, Person
from marketplace.accounts.workflow import PUBLIC_STATES
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound
from marketplace.common.text import storable


def visible_to(actor: Actor) -> QuerySet[Organisation]:
    """Verified and suspended organisations, the actor's own, and for staff every one."""
    if actor.staff or actor.is_system:
        return Organisation.objects.all()
    allowed = Q(state__in=PUBLIC_STATES)
    if actor.person_id:
        allowed |= Q(pk__in=Membership.objects.filter(person_id=actor.person_id).values("organisation_id"))
    return Organisation.objects.filter(allowed)


def get_visible(actor: Actor, organisation_id: UUID | str) -> Organisation:
    """One organisation, or NotFound alike for an unknown and for a hidden one."""
    row = visible_to(actor).filter(pk=organisation_id).first()
    if row is None:
        raise NotFound
    return row


def named_like(rows: QuerySet[Organisation], words: str) -> QuerySet[Organisation]:
    """Those whose name holds the words, or whose credit code they are."""
    plain = storable(words.strip())
    return rows.filter(Q(name_zh__icontains=plain) | Q(name_en__icontains=plain) | Q(uscc=plain.upper()))


def waiting_for_review(actor: Actor) -> QuerySet[Organisation]:
    """What a reviewer has to decide, oldest first, within the office's region."""
    return Organisation.objects.filter(state="submitted", region_code__startswith=actor.staff_region or "").order_by("due_at", "id")


def memberships_of(person_id: UUID) -> QuerySet[Membership]:
    """Every organisation that a person belongs to."""
    return Membership.objects.filter(person_id=person_id).select_related("organisation").order_by("id")


def members_of(organisation_id: UUID) -> QuerySet[Membership]:
    """The members of an organisation."""
    return Membership.objects.filter(organisation_id=organisation_id).select_related("person").order_by("id")


def invitations_from(organisation_id: UUID) -> QuerySet[Invitation]:
    """The open invitations of an organisation."""
    return Invitation.objects.filter(organisation_id=organisation_id, expires_at__gt=clock.now()).order_by("id")


def invitations_to(person: Person) -> QuerySet[Invitation]:
    """The open invitations to addresses that the person has proved to hold."""
    addresses = EmailAddress.objects.filter(user=person, verified=True).values("email")
    return Invitation.objects.filter(email__in=addresses, expires_at__gt=clock.now()).select_related("organisation").order_by("id")


def region_of(actor: Actor) -> str:
    """Return the region code of the organisation that the actor acts for; empty without one."""
    if actor.organisation_id is None:
        return ""
    return Organisation.objects.filter(pk=actor.organisation_id).values_list("region_code", flat=True).first() or ""


def affiliated(one: UUID, other: UUID) -> bool:
    """Whether two organisations are the same or not at arm's length."""
    first, second = sorted((one, other))
    return one == other or Affiliation.objects.filter(first_id=first, second_id=second).exists()


def affiliations_of(organisation_id: UUID) -> QuerySet[Affiliation]:
    """Every affiliation that an organisation is one side of."""
    return (
        Affiliation.objects.filter(Q(first_id=organisation_id) | Q(second_id=organisation_id))
        .select_related("first", "second")
        .order_by("id")
    )
