"""A witness killed at any moment has either state whole, and never forgets what it answered."""

import http.client
import random
import signal
import subprocess
import sys
import threading

import pytest

from ledger.engine import merkle
from ledger.engine.checkpoint import parse_text
from ledger.witness.store import Store
from marketplace.config.devstack.stack import ROOT
from tests.factories.witnesses import FORKED, LOG, ended, growth, serve_in_a_process


@pytest.fixture
def store(tmp_path):
    made = Store.create(tmp_path / "witness", name="witness.example/w1")
    made.trust(LOG.verifier.vkey)
    return made


# So long that no machine comes to its end between the kills: the root of n leaves takes n hashes.
LONG = [merkle.leaf_hash(str(number).encode()) for number in range(20_000)]
KILLED_AFTER_KEEPING = "kept = Store.keep; Store.keep = lambda *a: (kept(*a), os.kill(os.getpid(), signal.SIGKILL))"
KILLED_BEFORE_KEEPING = "Store.keep = lambda *a: os.kill(os.getpid(), signal.SIGKILL)"


@pytest.mark.parametrize(("moment", "size"), [(KILLED_AFTER_KEEPING, 30), (KILLED_BEFORE_KEEPING, 20)])
def test_killed_before_it_answers_it_has_either_state_whole_and_the_log_goes_on(store, moment, size):
    process, client = serve_in_a_process(store)
    assert client.add(growth(0, 20))[0] == 200
    assert ended(process, signal.SIGTERM) == 0
    process, client = serve_in_a_process(store, before=moment)
    with pytest.raises((http.client.HTTPException, OSError)):
        client.add(growth(20, 30))
    process.wait(10)
    process.stderr.close()
    process, client = serve_in_a_process(store)
    try:
        assert parse_text(client.state().partition("\n\n")[0] + "\n").size == size
        # The log heard nothing. It asks again, is told the size, and goes on from there; a fork is refused as ever.
        assert client.add(growth(10, 30))[:2] == (409, f"{size}\n")
        assert client.add(growth(size, 40, FORKED))[0] == 422
        assert client.add(growth(size, 30))[0] == 200
        assert client.add(growth(30, 40))[0] == 200
    finally:
        ended(process, signal.SIGTERM)


@pytest.mark.prove
@pytest.mark.slow
def test_killed_at_any_moment_under_load_it_never_forgets_what_it_answered(store, seed, at_size):
    chance, answered, size = random.Random(seed), 0, 0
    for _ in range(at_size(4, 30)):
        process, client = serve_in_a_process(store)
        timer = threading.Timer(chance.uniform(0.01, 0.25), process.kill)
        timer.start()
        try:
            while True:
                status, words, _ = client.add(growth(size, size + 1, LONG))
                if status == 409:
                    size = int(words)
                    assert size in (answered, answered + 1)
                    continue
                assert status == 200
                size = answered = size + 1
        except (http.client.HTTPException, OSError):
            pass
        timer.join()
        process.wait(10)
        process.stderr.close()
        kept = client.state()
        held = parse_text(kept.partition("\n\n")[0] + "\n").size if kept else 0
        assert held in (answered, answered + 1)
        answered = size = held
    assert answered > 0


def test_keygen_makes_a_private_key_never_overwrites_it_and_prints_what_logs_must_know(tmp_path):
    def run(*words):
        return subprocess.run(
            [sys.executable, "-m", "ledger.witness", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )

    folder = str(tmp_path / "w")
    made = run("keygen", folder, "--name", "witness.example/w9")
    assert (made.returncode, made.stderr) == (0, "")
    assert (tmp_path / "w" / "key").stat().st_mode & 0o777 == 0o600
    assert run("vkey", folder).stdout == made.stdout
    assert Store(tmp_path / "w").key().cosigner.vkey == made.stdout.strip()
    again = run("keygen", folder, "--name", "witness.example/w9")
    assert (again.returncode, "never overwritten" in again.stderr) == (1, True)
    assert run("keygen", str(tmp_path / "x"), "--name", "a b").returncode == 1
    assert run("trust", folder, LOG.verifier.vkey).returncode == 0
    assert run("trust", folder, LOG.verifier.vkey).returncode == 0
    assert (tmp_path / "w" / "logs").read_text() == f"{LOG.verifier.vkey}\n"
    assert run("trust", folder, "nonsense").returncode == 1
    (tmp_path / "w" / "key").chmod(0o640)
    refused = run("serve", folder)
    assert (refused.returncode, "chmod 600" in refused.stderr) == (1, True)
