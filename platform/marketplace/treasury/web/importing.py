"""A bank's file before it is booked, its progress afterwards, and the mappings by which files are read."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from marketplace.common.actor import actor_of
from marketplace.common.text import bi
from marketplace.treasury import importing_reads as reads
from marketplace.treasury import permissions
from marketplace.treasury.models import StatementMapping, StatementPhase
from marketplace.treasury.services import importing
from marketplace.treasury.services.mappings import mapping_keep
from marketplace.treasury.web.forms import MappingForm
from marketplace.web.form_pages import form_page


@login_required
@require_GET
def statement_import(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a file would bring, with its faults, before anything is booked; while it is booked, how far it is."""
    actor = actor_of(request)
    permissions.require_reader_of_statements(actor)
    run = reads.statement_import(pk)
    if run.phase == StatementPhase.DONE:
        return redirect("bank-statement", pk=run.statement_id)
    ready = importing.can_start(run)
    context = {
        "run": run,
        "lines": reads.sample(run),
        "running": run.phase == StatementPhase.RUNNING,
        "may_start": actor.staff == "finance" and ready,
        "may_drop": actor.staff == "finance" and importing.can_drop(run),
        "to_be_sent_again": run.phase == StatementPhase.FAILED and not ready,
        "earlier": reads.imported_before(run),
    }
    return render(request, "treasury/statement_import.html", context)


@login_required
@require_POST
def start(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Confirm the file, or go on with one that was stopped: a worker books it."""
    importing.start(actor=actor_of(request), import_id=pk)
    return redirect("statement-import", pk=pk)


@login_required
@require_POST
def drop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Throw the file away."""
    importing.drop(actor=actor_of(request), import_id=pk)
    messages.success(request, str(bi("已放弃，没有导入任何明细。", "Dropped: nothing was imported.")))
    return redirect("bank-statements")


@login_required
@require_GET
def mappings(request: HttpRequest) -> HttpResponse:
    """Every mapping by its name."""
    actor = actor_of(request)
    permissions.require_reader_of_mappings(actor)
    context = {"mappings": reads.mappings(), "may_keep": permissions.keeps_mappings(actor)}
    return render(request, "treasury/statement_mappings.html", context)


@login_required
def mapping(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """Keep a new mapping, or one that is there."""
    actor = actor_of(request)
    permissions.require_keeper_of_mappings(actor)
    kept = reads.mapping(pk) if pk else StatementMapping()

    def save(fields: dict[str, Any]) -> str:
        mapping_keep(actor=actor, id=pk, **fields)
        messages.success(request, str(bi("列映射已保存。", "The mapping is kept.")))
        return "/statement-mappings/"

    return form_page(
        request,
        MappingForm(request.POST or None, instance=kept),
        save,
        heading=kept.name or bi("新的列映射", "New mapping"),
        back="/statement-mappings/",
        intro=bi(
            "填写银行文件表头中的列名；没有的列留空。流水号、日期、金额必填。收支分两列时，“金额”填收入一列；只有一列且无方向时，负数为支出。",
            "Write the headings of the bank’s file; leave empty what it does not have. Line id, date and amount are needed. With two "
            "columns of amounts, “amount” is the one for money in; with one and no direction, a minus is money out.",
        ),
        submit=bi("保存", "Keep"),
    )
