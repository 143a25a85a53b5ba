"""The treasury's pages: the wallet of an organisation, the statements of the finance officers."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from marketplace.common.ids import uuid7
from marketplace.treasury import selectors
from marketplace.treasury.models import BankStatement, LineDecision, StatementImport, StatementLine, StatementMapping
from marketplace.treasury.services import accounts, decisions, importing, statements, topups
from marketplace.workflow.performing import perform
from tests.factories import accounts as make
from tests.factories.treasury import funded_wallet, held, previewed, statement_csv

pytestmark = pytest.mark.django_db


def browser(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def upload(*lines: str) -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile("day.csv", statement_csv(*lines), content_type="text/csv")}


def test_the_wallet_shows_what_is_available_held_and_moved() -> None:
    company = make.organisation("company")
    wallet = funded_wallet(12_345_678, company.pk)
    held(wallet, accounts.campaign_escrow(uuid7()), 345_678, code="pledge.hold")
    page = browser(make.member(company)).get("/wallet/").content.decode()
    for text in ("¥120,000.00", "¥3,456.78", "¥123,456.78", "人民币壹拾贰万元整", ">认筹</td>", "募资监管"):
        assert text in page


def test_the_wallet_speaks_english_too() -> None:
    company = make.organisation("company")
    page = browser(make.member(company)).get("/en/wallet/").content.decode()
    assert "Get your reference" in page
    assert "No money has moved yet" in page


def test_a_reference_is_asked_for_once_and_then_stands_on_the_page() -> None:
    company = make.organisation("company")
    client = browser(make.member(company))
    assert client.post("/wallet/top-up-reference/").status_code == 302
    code = selectors.reference_of(company.pk).code
    assert topups.shown(code) in client.get("/wallet/").content.decode()


def test_the_wallet_is_closed_to_those_who_are_not_its_people() -> None:
    company = make.organisation("company")
    assert Client().get("/wallet/").status_code == 302
    assert browser(make.member(company, roles=("member",))).get("/wallet/").status_code == 403
    assert browser(make.staff("finance")).get("/wallet/").status_code == 403


def test_a_finance_officer_imports_a_statement_and_books_a_waiting_line() -> None:
    company = make.organisation("company")
    client = browser(make.staff("finance"))
    answer = client.post("/bank-statements/", upload("B1,2026-11-23,9.00,in,<b>某公司</b>,6222,货款", "B2,x,1,in,,,"))
    run = StatementImport.objects.get()
    assert answer["Location"] == f"/statement-imports/{run.pk}/"
    shown = client.get(answer["Location"]).content.decode()
    assert ("&lt;b&gt;某公司" in shown, "booked_at" in shown, StatementLine.objects.count()) == (True, True, 0)
    assert f"/statement-imports/{run.pk}/" in client.get("/bank-statements/").content.decode()
    client.post(f"/statement-imports/{run.pk}/start/")
    assert 'http-equiv="refresh"' in client.get(answer["Location"]).content.decode()
    importing.work(run.pk)
    statement = BankStatement.objects.get()
    assert client.get(answer["Location"])["Location"] == f"/bank-statements/{statement.pk}/"
    page = client.get(f"/bank-statements/{statement.pk}/").content.decode()
    assert "&lt;b&gt;某公司" in page
    assert "booked_at" in page
    line = StatementLine.objects.get()
    assert "货款" in client.get("/bank-statements/").content.decode()
    at = f"/bank-statements/{statement.pk}/lines/{line.pk}/assign/"
    assert "货款" in client.get(at).content.decode()
    assert client.post(at, {"kind": "wallet", "credit_code": company.uscc}).status_code == 302
    assert selectors.balance(accounts.wallet(company.pk)).posted_fen == 0
    second, agree = browser(make.staff("finance")), f"/line-decisions/{LineDecision.objects.get().pk}/actions/book/"
    assert agree in second.get(f"/bank-statements/{statement.pk}/").content.decode()
    assert client.post(agree, {"key": "k"}).status_code == 409
    assert second.post(agree, {"key": "k"}).status_code == 302
    assert selectors.balance(accounts.wallet(company.pk)).posted_fen == 900


def test_a_wrong_credit_code_books_nothing_and_a_wrong_file_says_why() -> None:
    client = browser(make.staff("finance"))
    statements.import_statement(actor=make.staff_actor("finance"), content=statement_csv("B1,2026-11-23,9.00,in,,,"), name="s.csv")
    statement, line = BankStatement.objects.get(), StatementLine.objects.get()
    told = client.post(f"/bank-statements/{statement.pk}/lines/{line.pk}/assign/", {"kind": "wallet", "credit_code": make.credit_code()})
    assert (told.status_code, LineDecision.objects.count()) == (422, 0)
    assert StatementLine.objects.get().is_waiting
    bad = client.post("/bank-statements/", {"file": SimpleUploadedFile("x.csv", b"a,b\n")})
    assert bad.status_code == 422
    assert "bank_line_id" in bad.content.decode()


def test_an_administrator_keeps_a_mapping_that_a_finance_officer_chooses() -> None:
    admin, officer = browser(make.staff("admin")), browser(make.staff("finance"))
    given = {"name": "渡口银行", "encoding": "auto", "delimiter": ",", "skip_lines": "0", "date_format": "%Y%m%d"}
    wrong = admin.post("/statement-mappings/new/", {**given, "bank_line_id": "号", "booked_at": "日", "amount_yuan": "日"})
    assert (wrong.status_code, "同一列名用了两次" in wrong.content.decode()) == (422, True)
    fields = {"bank_line_id": "号", "booked_at": "日", "amount_yuan": "额", "direction": "向", "words_in": "贷, C", "words_out": "借"}
    assert admin.post("/statement-mappings/new/", {**given, **fields}).status_code == 302
    kept = StatementMapping.objects.get()
    assert (kept.words_in, kept.words_out, "渡口银行" in officer.get("/statement-mappings/").content.decode()) == (
        ["贷", "C"],
        ["借"],
        True,
    )
    assert 'value="贷, C"' in admin.get(f"/statement-mappings/{kept.pk}/").content.decode()
    file = SimpleUploadedFile("k.csv", "号,日,额,向\nK1,20261123,5,c\nK2,20261123,7,借".encode("gb18030"))
    answer = officer.post("/bank-statements/", {"file": file, "mapping": kept.pk})
    assert "−7.00" in officer.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("language", "notice", "button"), [("", "已停止：已处理 0 / 1 条", "继续导入"), ("/en", "0 of 1 lines are in", "Go on")]
)
def test_a_stopped_import_says_how_far_it_came_and_goes_on_at_a_click(language: str, notice: str, button: str) -> None:
    officer, run = browser(make.staff("finance")), previewed("B1,2026-11-23,9.00,in,,,")
    statement, _ = statements.take(actor=make.staff_actor("finance"), content=bytes(run.content), name="b.csv")
    StatementImport.objects.filter(pk=run.pk).update(phase="failed", statement=statement, total=1, content=b"")
    address = f"/statement-imports/{run.pk}/"
    assert address in officer.get("/bank-statements/").content.decode()
    page = officer.get(language + address).content.decode()
    assert (notice in page, f">{button}</button>" in page, "drop/" in page) == (True, True, False)
    read = browser(make.staff("auditor")).get(address).content.decode()
    assert ("已停止" in read, f"{address}start/" in read) == (True, False)
    assert officer.post(f"{address}start/").status_code == 302
    importing.work(run.pk)
    assert officer.get(address)["Location"] == f"/bank-statements/{statement.pk}/"


def test_a_file_whose_mapping_was_changed_is_to_be_sent_again() -> None:
    run = previewed("B1,2026-11-23,9.00,in,,,")
    StatementImport.objects.filter(pk=run.pk).update(phase="failed", mapping_sha256="0" * 64)
    page = browser(make.staff("finance")).get(f"/statement-imports/{run.pk}/").content.decode()
    assert ("列映射在预览之后改过" in page, "继续导入" in page, "放弃" in page) == (True, False, True)


@pytest.mark.parametrize(("role", "shown"), [("admin", True), ("reviewer", False), ("finance", False)])
def test_administrators_have_a_door_to_the_mappings(role: str, shown: bool) -> None:
    client = browser(make.staff(role))
    assert ('href="/statement-mappings/"' in client.get("/dashboard/").content.decode()) == shown
    if shown:
        assert "列映射" in client.get("/statement-mappings/").content.decode()


@pytest.mark.parametrize("role", ["reviewer", "admin", "security"])
def test_statements_are_not_there_for_other_staff(role: str) -> None:
    assert browser(make.staff(role)).get("/bank-statements/").status_code == 404


def test_an_auditor_reads_statements_and_cannot_import() -> None:
    client = browser(make.staff("auditor"))
    page = client.get("/bank-statements/")
    assert page.status_code == 200
    assert "multipart/form-data" not in page.content.decode()
    assert client.post("/bank-statements/", upload("B1,2026-11-23,9.00,in,,,")).status_code == 403
    assert BankStatement.objects.count() == 0


def test_whoever_agrees_to_call_a_return_off_sees_the_amount_and_the_wallet_and_agrees_to_no_other() -> None:
    company, other = make.organisation("company"), make.organisation("company")
    officer = make.staff_actor("finance")
    statement, _ = statements.import_statement(
        actor=officer, content=statement_csv("B1,2026-11-23,30.00,in,某公司,6222,货款"), name="s.csv"
    )
    decision = decisions.propose(actor=officer, line_id=statement.lines.get().pk, organisation_id=None)
    decision = perform("give_back", decision, make.staff_actor("finance"))
    perform("ask_call_off", decision, officer, organisation_id=company.pk)
    second, agree = browser(make.staff("finance")), f"/line-decisions/{decision.pk}/actions/call_off/"
    page = second.get(agree).content.decode()
    for text in (company.name, "¥30.00", "某公司 6222", f'value="{company.pk}"'):
        assert text in page
    perform("ask_call_off", decision, officer, organisation_id=other.pk)
    assert second.post(agree, {"key": "k1", "organisation_id": str(company.pk)}).status_code == 409
    assert second.post(agree, {"key": "k2", "organisation_id": str(other.pk)}).status_code == 302
    assert selectors.wallet_of(other.pk).posted_fen == 3_000
