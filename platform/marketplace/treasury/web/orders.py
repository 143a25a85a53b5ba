"""The payment orders' pages: what waits for a file, the files that were made, and what became of each payment."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from marketplace.common.actor import actor_of
from marketplace.common.errors import Conflict, Invalid
from marketplace.common.text import bi
from marketplace.treasury import permissions, selectors
from marketplace.treasury.models import OrderForm, PaymentOrder
from marketplace.treasury.order_file import file_response
from marketplace.treasury.services import payment_orders
from marketplace.treasury.web.forms import PaymentOrderForm
from marketplace.web.form_pages import show_refusal
from marketplace.web.paging import paged

ROWS = 20


@login_required
def payment_order_list(request: HttpRequest) -> HttpResponse:
    """Payments that wait, to be chosen and put into a file, and the files that were made."""
    actor = actor_of(request)
    permissions.require_reader_of_statements(actor)
    if request.method == "POST":
        permissions.require_finance_officer(actor)
    every = payment_orders.waiting()
    waiting = every[: payment_orders.MOST_PAYMENTS]
    form = PaymentOrderForm(request.POST or None, waiting=waiting)
    if request.method == "POST" and form.is_valid():
        try:
            chosen = [UUID(one) for one in form.cleaned_data["payments"]]
            order = payment_orders.make_order(actor=actor, form=OrderForm(form.cleaned_data["form"]), payments=chosen)
        except (Invalid, Conflict) as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, bi("付款文件已生成，请下载后交银行。", "The payment file is made: download it for the bank."))
            return redirect("payment-order", pk=order.pk)
    orders, pages = paged(request, selectors.payment_orders(), size=ROWS)
    context = {
        "form": form if actor.staff == "finance" and waiting else None,
        "waiting": waiting,
        "more": len(every) > len(waiting),
        "sum_fen": sum(payment.fen for payment in waiting),
        "orders": orders,
        **pages,
    }
    return render(request, "treasury/payment_orders.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def payment_order(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One file: its payments as they were told to the bank, and what became of each."""
    order = _order(request, pk)
    return render(request, "treasury/payment_order.html", {"order": order, "rows": payment_orders.fates(order)})


@login_required
@require_GET
def payment_order_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The file as it was made, byte for byte."""
    return file_response(_order(request, pk))


def _order(request: HttpRequest, pk: UUID) -> PaymentOrder:
    permissions.require_reader_of_statements(actor_of(request))
    return selectors.payment_order(pk)
