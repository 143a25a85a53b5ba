"""The terms of each instrument: what may stand, what is refused and how, their words and their hash."""

from typing import Any

import pytest
from django.utils.translation import override

from marketplace.common.errors import Invalid
from marketplace.funding import promises, terms
from marketplace.funding.models import SpendingCategory

GRANT = {"instrument": "grant", "purpose_zh": "中试线验证", "purpose_en": "", "reporting": "quarterly", "report_days": 30}
SHARE = {"instrument": "revenue_share", "base": "sales", "share_bp": 500, "cap_bp": 15_000, "years": 5}
LOAN = {
    "instrument": "loan_intent",
    "interest_ceiling_bp": 450,
    "term_months": 36,
    "repayment": "interest_first",
    "security": "ip_pledge",
    "security_note_zh": "专利出质",
    "security_note_en": "",
}
EQUITY = {
    "instrument": "equity_intent",
    "valuation": "appraisal",
    "least_bp": 300,
    "most_bp": 800,
    "next_step_zh": "尽职调查后另签协议",
    "next_step_en": "Due diligence, then a contract",
}
ALL = (GRANT, SHARE, LOAN, EQUITY)
FIELDS = [(whole, name) for whole in ALL for name in whole if name != "instrument" and not name.endswith(("_zh", "_en"))]


def refused(given: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        terms.cleaned(given)
    return {name: str(told[0]) for name, told in refusal.value.fields.items()}


@pytest.mark.parametrize("given", ALL, ids=lambda given: given["instrument"])
def test_whole_terms_are_kept_as_they_are_with_their_version(given: dict[str, Any]) -> None:
    kept = terms.cleaned(given)
    assert kept == {**given, "version": "2026-1"}
    assert terms.cleaned(kept) == kept


def test_texts_may_be_left_out_and_are_kept_without_blanks_around_them() -> None:
    kept = terms.cleaned({**{k: v for k, v in GRANT.items() if k != "purpose_en"}, "purpose_zh": " 中试线验证\n"})
    assert (kept["purpose_zh"], kept["purpose_en"]) == ("中试线验证", "")
    assert terms.cleaned({k: v for k, v in LOAN.items() if not k.startswith("security_note")})["security_note_zh"] == ""


@pytest.mark.parametrize(("whole", "name"), FIELDS)
def test_each_value_is_needed_and_nothing_else_stands_in_its_place(whole: dict[str, Any], name: str) -> None:
    assert set(refused({key: value for key, value in whole.items() if key != name})) == {f"terms.{name}"}
    for wrong in (True, 1.5, "1", [], {}, -1, 10**9, "nothing"):
        assert set(refused({**whole, name: wrong})) == {f"terms.{name}"}, wrong


@pytest.mark.parametrize(
    ("whole", "name", "least", "most"),
    [
        (GRANT, "report_days", 1, 180),
        (SHARE, "share_bp", 1, 5_000),
        (SHARE, "cap_bp", 1_000, 100_000),
        (SHARE, "years", 1, 20),
        (LOAN, "interest_ceiling_bp", 0, 2_400),
        (LOAN, "term_months", 1, 120),
        (EQUITY, "least_bp", 1, 800),
        (EQUITY, "most_bp", 300, 10_000),
    ],
)
def test_a_number_reaches_exactly_its_bounds(whole: dict[str, Any], name: str, least: int, most: int) -> None:
    for value in (least, most):
        assert terms.cleaned({**whole, name: value})[name] == value
    for value in (least - 1, most + 1):
        assert refused({**whole, name: value})


def test_refusals_say_in_both_languages_what_is_taken() -> None:
    assert refused({**SHARE, "share_bp": 5_001})["terms.share_bp"] == "须为 0.01% 至 50%，以万分之一计的整数。"
    with override("en"):
        told = refused({**SHARE, "share_bp": 5_001, "years": 0, "base": "profit"})
    assert told == {
        "terms.base": "One of: sales, licences, all.",
        "terms.share_bp": "Between 0.01% and 50%, as a whole number of basis points.",
        "terms.years": "A whole number from 1 to 20.",
    }


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "instrument"),
        ({"instrument": "bond"}, "instrument"),
        ({"instrument": ["grant"]}, "instrument"),
        ({**SHARE, "version": "2020-1"}, "version"),
        ({**GRANT, "purpose_zh": " "}, "purpose_zh"),
        ({**GRANT, "purpose_zh": "长" * 501}, "purpose_zh"),
        ({**GRANT, "purpose_zh": 7}, "purpose_zh"),
        ({**GRANT, "purpose_en": "half \ud800 a character"}, "purpose_en"),
        ({**EQUITY, "least_bp": 801}, "most_bp"),
    ],
)
def test_what_belongs_to_no_schema_is_refused_by_its_name(given: dict[str, Any], name: str) -> None:
    assert set(refused(given)) == {f"terms.{name}"}


