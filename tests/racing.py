"""Real races: the same act at the same time in many threads, each with a database connection of its own."""

import threading
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")


def race(act: Callable[[int], Answer], *, times: int) -> list[Answer | Exception]:
    """Run `act(0)` to `act(times - 1)` at once; return what each returned or raised, in order."""
    answers: list[Answer | Exception] = [AssertionError("did not run")] * times
    start = threading.Barrier(times)

    def run(number: int) -> None:
        try:
            start.wait(timeout=30)
            answers[number] = act(number)
        except Exception as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return answers


def kinds(answers: list[Answer | Exception]) -> dict[str, int]:
    """Return how often each kind of answer came, by class name."""
    counts: dict[str, int] = {}
    for answer in answers:
        name = type(answer).__name__
        counts[name] = counts.get(name, 0) + 1
    return counts
