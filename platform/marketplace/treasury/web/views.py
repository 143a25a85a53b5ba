"""The wallet's page for an organisation, and the statements' pages for the platform's finance officers."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from marketplace.common import clock
from marketplace.common.actor import actor_of
from marketplace.common.errors import DomainError, Invalid
from marketplace.treasury import debt_reads, permissions, selectors
from marketplace.treasury import importing_reads as reads
from marketplace.treasury.labels import label_of
from marketplace.treasury.models import BEIJING
from marketplace.treasury.services import accounts, importing, topups
from marketplace.treasury.services.statement_lines import refuse_too_large
from marketplace.treasury.web import downloads
from marketplace.treasury.web.forms import PeriodForm, StatementForm
from marketplace.treasury.workflow import LineDecisionState

ROWS = 20
LINES = 50


@login_required
@require_GET
def wallet(request: HttpRequest) -> HttpResponse:
    """The organisation's balance, what is held of it, its movements and how to top it up."""
    actor = actor_of(request)
    organisation_id = permissions.whose_wallet(actor)
    account = accounts.wallet(organisation_id)
    balance, debt = debt_reads.wallet_and_debt(account)
    page = Paginator(selectors.transfers_of(account), ROWS).get_page(request.GET.get("page"))
    movements = [selectors.Movement.seen_from(account, transfer) for transfer in page]
    reference = selectors.reference_of(organisation_id)
    context = {
        "balance": balance,
        "debt_fen": debt.posted_out - debt.posted_in if debt else 0,
        "debts": [(movement, label_of(movement.transfer.code)) for movement in debt_reads.movements(debt)] if debt else [],
        "rows": [(movement, label_of(movement.transfer.code)) for movement in movements],
        "holds": [(hold, label_of(hold.code)) for hold in selectors.held_for(account)],
        "reference": topups.shown(reference.code) if reference else "",
        "may_top_up": actor.verified,
        "period": _this_year(),
        "total": page.paginator.count,
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "treasury/wallet.html", context)


@login_required
@require_GET
def wallet_statement(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The wallet's statement of a period, the current year unless told otherwise, as a file. Raises Invalid."""
    account = accounts.wallet(permissions.whose_wallet(actor_of(request)))
    form = PeriodForm(request.GET or _this_year())
    if not form.is_valid():
        raise Invalid(fields={name: [str(error) for error in errors] for name, errors in form.errors.items()})
    made = downloads.as_csv if kind == "csv" else downloads.as_xlsx
    return made(account, form.cleaned_data["since"], form.cleaned_data["until"])


def _this_year() -> dict[str, str]:
    today = clock.now().astimezone(BEIJING).date()
    return {"since": f"{today.replace(month=1, day=1)}", "until": f"{today}"}


@login_required
@require_POST
def top_up_reference(request: HttpRequest) -> HttpResponse:
    """Ask for the organisation's standing reference."""
    topups.issue_reference(actor=actor_of(request))
    return redirect("wallet")


@login_required
def bank_statements(request: HttpRequest) -> HttpResponse:
    """Imported statements, the lines that wait, and the form to look at one more before it is imported."""
    actor = actor_of(request)
    permissions.require_reader_of_statements(actor)
    form = StatementForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        permissions.require_finance_officer(actor)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            refuse_too_large(upload.size)
            chosen = form.cleaned_data["mapping"]
            run = importing.preview(actor=actor, content=upload.read(), name=upload.name, mapping_id=chosen.pk if chosen else None)
        except DomainError as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("statement-import", pk=run.pk)
    waiting = Paginator(selectors.waiting_lines(), LINES).get_page(request.GET.get("page"))
    context = {
        "form": form if actor.staff == "finance" else None,
        "imports": reads.open_imports()[:ROWS],
        "statements": selectors.statements()[:ROWS],
        "waiting": waiting,
        "totals": selectors.totals_by_kind(),
        "total": waiting.paginator.count,
        "previous_url": f"?page={waiting.previous_page_number()}" if waiting.has_previous() else "",
        "next_url": f"?page={waiting.next_page_number()}" if waiting.has_next() else "",
    }
    return render(request, "treasury/bank_statements.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def bank_statement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One statement: its faults, its lines and what became of each."""
    actor = actor_of(request)
    permissions.require_reader_of_statements(actor)
    statement = selectors.statement(pk)
    lines = Paginator(statement.lines.order_by("number"), LINES).get_page(request.GET.get("page"))
    standing = selectors.decisions().filter(line__in=list(lines)).exclude(state=LineDecisionState.REFUSED)
    proposed = {decision.line_id: decision for decision in standing}
    context = {
        "statement": statement,
        "reconciled": selectors.reconciled(statement),
        "rows": [(line, proposed.get(line.pk)) for line in lines],
        "may_act": actor.staff == "finance",
        "total": lines.paginator.count,
        "previous_url": f"?page={lines.previous_page_number()}" if lines.has_previous() else "",
        "next_url": f"?page={lines.next_page_number()}" if lines.has_next() else "",
    }
    return render(request, "treasury/bank_statement.html", context)
