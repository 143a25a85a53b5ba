"""The pages of the table of names: for everyone to read, for administrators to change."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.accounts.models import StaffRole
from marketplace.common.actor import Actor, actor_of, signed_in
from marketplace.common.text import bi
from marketplace.lexicon import selectors
from marketplace.lexicon.services import changing
from marketplace.lexicon.web.forms import EntryForm, FileForm, ReasonForm
from marketplace.web.form_pages import form_page
from marketplace.web.navigation import localised

HOME = "/lexicon/"
SHOWN = 100
IN_FORCE = bi("已生效：下一次匹配即用新词表。", "In force: the next match uses it.")


@require_GET
def lexicon_page(request: HttpRequest) -> HttpResponse:
    """The table in force or of an earlier version, narrowed by words, and how it came about."""
    asked = _number(request.GET.get("version", ""))
    table, words = selectors.table_at(asked), request.GET.get("q", "")[:60]
    entries = selectors.entries_of(table, words=words)
    first = min(_number(request.GET.get("from", "")) or 0, len(entries))
    following = first + SHOWN
    kept = {"q": words, **({"version": asked} if asked is not None else {})}
    context = {
        "table": table,
        "number": len(table.concepts),
        "found": len(entries),
        "entries": entries[first:following],
        "previous_url": f"?{urlencode({**kept, 'from': max(first - SHOWN, 0)})}" if first else "",
        "next_url": f"?{urlencode({**kept, 'from': following})}" if following < len(entries) else "",
        "query": words,
        "search_label": bi("搜索词表", "Search the table"),
        "search_hint": bi("名称，中文或英文", "A name, Chinese or English"),
        "asked": asked,
        "history": selectors.history(before=_number(request.GET.get("before", ""))),
        "most": selectors.MOST_VERSIONS,
        "may_change": asked is None and _keeps_the_table(actor_of(request)),
        "file_url": localised("/lexicon/table.csv") + (f"?version={asked}" if asked is not None else ""),
        "new_url": localised("/lexicon/new/"),
        "import_url": localised("/lexicon/import/"),
        "ledger_url": localised("/ledger/?type=lexicon#entries"),
    }
    return render(request, "lexicon/lexicon.html", context)


@require_GET
def lexicon_file(request: HttpRequest) -> HttpResponse:
    """The whole table as CSV: the very bytes whose hash the ledger holds."""
    table = selectors.table_at(_number(request.GET.get("version", "")))
    answer = HttpResponse(selectors.as_file(table).encode(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="lexicon-{table.number}.csv"'
    return answer


def concept_new(request: HttpRequest) -> HttpResponse:
    """Add an entry."""
    actor = _administrator(request)

    def save(fields: dict[str, Any]) -> str:
        changing.concept_add(actor=actor, **fields)
        messages.success(request, IN_FORCE)
        return HOME

    heading, submit = bi("新增名称对照", "Add an entry"), bi("新增", "Add")
    return form_page(request, EntryForm(request.POST or None), save, heading=heading, back=HOME, submit=submit)


def concept_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change an entry's names."""
    actor, entry = _administrator(request), selectors.entry(pk)

    def save(fields: dict[str, Any]) -> str:
        changing.concept_change(actor=actor, concept_id=pk, **fields)
        messages.success(request, IN_FORCE)
        return HOME

    form = EntryForm(request.POST or None, initial={"chinese": entry.chinese, "english": entry.english})

    def beside() -> dict[str, Any]:
        return {"withdraw_url": localised(f"/lexicon/{pk}/withdraw/")}

    heading, submit = bi("修改名称对照", "Change the entry"), bi("保存", "Save")
    return form_page(request, form, save, heading=heading, back=HOME, submit=submit, template="lexicon/entry.html", beside=beside)


def concept_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an entry out."""
    actor, entry = _administrator(request), selectors.entry(pk)

    def save(fields: dict[str, Any]) -> str:
        changing.concept_withdraw(actor=actor, concept_id=pk, **fields)
        messages.success(request, IN_FORCE)
        return HOME

    intro, heading = " · ".join((*entry.chinese, *entry.english)), bi("撤下名称对照", "Withdraw the entry")
    form, submit = ReasonForm(request.POST or None), bi("撤下", "Withdraw")
    beside = {"danger": True}
    return form_page(request, form, save, heading=heading, back=HOME, intro=intro, submit=submit, beside=lambda: beside)


def table_import(request: HttpRequest) -> HttpResponse:
    """Add the entries of a file."""
    actor = _administrator(request)

    def save(fields: dict[str, Any]) -> str:
        made = changing.table_load(actor=actor, content=fields["file"].read(changing.MOST_BYTES + 1), reason=fields["reason"])
        messages.success(request, bi(f"{made.changed} 条已生效。", f"{made.changed} entries are in force."))
        return HOME

    intro = bi(
        "文件里的条目按首要中文名称新增或替换；文件没有提到的保持不变。有一行不对，整个文件都不生效。",
        "Entries are added, or replaced by their first Chinese names; others stay. One wrong line, and nothing of the file is taken.",
    )
    form = FileForm(request.POST or None, request.FILES or None)
    return form_page(request, form, save, heading=bi("导入词表", "Import a table"), back=HOME, intro=intro, submit=bi("导入", "Import"))


def _administrator(request: HttpRequest) -> Actor:
    actor = signed_in(request)
    changing.require_administrator(actor)
    return actor


def _keeps_the_table(actor: Actor) -> bool:
    return actor.staff == StaffRole.ADMIN and not actor.staff_region


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 9 else None