@pytest.mark.parametrize("name", ["guarantor", "half \ud800 a character", "x" * 100_000])
def test_names_that_the_schema_does_not_have_are_one_fault_that_does_not_say_them_again(name: str) -> None:
    told = refused({**SHARE, name: "平台", f"{name}2": 1, "years": 0})
    assert set(told) == {"terms.years", "terms"}
    assert told["terms"] == "此出资方式只有这些条款：base, share_bp, cap_bp, years。"


def test_only_a_share_of_revenue_has_a_cap_on_it() -> None:
    assert [terms.revenue_cap_bp(terms.cleaned(given)) for given in ALL] == [0, 15_000, 0, 0]
    assert terms.revenue_cap_bp({}) is None


def test_the_hash_is_of_the_canonical_json_and_changes_with_any_value() -> None:
    kept = terms.cleaned(SHARE)
    # printf '%s' '{"base":"sales","cap_bp":15000,"instrument":"revenue_share","share_bp":500,"version":"2026-1","years":5}' | sha256sum
    assert terms.hash_of(kept) == "fab9a46943be4ef2a69a8a4f7d65fd15694aa539e4394319c0758b960ca80fd1"
    assert terms.hash_of(dict(reversed(kept.items()))) == terms.hash_of(kept)
    assert len({terms.hash_of({**kept, "years": years}) for years in range(1, 21)}) == 20


def test_terms_are_said_in_words_in_the_readers_language() -> None:
    def words(given: dict[str, Any]) -> list[str]:
        return [f"{row['label']}: {row['value']}" for row in terms.said(terms.cleaned(given))]

    assert words(SHARE) == ["计算基数: 成果产品的销售收入", "出资方合计分成比例: 5%", "累计上限（占划转金额）: 150%", "分成年限: 5 年"]
    with override("en"):
        assert words({**SHARE, "share_bp": 125, "years": 1})[1:] == [
            "Share of all funders together: 1.25%",
            "Cap, of the amount paid in: 150%",
            "For: 1 year",
        ]
        assert words({**LOAN, "security_note_zh": ""}) == [
            "Interest per year, at most: 4.5%",
            "Term: 36 months",
            "Repayment: Interest by period, the loan at the end",
            "Security: Pledge of intellectual property",
        ]
    assert words(EQUITY)[-1] == "下一步: 尽职调查后另签协议"
    assert terms.said({}) == []


def test_only_what_somebody_wrote_freely_is_searched_for_promises() -> None:
    assert terms.texts_of(terms.cleaned(LOAN)) == {"terms.security_note_zh": "专利出质", "terms.security_note_en": ""}
    assert terms.texts_of(terms.cleaned(SHARE)) == terms.texts_of({}) == {}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_our_own_words_promise_nothing(language: str) -> None:
    with override(language):
        for schema in terms.SCHEMAS.values():
            words = [schema.statement, schema.instrument.label, *(field.label for field in schema.fields)]
            assert [finding.words for one in words for finding in promises.findings(str(one))] == []
        assert [finding for one in SpendingCategory for finding in promises.findings(str(one.label))] == []
