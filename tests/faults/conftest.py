import pytest

from tests.support import SAMPLES, write_untrained_model


@pytest.fixture(scope="session")
def small_model(tmp_path_factory):
    """A model file for sample_data/FB.csv, with random weights."""
    return write_untrained_model(
        tmp_path_factory.mktemp("models") / "FB.safetensors", SAMPLES / "FB.csv"
    )
