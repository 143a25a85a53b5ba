"""A small HTTP client: one person's session or key, JSON in and out, refusals as values."""

import http.client
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit


class StoryError(AssertionError):
    """A step did not go as the story tells it."""


@dataclass
class Answer:
    """One answer: status, parsed body (or bytes), headers."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        return self.body[key]


@dataclass
class Client:
    """Speaks for one person; `token` is an API key, `session` an app session."""

    address: str
    token: str = ""
    session: str = ""
    organisation: str = ""

    def send(
        self, method: str, path: str, body: Any = None, *, files: Mapping[str, tuple[str, bytes]] | None = None, key: str = ""
    ) -> Answer:
        """Send one request and return whatever comes back."""
        headers = {"Accept": "*/*", "Accept-Language": "en"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        elif self.session:
            headers["X-Session-Token"] = self.session
        if self.organisation and not self.token:
            headers["X-Organisation"] = self.organisation
        if key:
            headers["Idempotency-Key"] = key
        payload: bytes | None = None
        if files is not None:
            payload, headers["Content-Type"] = multipart(body or {}, files)
        elif body is not None:
            payload, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        host = urlsplit(self.address)
        connection = http.client.HTTPConnection(host.hostname or "", host.port, timeout=60)
        try:
            connection.request(method, path, payload, headers)
            response = connection.getresponse()
            raw = response.read()
        finally:
            connection.close()
        kind = response.headers.get_content_type()
        parsed = json.loads(raw) if raw and (kind.endswith("json")) else raw
        return Answer(response.status, parsed, dict(response.headers))

    def get(self, path: str, expect: int = 200, **query: Any) -> Answer:
        return self.expected("GET", path + (f"?{urlencode(query)}" if query else ""), expect=expect)

    def post(self, path: str, body: Any = None, *, expect: int = 200, files: Any = None, money: bool = False) -> Answer:
        """POST; `money` sends a new Idempotency-Key."""
        return self.expected("POST", path, body, expect=expect, files=files, key=str(uuid.uuid4()) if money else "")

    def act(self, path: str, action: str, body: Any = None, *, expect: int = 200, files: Any = None, money: bool = False) -> Answer:
        """Take one action of an object."""
        return self.post(
            f"{path}actions/{action}/", {} if body is None and files is None else body, expect=expect, files=files, money=money
        )

    def expected(self, method: str, path: str, body: Any = None, *, expect: int, files: Any = None, key: str = "") -> Answer:
        answer = self.send(method, path, body, files=files, key=key)
        if answer.status != expect:
            raise StoryError(f"{method} {path} answered {answer.status} instead of {expect}: {str(answer.body)[:1500]}")
        return answer


def multipart(fields: Mapping[str, Any], files: Mapping[str, tuple[str, bytes]]) -> tuple[bytes, str]:
    """A multipart/form-data body and its content type (RFC 7578)."""
    boundary = uuid.uuid4().hex
    parts = []
    for name, value in fields.items():
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, (filename, content) in files.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def wait_until(what: str, ask: Callable[[], Any], *, seconds: float = 60) -> Any:
    """Ask until the answer is true; the story's deadlines are real and short, so this waits for them."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise StoryError(f"waited {seconds:.0f} s for: {what}")
        time.sleep(0.2)
