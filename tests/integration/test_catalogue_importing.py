"""Files of achievements: what goes in, what a second file changes, and what each bad file is told."""

import hashlib
import io
from datetime import date
from unittest import mock

import pytest
from django.test import override_settings

from ledger.app import services as ledger
from ledger.engine import canonical, merkle
from marketplace.catalogue.importing import limits, running
from marketplace.catalogue.models import Achievement, ImportFault, ImportRun
from marketplace.catalogue.services.uploading import upload
from marketplace.common import outbox
from marketplace.common.errors import Forbidden, Invalid, MissingScope, NotVerified
from marketplace.common.files import FileRefused
from marketplace.common.models import StoredFile
from matching.app import services as matcher
from tests.factories import accounts, catalogue
from tests.factories import import_files as make

pytestmark = pytest.mark.django_db

COUNTS = ("total", "created", "updated", "unchanged", "bad")


def imported(content: bytes, name: str = "rows.jsonl", **options) -> ImportRun:
    """The run of a file when its worker is done."""
    run = make.send(content, name, **options)
    running.run_import(run.pk)
    run.refresh_from_db()
    return run


def counts(run: ImportRun) -> tuple[int, ...]:
    return tuple(getattr(run, name) for name in COUNTS)


def faults(run: ImportRun) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.field, fault.reason_en) for fault in run.faults.order_by("line")]


def test_good_rows_are_published_as_declared_and_found_by_the_matcher() -> None:
    home = accounts.organisation("university", region="120116")
    run = imported(make.jsonl(make.rows(3)), owner=home)
    assert (run.phase, counts(run), run.attempts) == ("done", (3, 3, 0, 0, 0), 1)
    row = Achievement.objects.get(ref="R-1")
    assert (row.state, row.declared, row.region_code, row.industry_code, row.title_zh) == ("published", True, "120116", "", "第1号成果")
    assert row.due_at == row.expires_at
    assert matcher.rank(corpus="achievement", query=matcher.QueryInput(title="编号1")) == []
    outbox.relay()
    found = matcher.rank(corpus="achievement", query=matcher.QueryInput(title="编号1"), k=1)
    assert [match.id for match in found] == [row.pk]


