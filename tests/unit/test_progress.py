"""Listeners of long jobs."""

from __future__ import annotations

from stockcast.progress import Progress, Recorder, Silent


def test_the_silent_default_says_nothing(capfd):
    progress: Progress = Silent()
    progress.begin("train", 2)
    progress.advance(1, {"loss": 0.5})
    progress.end()
    assert capfd.readouterr() == ("", "")


class Listener:
    """Keeps what it observes."""

    def __init__(self):
        self.told = []

    def begin(self, task, total):
        self.told.append((task, total))

    def advance(self, step, figures):
        self.told.append((step, figures))

    def end(self):
        self.told.append("end")


def test_a_recorder_keeps_the_figures_and_passes_all_on():
    listener = Listener()
    recorder = Recorder(listener)
    recorder.begin("train", 2)
    recorder.advance(1, {"loss": 0.5, "val": 0.7})
    recorder.advance(2, {"loss": 0.4, "val": 0.6})
    recorder.end()
    assert recorder.figures == {"loss": [0.5, 0.4], "val": [0.7, 0.6]}
    assert listener.told == [
        ("train", 2),
        (1, {"loss": 0.5, "val": 0.7}),
        (2, {"loss": 0.4, "val": 0.6}),
        "end",
    ]


def test_a_recorder_needs_nobody_to_listen(capfd):
    recorder = Recorder()
    recorder.begin("train", 1)
    recorder.advance(1, {"loss": 0.5})
    recorder.end()
    assert recorder.figures == {"loss": [0.5]}
    assert capfd.readouterr() == ("", "")
