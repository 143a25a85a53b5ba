"""Files in a bucket: the settings' names reach a server that speaks S3, and the storage door does not notice."""

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.core.files.storage import storages

from marketplace.common import files
from marketplace.common.ids import uuid7

ROOT = Path(__file__).resolve().parents[2]
ASK = "from django.conf import settings; import json; print(json.dumps(settings.STORAGES['default']))"


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as keeping, reading and deleting whole objects needs."""

    held: dict[str, bytes]

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "aws-chunked" in self.headers.get("Content-Encoding", ""):
            body = self._unframed(io.BytesIO(body))
        self.held[self.path] = body
        self._say(200, b"")

    def do_GET(self) -> None:
        found = self.held.get(self.path)
        self._say(200 if found is not None else 404, found or b"")

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.held.pop(self.path, None)
        self._say(204, b"")

    def _unframed(self, framed: io.BytesIO) -> bytes:
        whole = b""
        while size := int(framed.readline().split(b";")[0], 16):
            whole += framed.read(size)
            framed.read(2)
        return whole

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"x"')
        self.send_header("Last-Modified", "Mon, 23 Nov 2026 00:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def bucket() -> Iterator[tuple[str, dict[str, bytes]]]:
    held: dict[str, bytes] = {}
    with ThreadingHTTPServer(("127.0.0.1", 0), type("OneBucket", (Bucket,), {"held": held})) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", held
        server.shutdown()


def configured(**more: str) -> dict[str, object]:
    """The storage that a process with this environment is set up with."""
    places = f"{ROOT}{os.pathsep}{ROOT / 'platform'}"
    env = {**os.environ, "PYTHONPATH": places, "DJANGO_SETTINGS_MODULE": "marketplace.config.settings.dev", **more}
    done = subprocess.run([sys.executable, "-c", ASK], env=env, capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_without_a_bucket_files_are_in_a_folder() -> None:
    assert configured()["BACKEND"] == "django.core.files.storage.FileSystemStorage"


@pytest.mark.django_db
def test_with_a_bucket_a_file_is_kept_read_and_erased_there(settings, bucket) -> None:
    address, held = bucket
    found = configured(FILES_BUCKET="jinqiao", FILES_ENDPOINT=address, FILES_REGION="cn-1", FILES_ACCESS_KEY="k", FILES_SECRET_KEY="s")
    settings.STORAGES = {**settings.STORAGES, "default": found}
    stored = files.store(owner_id=uuid7(), name="a.txt", stream=io.BytesIO(b"bench test 7"), content_type="text/plain", purpose="deposit")
    assert held == {f"/jinqiao/{stored.storage_name}": b"bench test 7"}
    with files.open_file(stored) as kept:
        assert kept.read() == b"bench test 7"
    files.erase(stored)
    assert held == {}
    assert storages["default"].exists(stored.storage_name) is False