def test_an_upload_sets_a_worker_to_work_once_it_is_committed(django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = make.send(make.jsonl(make.rows(2)))
        assert ImportRun.objects.get(pk=run.pk).phase == "uploaded"
    assert ImportRun.objects.get(pk=run.pk).phase == "done"


def test_a_file_has_one_ledger_entry_with_the_merkle_root_of_its_rows() -> None:
    run = imported(make.jsonl([{"ref": "A", "title": "甲", "readiness": 4}, {"ref": "B", "title": "Beta"}]))
    assert ledger.receipt(run.pk).type == "achievement.batch"
    empty = {
        "team_id": None, "title_zh": "", "title_en": "", "summary_zh": "", "summary_en": "", "keywords_zh": [], "keywords_en": [],
        "industry_code": "", "region_code": "110108", "readiness": None, "ipr_status": "none",
        "protected_until": None, "price_fen": None,
    }  # fmt: skip
    leaves = [{**empty, "ref": "A", "title_zh": "甲", "readiness": 4}, {**empty, "ref": "B", "title_en": "Beta"}]
    first, second = (hashlib.sha256(b"\0" + canonical.encode(leaf)).digest() for leaf in leaves)
    assert run.root == hashlib.sha256(b"\1" + first + second).hexdigest()
    assert [entry.type for entry in ledger.entries_of("import", run.pk)] == ["achievement.batch"]


def test_the_same_file_again_changes_nothing() -> None:
    home = accounts.organisation("university")
    content = make.jsonl(make.rows(700))
    first = imported(content, owner=home)
    assert counts(first) == (700, 700, 0, 0, 0)
    before = list(Achievement.objects.order_by("pk").values())
    second = imported(content, owner=home)
    assert (second.phase, counts(second), second.root) == ("done", (700, 0, 0, 700, 0), first.root)
    assert list(Achievement.objects.order_by("pk").values()) == before


def test_a_changed_row_is_updated_found_by_its_new_words_and_only_declared_again() -> None:
    home = accounts.organisation("university")
    catalogue.achievement(home, ref="R-0")
    run = imported(make.jsonl([*make.rows(2), {"ref": "R-9", "title": "未变"}]), owner=home)
    assert counts(run) == (3, 2, 1, 0, 0)
    row = Achievement.objects.get(ref="R-0")
    assert (row.title_zh, row.declared, row.state) == ("第0号成果", True, "published")
    assert list(Achievement.objects.filter(search__finds="第0号")) == [row]
    outbox.relay()
    assert matcher.rank(corpus="achievement", query=matcher.QueryInput(title="第0号"), k=1)[0].id == row.pk


def test_a_file_without_the_column_keeps_the_last_day_of_the_same_protection_and_one_with_it_sets_it() -> None:
    home = accounts.organisation("university")
    said = {"ref": "P", "title_zh": "甲", "summary_zh": "正极包覆。", "industry_code": "38", "readiness": 6, "ipr_status": "granted"}
    day, changed, unchanged = date(2030, 12, 31), (1, 0, 1, 0, 0), (1, 0, 0, 1, 0)
    row = catalogue.achievement(home, **said, protected_until=day)
    for content, told, kept in (
        (make.csv(",".join(said), "P,甲,正极包覆。,38,6,granted"), unchanged, (day, False)),
        (make.csv(",".join(said), "P,乙,正极包覆。,38,6,granted"), changed, (day, True)),
        (make.csv(",".join([*said, "protected_until"]), "P,乙,正极包覆。,38,6,granted"), changed, (None, True)),
        (make.jsonl([{**said, "protected_until": "2031-02-28"}]), changed, (date(2031, 2, 28), True)),
        (make.jsonl([{**said, "ipr_status": "copyright"}]), changed, (None, True)),
    ):
        run = imported(content, "rows.csv" if content.startswith(b"ref") else "rows.jsonl", owner=home)
        row.refresh_from_db()
        assert (counts(run), (row.protected_until, row.declared)) == (told, kept)


def test_a_file_does_not_change_what_is_not_on_public_view() -> None:
    home = accounts.organisation("university")
    catalogue.achievement(home, ref="R-0", published=False)
    run = imported(make.jsonl(make.rows(1)), owner=home)
    assert counts(run) == (1, 0, 0, 0, 1)
    assert faults(run) == [(1, "ref", "This achievement is “Draft”: a file does not change it.")]


def test_the_same_reference_of_two_organisations_is_two_achievements() -> None:
    for _ in range(2):
        assert counts(imported(make.jsonl(make.rows(1)))) == (1, 1, 0, 0, 0)
    assert Achievement.objects.filter(ref="R-0").count() == 2


def test_bad_rows_are_left_out_and_each_says_why_in_both_languages() -> None:
    home = accounts.organisation("university")
    team = catalogue.team(home, ref="yt-battery")
    good = {"ref": "A", "title": "甲", "team": "yt-battery", "ipr_status": "专利已授权", "keywords": "储能，电池;储能"}
    lines = [
        good,
        {"ref": "A", "title": "乙"},
        {"title": "没有编号"},
        {"ref": "C", "title": " "},
        {"ref": "D", "title": "丁", "readiness": 10},
        {"ref": "E", "title": "戊", "industry_code": "00"},
        {"ref": "F", "title": "己", "region_code": "440305"},
        {"ref": "G", "title": "庚", "team": "nobody"},
        {"ref": "H", "title": "辛", "ipr_status": "maybe"},
        {"ref": "I", "title": "壬", "colour": "red"},
        {"ref": "J", "title": ["癸"]},
        {"ref": "K", "title": "子" * 201},
        {"ref": "L", "title": "丑\u0007"},
        {"ref": "M", "title": "寅", "title_zh": "寅"},
        {"ref": "O", "title": "卯", "ipr_status": "granted", "protected_until": "2030-02-30"},
        {"ref": "P", "title": "辰", "ipr_status": "secret", "protected_until": "2030-12-31"},
    ]
    content = make.jsonl(lines) + b'["a list"]\n{"ref": NaN}\n{"half": \n\n' + b'{"ref":"N","title":"\\ud800"}\n' + b"[" * 100_000
    run = imported(content, owner=home)
    assert (run.phase, counts(run)) == ("done", (21, 1, 0, 0, 20))
    row = Achievement.objects.get()
    assert (row.team, row.ipr_status, row.keywords_zh) == (team, "granted", ["储能", "电池"])
    assert [(line, field) for line, field, _ in faults(run)] == [
        (2, "ref"), (3, "ref"), (4, "title"), (5, "readiness"), (6, "industry_code"), (7, "region_code"), (8, "team"), (9, "ipr_status"),
        (10, "colour"), (11, "title"), (12, "title"), (13, "title"), (14, "title"), (15, "protected_until"),
        (16, "protected_until"), (17, ""), (18, ""), (19, ""), (21, "title"), (22, ""),
    ]  # fmt: skip
    readiness = run.faults.get(line=5)
    assert (readiness.reason_zh, readiness.reason_en) == ("应为 1 到 9 的整数。", "A whole number from 1 to 9 is needed.")
    industry = run.faults.get(line=6)
    assert industry.reason_zh.startswith("行业代码 00 不是")
    assert industry.reason_en.startswith("Industry code 00 is not")


def test_ten_thousand_bad_rows_are_all_counted_and_a_bounded_number_kept() -> None:
    with mock.patch.object(limits, "STORED_FAULTS", 600):
        run = imported(b'{"ref": ""}\n' * 10_000 + make.jsonl(make.rows(1)))
    assert (run.phase, counts(run)) == ("done", (10_001, 1, 0, 0, 10_000))
    assert ImportFault.objects.filter(run=run).count() == 600


def test_csv_and_xlsx_bring_in_the_same_as_jsonl() -> None:
    heads = ["编号", "Title", "简介", "关键词", "行业代码", "地区代码", "知识产权", "保护期至", "TRL"]
    cells = ["X-1", "钠离子正极", "含逗号，与“引号”", "钠；正极", "38", "120116", "granted", "2030-12-31", "6"]
    quoted = ",".join(f'"{cell}"' for cell in cells)
    wanted = None
    for name, content in {
        "a.jsonl": make.jsonl([dict(zip(heads, cells, strict=True))]),
        "a.csv": b"\xef\xbb\xbf" + make.csv(",".join(heads), quoted, ",,,"),
        "b.csv": make.csv("\t".join(heads), "\t".join(cells)),
        "a.xlsx": make.xlsx(heads, [*cells[:-2], date(2030, 12, 31), 6.0], []),
    }.items():
        run = imported(content, name)
        assert (run.phase, run.failure_en, counts(run)) == ("done", "", (1, 1, 0, 0, 0)), name
        wanted = wanted or run.root
        assert run.root == wanted, name


def test_a_formula_stays_text_in_csv_and_is_refused_in_a_workbook() -> None:
    run = imported(make.csv("ref,title", "A,=1+1", "B,@SUM(A1)", "C,-cmd", "D,+1"), "a.csv")
    assert counts(run) == (4, 4, 0, 0, 0)
    assert list(Achievement.objects.order_by("ref").values_list("title_en", flat=True)) == ["=1+1", "@SUM(A1)", "-cmd", "+1"]
    run = imported(make.xlsx(["ref", "title"], ["A", "=1+1"], ["B", "文字"]), "a.xlsx")
    assert counts(run) == (2, 1, 0, 0, 1)
    assert faults(run) == [(2, "title", "The cell is a formula: paste it as a value.")]


BOMB = make.archive({"[Content_Types].xml": b"<Types/>", "xl/worksheets/sheet1.xml": b"0" * 30_000_000})
CROWD = make.archive({f"{n}.xml": bytes(str(n), "ascii") for n in range(1001)})
ENTITIES = {
    "[Content_Types].xml": b'<!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><t>&b;</t>',
    "xl/workbook.xml": b"<workbook/>",
}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "ref,title\nA,甲\n".encode("gb18030"), "Line 2 is not UTF-8"),
        ("a.jsonl", b'{"ref":"A","title":"\xff"}', "Line 1 is not UTF-8"),
        ("a.jsonl", b"\n \n\n", "The file has no rows"),
        ("a.csv", b"ref,title\n", "The file has no rows"),
        ("a.csv", b"\n,,\n", "The file has no line of headings"),
        ("a.csv", b"ref,title,colour\nA,B,C\n", "Unknown columns: colour. Columns that are read: ref, owner"),
        ("a.csv", b"ref,title,REF \nA,B,C\n", "Columns that stand twice: ref"),
        ("a.csv", b"title\nB\n", "A column is missing: ref"),
        ("a.csv", b'ref,title\nA,"B', "Quotes or separators are wrong near line 2"),
        ("a.jsonl", b'{"ref":"' + b"A" * 1_100_000, "Line 1 is longer than 1 MB"),
        ("a.jsonl", make.jsonl(make.rows(21)), "More than 20 rows"),
        ("a.xlsx", BOMB, "The workbook unpacks to too much"),
        ("a.xlsx", CROWD, "The workbook holds too many files"),
        ("a.xlsx", b"PK\x03\x04 and nothing more", "This is not an XLSX workbook"),
        ("a.xlsx", make.archive({"hello.txt": b"hello"}), "This is not an XLSX workbook"),
        ("a.xlsx", make.archive(ENTITIES), "This is not an XLSX workbook"),
        ("a.xlsx", make.xlsx(["ref", "colour"], ["A", "red"]), "Unknown columns: colour"),
    ],
)
def test_a_file_that_cannot_be_taken_changes_nothing_and_says_why(name: str, content: bytes, reason: str) -> None:
    with override_settings(IMPORT_MAX_ROWS=20):
        run = imported(content, name)
    assert (run.phase, run.failure_en[: len(reason)]) == ("failed", reason)
    assert run.failure_zh != run.failure_en
    assert not Achievement.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.jsonl", b"", FileRefused),
        ("a.jsonl", b"x" * 2000, FileRefused),
        ("a.pdf", b"%PDF-", Invalid),
        ("a.xlsx", b"not a zip", FileRefused),
    ],
)
def test_an_empty_too_large_or_foreign_file_is_not_even_kept(name: str, content: bytes, error: type[Exception]) -> None:
    with override_settings(IMPORT_MAX_BYTES=1000), pytest.raises(error):
        make.send(content, name)
    assert not StoredFile.objects.exists()
    assert not ImportRun.objects.exists()


