"""Bodies of requests as a table writes them: `<demand.open>` is an object's or a person's id, `<demand.open:deadline>` another field."""

import json
import re
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.factories.world import World

JSON = "application/json"
_NAMED = re.compile(r"<([\w.]+)(?::(\w+))?>")
_FILE = re.compile(r"@(\S+) (.*)", re.DOTALL)


def sent(world: World, written: dict[str, Any]) -> tuple[bytes, str]:
    """The body and its content type: JSON, or a form where a value is a file, written `@name content`."""
    body = _filled(world, written)
    files = {key: _FILE.fullmatch(value) for key, value in body.items() if isinstance(value, str)}
    if not any(files.values()):
        return json.dumps(body).encode(), JSON
    uploads = {key: SimpleUploadedFile(found[1], found[2].encode()) for key, found in files.items() if found}
    return encode_multipart(BOUNDARY, {**body, **uploads}), MULTIPART_CONTENT


def _filled(world: World, written: Any) -> Any:
    if isinstance(written, dict):
        return {key: _filled(world, value) for key, value in written.items()}
    if isinstance(written, list):
        return [_filled(world, value) for value in written]
    named = _NAMED.fullmatch(written) if isinstance(written, str) else None
    if named is None:
        return written.isoformat() if isinstance(written, date) else written
    value = getattr((world.objects | world.people)[named[1]], named[2] or "pk")
    return value.isoformat() if isinstance(value, date) else value if isinstance(value, int) else str(value)
