"""Work that is killed by signal 9 in the middle, as `kill -9` of its process would."""

import os
import signal
from collections.abc import Callable
from typing import Any

from django.db import connections

from tests.factories.racing import replaced


def killed(work: Callable[[], Any], *, at: str, call: int = 1) -> bool:
    """Do the work in a process that dies when it has called this function for the so-manieth time; whether it came to that."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        calls = []

        def then_die(function: Any) -> Any:
            def called(*args: Any, **kwargs: Any) -> Any:
                answer = function(*args, **kwargs)
                calls.append(1)
                if len(calls) == call:
                    os.kill(os.getpid(), signal.SIGKILL)
                return answer

            return called

        try:
            with replaced(at, then_die):
                work()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL
