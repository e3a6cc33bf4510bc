import signal

import pytest

from tests.support import SAMPLES, write_untrained_model


@pytest.fixture(autouse=True, scope="session")
def _hear_of_a_closed_terminal():
    """Runs started here must hear of SIGHUP, also where the tests themselves run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture(scope="session")
def small_model(tmp_path_factory):
    """A model file for sample_data/FB.csv, with random weights."""
    return write_untrained_model(
        tmp_path_factory.mktemp("models") / "FB.safetensors", SAMPLES / "FB.csv"
    )
