import io
import json
import zipfile

import numpy as np
import pytest

from stockcast.exporting.formats import export_model
from stockcast.networks.network import run_network

pytestmark = pytest.mark.slow


def test_the_same_model_gives_the_same_bytes_with_no_clock_inside(make_history, make_model):
    first, second = (export_model(make_model(make_history()), "keras") for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert list(json.loads(archive.read("metadata.json"))) == ["keras_version"]


def test_a_network_that_sees_how_far_bars_moved_answers_as_ours(make_history, make_model):
    from stockcast.exporting.keras_file import build_sequential

    model = make_model(make_history(), loss="qlike", horizon=2)
    windows = np.random.default_rng(0).normal(size=(3, 8, 5)).astype(np.float32)
    answers = build_sequential(model)(windows).numpy()
    assert answers.shape == (3, 4)
    np.testing.assert_allclose(answers, run_network(windows, model.weights), atol=1e-5)


def test_a_ticker_of_any_characters_is_exported(make_history, make_model):
    import keras

    from stockcast.exporting.keras_file import build_sequential

    model = make_model(make_history(ticker="^GSPC/日経 =+"), cell="gru")
    network = build_sequential(model)
    assert network.name.startswith("stockcast__GSPC")
    assert network(keras.ops.zeros((3, 8, 1))).shape == (3, 1)
    assert network.count_params() == sum(array.size for array in model.weights.to_arrays().values())
