"""Files to import, made on the spot."""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook

from marketplace.accounts.models import Organisation
from marketplace.catalogue.models import ImportRun
from marketplace.catalogue.services.uploading import upload
from tests.factories import accounts


def rows(count: int, **fields: Any) -> list[dict[str, Any]]:
    """So many different good rows of achievements."""
    return [
        {"ref": f"R-{n}", "title": f"第{n}号成果", "summary": f"用于检验的第 {n} 段文字。", "keywords": ["储能", f"编号{n}"], **fields}
        for n in range(count)
    ]


def jsonl(lines: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def csv(*lines: str) -> bytes:
    return "\r\n".join(lines).encode()


def xlsx(*lines: Sequence[Any]) -> bytes:
    book = Workbook()
    for line in lines:
        book.active.append(list(line))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def archive(entries: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return stream.getvalue()


def send(content: bytes, name: str = "rows.jsonl", *, owner: Organisation | None = None, kind: str = "achievements") -> ImportRun:
    """Upload and leave it where the worker would find it."""
    home = owner or accounts.organisation("university")
    return upload(actor=accounts.actor_for(home), kind=kind, name=name, stream=io.BytesIO(content), content_type="text/plain")
