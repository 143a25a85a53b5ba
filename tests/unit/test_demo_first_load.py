"""The demonstration's first load is broken off: the next start begins afresh, and none after it does."""

from pathlib import Path

import pytest

from marketplace.config.devstack import demo


class Staged:
    """A stack without processes whose first load is broken off half way, and that is told to stop once it runs."""

    loads = 0
    found: list[list[str]]

    def __init__(self, folder: Path, **options: object) -> None:
        self.folder = folder
        self.address = "http://127.0.0.1:1"
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        Staged.found.append(sorted(entry.name for entry in self.folder.iterdir()))
        (self.folder / "postgres").mkdir(exist_ok=True)

    def manage(self, *words: str, progress: bool) -> str:
        Staged.loads += 1
        (self.folder / "postgres" / "half-a-world").touch()
        if Staged.loads == 1:
            raise demo.Interrupted
        return "reviewer reviewer@jinqiao.example"

    def require_alive(self) -> None:
        raise demo.Interrupted

    def stop(self) -> None:
        pass


def test_a_load_that_was_broken_off_is_cleared_and_begun_anew_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "Stack", Staged)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setattr(Staged, "loads", 0)
    monkeypatch.setattr(Staged, "found", [], raising=False)
    said = []
    for _ in range(3):
        demo.show(port=0, folder=tmp_path)
        said.append(capsys.readouterr().out)
    assert Staged.found == [["lock"], ["lock"], ["lock", "logins.txt", "postgres"]]
    assert Staged.loads == 2
    assert ["broken off" in words for words in said] == [False, True, False]
    assert ["reviewer@jinqiao.example" in words for words in said] == [False, True, True]
