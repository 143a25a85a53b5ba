"""Founding an organisation and declaring which others it belongs with."""

from uuid import UUID

from django.db import IntegrityError, transaction

from marketplace.accounts.models import (
    Affiliation,
    MemberRole,
    Membership,
    Organisation,
    OrganisationKind,
    StaffAppointment,
)
from marketplace.accounts.permissions import demand_manager, demand_office
from marketplace.accounts.selectors import organisations as reads
from marketplace.common.actor import Actor
from marketplace.common.codes import regions, uscc
from marketplace.common.errors import Conflict, Forbidden, Invalid, Unauthenticated
from marketplace.common.text import bi
from marketplace.workflow.performing import begin

FOUNDER_ROLES = [MemberRole.MANAGER.value, MemberRole.SIGNATORY.value, MemberRole.FINANCE.value]


class CreditCodeTaken(Conflict):
    code = "uscc_taken"
    title = bi(
        "该统一社会信用代码已登记：请联系该单位的管理员邀请您加入",
        "This credit code is registered already: ask that organisation's manager to invite you",
    )


class StaffHaveNoOrganisation(Forbidden):
    code = "staff_have_no_organisation"
    title = bi(
        "平台工作人员不得加入任何单位：请使用另一个账号",
        "Platform staff belong to no organisation: use another account",
    )


def found(*, actor: Actor, kind: str, name_zh: str, name_en: str, credit_code: str, region_code: str) -> Organisation:
    """A new, unverified organisation whose founder holds every role until roles are handed out.

    Raises BadCreditCode with the reason, Invalid for kind, names or region, CreditCodeTaken,
    StaffHaveNoOrganisation.
    """
    if actor.person_id is None:
        raise Unauthenticated
    if StaffAppointment.objects.in_force().filter(person_id=actor.person_id).exists():
        raise StaffHaveNoOrganisation
    if kind not in set(OrganisationKind.values) - {OrganisationKind.PLATFORM}:
        text = bi("请选择单位类型。", "Choose the kind of organisation.")
        raise Invalid(text, fields={"kind": [text]})
    if not (name_zh.strip() or name_en.strip()):
        text = bi("请填写中文或英文名称。", "Give the Chinese or the English name.")
        raise Invalid(text, fields={"name_zh": [text]})
    organisation = Organisation(
        kind=kind,
        name_zh=name_zh.strip(),
        name_en=name_en.strip(),
        uscc=uscc.check(credit_code),
        region_code=regions.check(region_code),
    )
    try:
        with transaction.atomic():
            begin(organisation, actor)
            Membership.objects.create(person_id=actor.person_id, organisation=organisation, roles=FOUNDER_ROLES)
    except IntegrityError as error:
        if "organisation_one_per_uscc" in str(error):
            raise CreditCodeTaken(fields={"uscc": [CreditCodeTaken.title]}) from error
        raise
    return organisation


def affiliate(*, actor: Actor, other_id: UUID | str) -> Affiliation:
    """Declare that the actor's organisation and another are not at arm's length."""
    demand_manager(actor)
    other = reads.get_visible(actor, other_id)
    if actor.organisation_id is None or other.pk == actor.organisation_id:
        text = bi("请选择另一个单位。", "Choose another organisation.")
        raise Invalid(text, fields={"organisation": [text]})
    first, second = sorted((actor.organisation_id, other.pk))
    return Affiliation.objects.get_or_create(first_id=first, second_id=second)[0]


def dissolve(*, actor: Actor, affiliation: Affiliation) -> None:
    """End an affiliation: a reviewer's decision, since the parties gain from its absence."""
    demand_office(actor, "reviewer")
    affiliation.delete()
