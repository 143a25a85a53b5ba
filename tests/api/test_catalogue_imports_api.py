"""Imports over HTTP: sending a file, watching it, reading its faults, and who may."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from marketplace.catalogue.models import Achievement, ImportRun
from tests.factories import accounts
from tests.factories import import_files as make

pytestmark = pytest.mark.django_db


def send(client, content: bytes, name: str = "rows.csv", kind: str = "achievements"):
    return client.post("/api/v1/imports/", {"kind": kind, "file": SimpleUploadedFile(name, content)}, format="multipart")


def test_a_file_is_accepted_and_its_progress_can_be_read(django_capture_on_commit_callbacks) -> None:
    client = accounts.api_client(accounts.organisation("university"))
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(client, make.csv("ref,title,readiness", "A,甲,6", "B,乙,60"))
    assert answer.status_code == 202, answer.content
    sent = answer.json()
    assert (sent["phase"], sent["total"], sent["file_name"]) == ("uploaded", 0, "rows.csv")
    done = client.get(f"/api/v1/imports/{sent['id']}/").json()
    assert [done[name] for name in ("phase", "total", "handled", "created", "bad")] == ["done", 2, 2, 1, 1]
    assert [(fault["line"], fault["field"]) for fault in done["faults"]] == [(3, "readiness")]
    assert len(done["root"]) == 64
    assert [run["id"] for run in client.get("/api/v1/imports/").json()["results"]] == [sent["id"]]


def test_faults_come_as_csv_that_no_spreadsheet_runs(django_capture_on_commit_callbacks) -> None:
    client = accounts.api_client(accounts.organisation("university"))
    with django_capture_on_commit_callbacks(execute=True):
        run = send(client, b'{"ref": "A", "=cmd|\' /c calc": 1}\n', "rows.jsonl").json()
    answer = client.get(f"/api/v1/imports/{run['id']}/errors/", HTTP_ACCEPT="text/csv")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines == [["line", "field", "reason_zh", "reason_en"], ["1", "'=cmd|' /c calc", "不认识的字段。", "This field is not known."]]


def test_imports_are_seen_by_their_organisation_and_the_staff_alone() -> None:
    run = make.send(make.jsonl(make.rows(1)))
    url = f"/api/v1/imports/{run.pk}/"
    assert accounts.api_client().get(url).status_code == 401
    stranger = accounts.api_client(accounts.organisation())
    assert stranger.get(url).status_code == stranger.get(f"{url}errors/").status_code == 404
    assert stranger.get("/api/v1/imports/").json()["results"] == []
    assert accounts.api_client(run.organisation).get(url).status_code == 200
    assert accounts.api_client(accounts.staff("auditor")).get(url).status_code == 200


@pytest.mark.parametrize(
    ("content", "name", "kind", "status", "field"),
    [
        (b"", "a.jsonl", "achievements", 400, "file"),
        (b"x" * 3000, "a.jsonl", "achievements", 422, "file"),
        (b"hello", "a.xlsx", "achievements", 422, "file"),
        (b"hello", "a.exe", "achievements", 422, "file"),
        (b"{}", "a.jsonl", "wishes", 422, "kind"),
    ],
)
def test_a_file_that_is_not_taken_is_refused_at_once(content: bytes, name: str, kind: str, status: int, field: str) -> None:
    client = accounts.api_client(accounts.organisation("university"))
    with override_settings(IMPORT_MAX_BYTES=2000):
        answer = send(client, content, name, kind)
    assert (answer.status_code, list(answer.json()["fields"])) == (status, [field])
    assert not ImportRun.objects.exists()


def test_who_is_not_verified_or_may_not_write_sends_nothing() -> None:
    content = make.csv("ref,title", "A,甲")
    assert send(accounts.api_client(), content).status_code == 401
    unverified = accounts.organisation("university", verified=False)
    assert send(accounts.api_client(unverified), content).json()["code"] == "organisation_not_verified"
    _, token = accounts.api_key(accounts.organisation("university"), scopes=("read",))
    assert send(accounts.api_client(token=token), content).json()["code"] == "scope_missing"
    assert send(accounts.api_client(accounts.staff("admin")), content).status_code == 403
    assert not ImportRun.objects.exists()
    assert not Achievement.objects.exists()
