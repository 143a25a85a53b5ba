"""Which doors the shell shows: an address that leads nowhere gets no link."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import Resolver404, resolve
from django.utils.translation import get_language

from marketplace.common.text import bi


@dataclass(frozen=True, slots=True)
class Door:
    """An address without its language prefix, the word on the door, and for whom it is: all, or these kinds and offices.

    A `whole` door is not for an office of one region.
    """

    path: str
    label: Any
    kinds: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()
    whole: bool = False


ROOMS = (
    Door("/demands/", bi("需求", "Demands")),
    Door("/achievements/", bi("成果", "Solutions")),
    Door("/teams/", bi("团队", "Teams")),
    Door("/experts/", bi("专家", "Experts")),
    Door("/ledger/", bi("账本", "Ledger")),
)
MEMBERS = frozenset({"company", "university", "funder", "service"})
NOBODY = ""
RAIL = (
    Door("/dashboard/", bi("总览", "Overview")),
    Door("/organisations/", bi("单位核验", "Organisations"), offices=frozenset({"reviewer", "admin"})),
    Door("/campaigns/", bi("募资项目", "Campaigns"), frozenset({"funder", "company", "university"}), frozenset({"reviewer", "auditor"})),
    Door("/portfolio/", bi("我的认筹", "Our pledges"), frozenset({"funder"})),
    Door("/pools/", bi("引导基金", "Matching pools"), frozenset({"funder"}), frozenset({"auditor"})),
    Door("/suitability/", bi("适当性", "Suitability"), frozenset({"funder"})),
    Door("/agreements/", bi("协议", "Agreements"), MEMBERS, frozenset({"reviewer", "finance", "auditor"})),
    Door("/wallet/", bi("钱包", "Wallet"), MEMBERS),
    Door("/finance/", bi("财务台", "Finance desk"), offices=frozenset({"finance", "auditor"})),
    Door("/payouts/", bi("划付", "Payouts"), frozenset({"university"}), frozenset({"finance", "auditor"})),
    Door("/payment-orders/", bi("付款文件", "Payment orders"), offices=frozenset({"finance", "auditor"}), whole=True),
    Door("/bank-statements/", bi("银行对账单", "Bank statements"), offices=frozenset({"finance", "auditor"}), whole=True),
    Door("/statement-mappings/", bi("对账单列映射", "Statement columns"), offices=frozenset({"admin"}), whole=True),
    Door("/lexicon/", bi("名称对照", "Names"), offices=frozenset({"admin", "reviewer", "auditor"})),
    Door("/exposure/", bi("曝光", "Exposure"), offices=frozenset({"admin"}), whole=True),
    Door("/mixes/", bi("匹配权重", "Learned mixes"), offices=frozenset({"admin"}), whole=True),
    Door("/deposits/", bi("存证", "Deposits"), MEMBERS | {NOBODY}),
    Door("/imports/", bi("批量导入", "Imports"), frozenset({"university", "company"})),
    Door("/notices/", bi("消息", "Notices")),
    Door("/interests/", bi("关注", "Saved searches"), MEMBERS),
    Door("/organisation/", bi("我的单位", "My organisation"), MEMBERS | {NOBODY}),
    Door("/settings/", bi("设置", "Settings")),
)


def localised(path: str) -> str:
    """The same address in the reader's language."""
    return f"/en{path}" if (get_language() or "").startswith("en") else path


@cache
def leads_somewhere(path: str) -> bool:
    """Whether a page answers at this address; routes do not change while a process runs."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Link:
    """A door as a page shows it."""

    href: str
    label: Any
    current: bool
    count: int | None = None


def links(doors: Sequence[Door], *, at: str, exact: bool = False) -> list[Link]:
    """The doors that lead somewhere; the one the reader stands in is marked."""
    shown = []
    for door in doors:
        href = localised(door.path)
        if leads_somewhere(href):
            shown.append(Link(href, door.label, at == href if exact else at.startswith(href)))
    return shown


def rail(*, at: str, organisation_kind: str | None, office: str | None = None, region: str | None = None) -> list[Link]:
    """The signed-in rail for a member of this kind of organisation, or the holder of this office of the platform, or of one region."""
    kind = None if office else organisation_kind or NOBODY
    within = [door for door in RAIL if not (door.whole and region)]
    doors = [door for door in within if not (door.kinds or door.offices) or kind in door.kinds or office in door.offices]
    best = max((localised(door.path) for door in doors if at.startswith(localised(door.path))), key=len, default="")
    return [Link(link.href, link.label, link.href == best) for link in links(doors, at=at)]
