"""Files to save: what one side may have, kept by no cache."""

from django.http import FileResponse, HttpResponse

from marketplace.common import files
from marketplace.common.errors import NotFound
from marketplace.evidence.models import Deposit


def attached(content: bytes, content_type: str, name: str) -> HttpResponse:
    """A file to save; what it discloses is for one side, so no cache keeps it."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store, private"
    return response


def kept_file(deposit: Deposit) -> FileResponse:
    """The kept file as plain bytes; NotFound where there is none."""
    if deposit.file is None:
        raise NotFound
    content = files.open_file(deposit.file)
    return FileResponse(content, as_attachment=True, filename=deposit.file.name, content_type="application/octet-stream")
