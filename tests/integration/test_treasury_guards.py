"""What the database itself refuses, whoever asks: history, totals, and money without proof."""

from contextlib import nullcontext

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.db.models import TextChoices

from marketplace.common import clock
from marketplace.common.ids import uuid7
from marketplace.treasury.models import Account, AccountKind, Transfer, TransferKind
from marketplace.treasury.services import accounts, transferring
from tests.factories.roles import DENIED, attempt, lent
from tests.factories.treasury import funded_wallet, held, intent, pay

APPEND_ONLY = ("treasury_transfer", "treasury_account", "treasury_statementline")


def sqlstate(error: pytest.ExceptionInfo[DatabaseError]) -> str:
    return error.value.__cause__.pgcode


@pytest.mark.django_db
@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("sentence", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_app_role_has_no_right_to_rewrite_the_books(table: str, sentence: str) -> None:
    funded_wallet(10)
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sentence.format(table))
    assert sqlstate(refused) == "42501"


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize(
    "sentence",
    [
        "UPDATE treasury_transfer SET fen = fen + 1",
        "DELETE FROM treasury_transfer",
        "TRUNCATE treasury_transfer CASCADE",
        "UPDATE treasury_account SET posted_in = posted_in + 1",
        "DELETE FROM treasury_account",
        "TRUNCATE treasury_account CASCADE",
    ],
)
def test_triggers_refuse_the_owner_too(sentence: str) -> None:
    funded_wallet(10)
    with pytest.raises(DatabaseError) as refused, connections["owner"].cursor() as cursor:
        cursor.execute(sentence)
    assert sqlstate(refused) == "23001"


@pytest.mark.django_db
def test_every_guard_is_always_on() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'A' AND tgrelid = ANY (%s::regclass[])",
            [list(APPEND_ONLY)],
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db
def test_an_account_cannot_be_opened_with_money_in_it() -> None:
    with pytest.raises(DatabaseError, match="opens empty"), transaction.atomic():
        Account.objects.create(kind="wallet", owner_id=uuid7(), posted_in=100, created_at=clock.now())


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "owned"), [("wallet", False), ("custody", True), ("fee", True), ("purse", True)])
def test_an_account_has_an_owner_where_one_is_due(kind: str, owned: bool) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(kind=kind, owner_id=uuid7() if owned else None, created_at=clock.now())


@pytest.mark.django_db
def test_there_is_one_custody_account() -> None:
    accounts.custody()
    with pytest.raises(IntegrityError, match="account_one_of_its_kind"), transaction.atomic():
        Account.objects.create(kind="custody", created_at=clock.now())


def raw(**changed: object) -> None:
    """One row straight into the table, with its intent, as a careless or hostile program might write it."""
    wallet = funded_wallet(1_000)
    fields = {
        "group_id": intent(),
        "kind": "posted",
        "source": wallet,
        "target": accounts.fee(),
        "fen": 1,
        "code": "test.raw",
        "created_at": clock.now(),
        **changed,
    }
    if fields["target"] == "source":
        fields["target"] = fields["source"]
    Transfer.objects.create(**fields)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "by"),
    [
        ({"fen": 0}, "transfer_moves_something"),
        ({"fen": -5}, "transfer_moves_something"),
        ({"fen": 2**53}, "JQ001|transfer_moves_something"),
        ({"target": "source"}, "transfer_between_two_accounts"),
        ({"kind": "gift"}, "transfer_kind_is_known"),
        ({"kind": "void"}, "transfer_resolves_a_hold"),
        ({"code": ""}, "transfer_has_a_code"),
        ({"currency": "EUR"}, "transfer_source_in_its_currency"),
        ({"fen": 1_001}, "cannot pay 1001 fen"),
    ],
)
def test_raw_rows_meet_the_same_rules(changed: dict[str, object], by: str) -> None:
    with pytest.raises(DatabaseError, match=by), transaction.atomic():
        raw(**changed)


@pytest.mark.django_db
def test_a_hold_cannot_be_resolved_between_other_accounts_or_twice_in_raw_rows() -> None:
    wallet, escrow = funded_wallet(100), accounts.campaign_escrow(uuid7())
    one = held(wallet, escrow, 60)
    with pytest.raises(DatabaseError, match="no hold between these accounts"), transaction.atomic():
        raw(kind="post", pending=one, fen=60)
    for kind, refused in (("void", False), ("post", True), ("expire", True)):
        row = {"kind": kind, "source": wallet, "target": escrow, "fen": 60, "pending": one, "code": "test.raw", "created_at": clock.now()}
        refusal = pytest.raises(IntegrityError, match="pending_id") if refused else nullcontext()
        with refusal, transaction.atomic():
            Transfer(**row, group_id=intent()).save(force_insert=True)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["void", "expire"])
