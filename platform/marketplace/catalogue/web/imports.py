"""The pages of imports: send a file, watch it go in."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.catalogue import selectors
from marketplace.catalogue.importing import adapters
from marketplace.catalogue.services.uploading import upload
from marketplace.catalogue.web.forms import ImportForm
from marketplace.common.actor import signed_in
from marketplace.common.errors import DomainError, NotFound
from marketplace.common.text import bi
from marketplace.web.form_pages import show_refusal
from marketplace.web.navigation import localised
from marketplace.web.paging import paged

PAGE = 20


def imports(request: HttpRequest) -> HttpResponse:
    """The organisation's imports, the latest first, and a form for the next file."""
    actor = signed_in(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = upload(actor=actor, kind=form.cleaned_data["kind"], name=file.name, stream=file, content_type=file.content_type or "")
        except DomainError as refusal:
            show_refusal(form, refusal)
        else:
            return HttpResponseRedirect(localised(f"/imports/{run.pk}/"))
    runs, pages = paged(request, selectors.imports_for(actor).order_by("-pk"), size=PAGE)
    context = {
        "form": form,
        "heading": bi("批量导入", "Import"),
        "submit_label": bi("上传", "Send"),
        "templates": [(kind, adapter.label) for kind in adapters.kinds() if (adapter := adapters.named(kind))],
        "runs": runs,
        **pages,
    }
    return render(request, "catalogue/imports.html", context, status=422 if form.errors else 200)


@require_GET
def import_template(request: HttpRequest, kind: str) -> HttpResponse:
    """A file of one kind with the headings alone, to be filled in."""
    signed_in(request)
    adapter = adapters.named(kind)
    if adapter is None:
        raise NotFound
    # The mark at the beginning has spreadsheet programs read UTF-8.
    answer = HttpResponse("\ufeff" + ",".join(adapter.columns) + "\r\n", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    return answer


@require_GET
def import_run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far one file is, and the first rows that were left out."""
    actor = signed_in(request)
    run = selectors.found(selectors.imports_for(actor), pk)
    figures = [
        {"label": label, "value": f"{number:,}"}
        for label, number in (
            (bi("总行数", "Rows"), run.total),
            (bi("新增", "Created"), run.created),
            (bi("更新", "Updated"), run.updated),
            (bi("未变", "Unchanged"), run.unchanged),
            (bi("有误", "Left out"), run.bad),
        )
    ]
    return render(request, "catalogue/import.html", {"run": run, "figures": figures, "faults": selectors.faults_of(run)[:100]})
