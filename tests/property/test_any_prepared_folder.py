"""A prepared folder with anything changed is a series or a refusal, never another error."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockcast.errors import StockcastError
from stockcast.recipe import Recipe
from stockcast.windows.prepared import read_prepared, write_prepared
from stockcast.windows.series import window_history
from tests.strategies import JSON

pytestmark = pytest.mark.slow

FILES = ("manifest.json", "series.npy", "prices.npy", "dates.npy", "volatility.npy")


@pytest.fixture(scope="module", params=[("log-return", 1), ("relative", 3)], ids=str)
def folder(request, make_history, scratch):
    target, horizon = request.param
    recipe = Recipe(window=5, target=target, horizon=horizon)
    write_prepared([window_history(make_history(60), recipe)], scratch / "prepared")
    return scratch / "prepared"


@pytest.fixture(scope="module")
def whole(folder):
    """What stood in each file before anything was changed."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def check_reading(folder, whole, attempt):
    def check(name, content):
        (folder / name).write_bytes(content)
        try:
            series = attempt(read_prepared, folder)
        finally:
            (folder / name).write_bytes(whole[name])
        if isinstance(series, StockcastError):
            assert str(folder) in str(series)
            return
        rows = len(series.values)
        assert len(series.dates) == len(series.prices) == rows == series.spans.rows
        assert series.values.shape[1] == len(series.columns.features) == len(series.scalers)
        assert 5 < series.spans.train_end <= series.spans.validation_end <= rows
        assert len(series.volatility) == rows
        assert len(series.list_starts()[0]) > 0
        assert series.cut_targets(series.window_starts).shape[1] == series.recipe.horizon

    return check


@pytest.mark.filterwarnings("ignore")  # what NumPy says of a damaged header
@given(
    name=st.sampled_from(FILES),
    flips=st.lists(st.tuples(st.integers(0, 127), st.integers(1, 255)), min_size=1, max_size=3),
)
def test_a_file_with_any_bytes_of_its_start_changed_is_a_series_or_a_refusal(
    name, flips, whole, check_reading
):
    content = bytearray(whole[name])
    for place, change in flips:
        content[place] ^= change
    check_reading(name, bytes(content))


@given(
    name=st.sampled_from(FILES),
    content=st.binary(max_size=200),
)
def test_a_file_of_any_bytes_is_refused(name, content, check_reading):
    check_reading(name, content)


@given(
    place=st.sampled_from(
        ["format", "ticker", "columns", "rows", "spans", "scalers", "recipe", "inputs", "x"]
    ),
    key=st.none()
    | st.text(max_size=6)
    | st.sampled_from(["train", "test", "target", "window", "horizon"]),
    value=JSON,
)
def test_any_value_in_the_manifest_is_a_series_or_a_refusal(
    place, key, value, whole, check_reading
):
    manifest = json.loads(whole["manifest.json"])
    if key is None or not isinstance(manifest.get(place), dict):
        manifest[place] = value
    else:
        manifest[place][key] = value
    check_reading("manifest.json", json.dumps(manifest).encode())


@given(
    span=st.sampled_from(["train", "validation", "test"]),
    key=st.sampled_from(["first_row", "end_row", "windows"]),
    value=st.integers(-(10**20), 10**20) | st.integers(-5, 100),
)
def test_any_span_in_the_manifest_is_a_series_or_a_refusal(span, key, value, whole, check_reading):
    manifest = json.loads(whole["manifest.json"])
    manifest["spans"][span][key] = value
    check_reading("manifest.json", json.dumps(manifest).encode())