def test_a_hold_is_given_back_whole(kind: str) -> None:
    wallet, escrow = funded_wallet(100), accounts.campaign_escrow(uuid7())
    one = held(wallet, escrow, 60)
    row = {"kind": kind, "source": wallet, "target": escrow, "fen": 59, "pending": one, "code": "x", "created_at": clock.now()}
    with pytest.raises(DatabaseError, match="is of 60 fen, not 59"), transaction.atomic():
        Transfer(**row, group_id=intent()).save(force_insert=True)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_transfer_without_its_ledger_intent_is_refused_at_commit() -> None:
    wallet = funded_wallet(1_000)
    with pytest.raises(DatabaseError, match="has no ledger intent"), transaction.atomic():
        transferring.transfer(group=uuid7(), source=wallet, target=accounts.fee(), fen=1, code="test.pay")
    wallet.refresh_from_db()
    assert wallet.posted_out == 0


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_intent_may_be_written_after_the_transfer_in_the_same_transaction() -> None:
    wallet, group = funded_wallet(1_000), uuid7()
    with transaction.atomic():
        transferring.transfer(group=group, source=wallet, target=accounts.fee(), fen=1, code="test.pay")
        intent(group)
    wallet.refresh_from_db()
    assert wallet.posted_out == 1


@pytest.mark.breaks_books("the top-up has no bank line")
@pytest.mark.django_db
def test_one_bank_line_is_topped_up_once_even_by_raw_rows() -> None:
    wallet = accounts.wallet(uuid7())
    line = pay(accounts.custody(), wallet, 10, code="treasury.topup").group_id
    with pytest.raises(IntegrityError, match="transfer_one_top_up_per_bank_line"), transaction.atomic():
        transferring.transfer(group=line, source=accounts.custody(), target=wallet, fen=10, code="treasury.topup")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_tables_of_the_sessions_own_deceive_no_guard() -> None:
    """They would stand before the books' own; who may make them (as before that was refused) gains nothing by it."""
    wallet, fee, group = funded_wallet(10), accounts.fee(), uuid7()
    paid = (
        "INSERT INTO treasury_transfer (id, group_id, kind, source_id, target_id, fen, currency, code, created_at)"
        f" VALUES (gen_random_uuid(), '{group}', 'posted', '{wallet.pk}', '{fee.pk}', %d, 'CNY', 'test.raw', now())"
    )
    intents = ("CREATE TEMPORARY TABLE ledger_inbox (id uuid)", f"INSERT INTO ledger_inbox VALUES ('{group}')")
    rich = ("CREATE TEMPORARY TABLE treasury_account AS SELECT * FROM treasury_account", "UPDATE treasury_account SET posted_in = 10000")
    assert attempt("default", intents[0]) == DENIED
    with lent("TEMPORARY", settings.APP_ROLE):
        shown = "GRANT ALL ON {} TO PUBLIC"
        assert attempt("default", *intents, shown.format("ledger_inbox"), paid % 1, "SET CONSTRAINTS ALL IMMEDIATE") == "JQ004"
        assert attempt("default", *rich, shown.format("treasury_account"), paid % 11) == "JQ001"


@pytest.mark.django_db
def test_every_function_of_the_books_looks_for_tables_in_one_place_first() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname, proconfig FROM pg_proc WHERE starts_with(proname, 'treasury_')")
        found = dict(cursor.fetchall())
    assert set(found) >= {"treasury_lock", "treasury_apply_transfer", "treasury_transfer_has_intent", "treasury_refuse"}
    assert {tuple(paths or ()) for paths in found.values()} == {("search_path=public, pg_temp",)}


@pytest.mark.django_db(transaction=True, databases=["default", "owner", "sequencer"])
def test_the_books_functions_are_for_the_roles_that_need_them() -> None:
    """They run with the owner's rights: who locks what nobody else may touch, or hangs a guard on a table of its own, could do harm."""
    wallet = funded_wallet(10)
    lock = f"SELECT treasury_lock(ARRAY['{wallet.pk}'::uuid])"
    assert [attempt(role, lock) for role in ("default", "owner", "sequencer")] == [None, None, DENIED]
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT proname, pg_get_userbyid((aclexplode(coalesce(proacl, acldefault('f', proowner)))).grantee) FROM pg_proc"
            " WHERE starts_with(proname, 'treasury_')"
        )
        # What is everybody's is granted to role 0, which has no name.
        others = {row for row in cursor.fetchall() if row[1] != connections["owner"].settings_dict["USER"]}
    assert others == {("treasury_lock", settings.APP_ROLE)}


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_no_table_of_the_sessions_own_borrows_a_guards_rights() -> None:
    """A trigger of one's own on one's own table would move totals without a transfer."""
    borrowed = (
        "CREATE TEMPORARY TABLE mine (LIKE treasury_transfer)",
        "CREATE TRIGGER applies AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION treasury_apply_transfer()",
    )
    with lent("TEMPORARY", settings.APP_ROLE):
        assert [attempt("default", *borrowed[:1]), attempt("default", *borrowed)] == [None, DENIED]


@pytest.mark.django_db
@pytest.mark.parametrize(("domain", "kinds"), [("account_kind_is_known", AccountKind), ("transfer_kind_is_known", TransferKind)])
def test_the_database_knows_the_kinds_that_the_program_knows(domain: str, kinds: type[TextChoices]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT regexp_matches(pg_get_constraintdef(oid), '''(\\w+)''', 'g') FROM pg_constraint WHERE conname = %s", [domain]
        )
        assert {name for ((name,),) in cursor.fetchall()} == set(kinds.values)


@pytest.mark.django_db
def test_an_account_is_of_a_currency_that_is_written_as_one() -> None:
    with pytest.raises(IntegrityError, match="account_currency_is_a_code"), transaction.atomic():
        Account.objects.create(kind="wallet", owner_id=uuid7(), currency="yen", created_at=clock.now())