def test_only_a_verified_organisation_with_write_scope_imports_a_kind_that_exists() -> None:
    home = accounts.organisation("university", verified=False)
    file = {"name": "a.jsonl", "content_type": "", "stream": io.BytesIO(b"{}")}
    with pytest.raises(NotVerified):
        upload(actor=accounts.actor_for(home), kind="achievements", **file)
    verified = accounts.organisation("university")
    with pytest.raises(MissingScope):
        upload(actor=accounts.actor_for(verified, scopes={"read"}), kind="achievements", **file)
    with pytest.raises(Invalid):
        upload(actor=accounts.actor_for(verified), kind="wishes", **file)
    with pytest.raises(Forbidden):
        upload(actor=accounts.staff_actor("admin"), kind="achievements", **file)


def test_rights_are_those_at_the_time_of_the_import_not_of_the_upload() -> None:
    home = accounts.organisation("university")
    run = make.send(make.jsonl(make.rows(1)), owner=home)
    home.memberships.all().delete()
    running.run_import(run.pk)
    run.refresh_from_db()
    assert (run.phase, run.failure_en) == ("failed", "Whoever sent the file is no longer a member of the organisation.")


def test_the_root_of_an_import_is_that_of_a_tree_over_all_its_rows() -> None:
    run = imported(make.jsonl(make.rows(1203)))
    rows = sorted(Achievement.objects.all(), key=lambda row: int(row.ref.removeprefix("R-")))
    contents = ({name: getattr(row, name) for name in running.adapters.named("achievements").imported} for row in rows)
    leaves = (merkle.leaf_hash(canonical.encode(canonical.normalise(content))) for content in contents)
    assert run.root == merkle.root_of(leaves).hex()
