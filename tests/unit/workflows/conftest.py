import pytest

from stockcast.progress import Observer


class Listener(Observer):
    """Keeps what it observes."""

    def __init__(self):
        self.events = []

    def notify(self, event):
        self.events.append(event)

    @property
    def kinds(self):
        """Return the classes of the events, in their order."""
        return [type(event) for event in self.events]


@pytest.fixture
def heard():
    """An observer that keeps the events that it receives."""
    return Listener()
