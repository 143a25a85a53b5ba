"""A payment order's file as an HTTP answer, for pages and API alike."""

from django.http import HttpResponse

from marketplace.treasury.models import OrderForm, PaymentOrder

CONTENT_TYPES = {OrderForm.PAIN001: "application/xml", OrderForm.CSV: "text/csv; charset=utf-8"}


def file_response(order: PaymentOrder) -> HttpResponse:
    """An order's bytes, to be saved under its own name."""
    response = HttpResponse(bytes(order.content), content_type=CONTENT_TYPES[OrderForm(order.form)])
    response["Content-Disposition"] = f'attachment; filename="{order.file_name}"'
    return response
