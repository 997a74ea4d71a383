"""Work that forked processes share: all of it, in order, errors too."""

import os
import signal

import pytest

from logprec.circuits import cores
from logprec.circuits.cores import share
from logprec.errors import LogprecError


@pytest.mark.parametrize("available", [1, 2, 5])
def test_all_is_done_in_order(monkeypatch: pytest.MonkeyPatch, available: int) -> None:
    monkeypatch.setattr(cores, "cores", lambda: available)
    large = list(range(1000))
    assert list(share(lambda item: (item, large[item] ** 2), range(30))) == [(k, k * k) for k in range(30)]
    processes = set(share(lambda item: os.getpid(), range(30)))
    assert (processes == {os.getpid()}) == (available == 1)
    assert list(share(lambda item: os.getpid(), [7])) == [os.getpid()]
    assert list(share(lambda item: item, [])) == []


@pytest.mark.parametrize("available", [1, 3])
def test_an_error_comes_out(monkeypatch: pytest.MonkeyPatch, available: int) -> None:
    monkeypatch.setattr(cores, "cores", lambda: available)

    def work(item: int) -> int:
        if item == 4:
            raise LogprecError("the fifth")
        return item

    found = []
    with pytest.raises(LogprecError, match="the fifth"):
        found.extend(share(work, range(9)))
    # and the next work is not disturbed
    assert list(share(lambda item: -item, range(3))) == [0, -1, -2]


def test_a_process_that_is_ended_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "cores", lambda: 2)

    def work(item: int) -> int:
        if item == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return item

    with pytest.raises(LogprecError, match=r"^a process of the evaluation was ended[^\n]*$"):
        list(share(work, range(6)))
    assert list(share(lambda item: item, range(4))) == [0, 1, 2, 3]
