"""The default listener of long jobs."""

from __future__ import annotations

from stockcast.progress import Progress, Silent


def test_the_silent_default_says_nothing(capfd):
    progress: Progress = Silent()
    progress.begin("train", 2)
    progress.advance(1, {"loss": 0.5})
    progress.end()
    assert capfd.readouterr() == ("", "")
