"""Organisations are the parties; people act for them by membership."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now

from marketplace.accounts.models.people import Person
from marketplace.accounts.workflow import MACHINE, OrganisationState
from marketplace.common.ids import uuid7
from marketplace.common.text import bi, pick
from marketplace.workflow.models import Stateful


class OrganisationKind(models.TextChoices):
    COMPANY = "company", bi("企业", "Company")
    UNIVERSITY = "university", bi("高校院所", "University or institute")
    FUNDER = "funder", bi("金融融资机构", "Financial institution")
    SERVICE = "service", bi("服务机构", "Service provider")
    PLATFORM = "platform", bi("平台", "Platform")


class Organisation(Stateful):
    """A legal party, known by its unified social credit code (GB 32100-2015)."""

    machine: ClassVar = MACHINE

    state = models.CharField(bi("状态", "State"), max_length=32, choices=OrganisationState, editable=False)
    kind = models.CharField(bi("类型", "Kind"), max_length=10, choices=OrganisationKind)
    name_zh = models.CharField(bi("中文名称", "Chinese name"), max_length=120, blank=True)
    name_en = models.CharField(bi("英文名称", "English name"), max_length=160, blank=True)
    uscc = models.CharField(bi("统一社会信用代码", "Unified social credit code"), max_length=18, db_index=True)
    region_code = models.CharField(bi("所在地区", "Region"), max_length=6, db_index=True)
    verified_at = models.DateTimeField(null=True, editable=False)
    decision_reason = models.TextField(bi("理由", "Reason"), blank=True, editable=False)

    class Meta:
        verbose_name = bi("单位", "organisation")
        constraints = (
            models.UniqueConstraint(
                fields=["uscc"],
                condition=~models.Q(state=OrganisationState.REJECTED),
                name="organisation_one_per_uscc",
            ),
            models.CheckConstraint(
                condition=models.Q(uscc__regex=r"^[0-9A-HJ-NPQRTUWXY]{18}$"),
                name="organisation_uscc_is_well_formed",
            ),
            models.CheckConstraint(
                condition=~models.Q(name_zh="") | ~models.Q(name_en=""),
                name="organisation_has_a_name",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=OrganisationKind.values),
                name="organisation_kind_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=OrganisationState.values),
                name="organisation_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(region_code__regex=r"^[0-9]{6}$"),
                name="organisation_region_is_a_code",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language, or the one there is."""
        return pick(self.name_zh, self.name_en)

    @property
    def is_verified(self) -> bool:
        """Whether its people may act for it: looking is free, acting is not."""
        return self.state == OrganisationState.VERIFIED


class MemberRole(models.TextChoices):
    MANAGER = "manager", bi("管理员", "Manager")
    SIGNATORY = "signatory", bi("签署人", "Signatory")
    FINANCE = "finance", bi("财务", "Finance")
    MEMBER = "member", bi("成员", "Member")


def _labels(roles: list[str]) -> str:
    return pick("、", ", ").join(str(MemberRole(role).label) for role in roles)


def _roles() -> "ArrayField[list[str], list[str]]":
    return ArrayField(models.CharField(max_length=9, choices=MemberRole))


def _roles_known(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(roles__contained_by=MemberRole.values) & models.Q(roles__len__gt=0),
        name=name,
    )


class Membership(models.Model):
    """What one person may do for one organisation; the platform's staff have none."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    roles = _roles()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = bi("成员", "membership")
        constraints = (
            models.UniqueConstraint(fields=["person", "organisation"], name="membership_once_per_organisation"),
            _roles_known("membership_roles_are_known"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} → {self.organisation_id}"

    @property
    def role_labels(self) -> str:
        return _labels(self.roles)


class Invitation(models.Model):
    """An offer of membership to whoever proves to hold an e-mail address; gone once answered."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField(bi("电子邮箱", "E-mail address"))
    roles = _roles()
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = bi("邀请", "invitation")
        constraints = (
            models.UniqueConstraint(fields=["organisation", "email"], name="invitation_once_per_address"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="invitation_email_is_lower_case"),
            _roles_known("invitation_roles_are_known"),
        )

    def __str__(self) -> str:
        return str(self.id)

    @property
    def role_labels(self) -> str:
        return _labels(self.roles)


class Affiliation(models.Model):
    """Two organisations that are not at arm's length, as a pair without order."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    first = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = bi("关联关系", "affiliation")
        constraints = (
            models.UniqueConstraint(fields=["first", "second"], name="affiliation_once_per_pair"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="affiliation_pair_is_ordered"),
        )

    def __str__(self) -> str:
        return f"{self.first_id} ~ {self.second_id}"
