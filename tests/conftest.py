"""Fixtures that tests of every kind share: small made-up prices, and models without TensorFlow."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager

import pytest
from hypothesis import settings

from tests.support import SAMPLES, draw_model, write_untrained_model

# As the command does for itself; BLAS reads it when NumPy is imported. Two threads for each
# worker's small products only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# `dev` and `ci` try the same examples everywhere, so that a failure is no chance; `soak` tries new
# ones each time.
settings.register_profile("dev", max_examples=10, deadline=None, derandomize=True)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
settings.register_profile("soak", max_examples=2_000, deadline=None)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") == "true" else "dev")
)

HEADERS = {
    "open": "Open",
    "high": "High",
    "low": "Low",
    "close": "Close",
    "adj_close": "Adj Close",
    "volume": "Volume",
}


@pytest.fixture(autouse=True, scope="session")
def _hear_of_signals():
    """Runs started here hear of signals, also where the tests run under nohup or with `&`."""
    ours = {signal.SIGHUP: signal.SIG_DFL, signal.SIGINT: signal.default_int_handler}
    ignored = [one for one in ours if signal.getsignal(one) is signal.SIG_IGN]
    for one in ignored:
        signal.signal(one, ours[one])
    yield
    for one in ignored:
        signal.signal(one, signal.SIG_IGN)


@pytest.fixture(scope="session")
def expect_refusal():
    """`with expect_refusal(UnreadablePrices, "data.csv:3", hint="…")`: this class, saying this."""

    @contextmanager
    def expect(kind, *parts, hint=""):
        with pytest.raises(kind) as caught:
            yield caught
        assert type(caught.value) is kind
        for part in map(str, parts):
            assert part in str(caught.value)
        assert hint in caught.value.hint

    return expect


@pytest.fixture
def write_csv(tmp_path):
    """Write lines, text or bytes into a small file and return its path."""

    def write(content, name="data.csv"):
        if not isinstance(content, str | bytes):
            content = "".join(f"{line}\n" for line in content)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture(scope="session")
def make_history():
    """Make up one ticker's bars on weekdays: a random walk, the same for the same seed."""
    import numpy as np

    from stockcast.prices.history import PriceHistory, Source

    def make(rows=120, *, columns=tuple(HEADERS), seed=0, dates=None, ticker="MADEUP", **values):
        random = np.random.default_rng(seed)
        close = 50 * np.exp(np.cumsum(random.normal(0, 0.01, rows)))
        opened = close * np.exp(random.normal(0, 0.004, rows))
        made_up = {
            "open": opened,
            "high": np.maximum(opened, close) * 1.01,
            "low": np.minimum(opened, close) * 0.99,
            "close": close,
            "adj_close": close * 0.9,
            "volume": np.round(1e6 * np.exp(random.normal(0, 0.3, rows))),
        } | {name: np.asarray(array, dtype=np.float64) for name, array in values.items()}
        if dates is None:
            dates = np.busday_offset("2012-01-02", np.arange(rows), roll="forward")
        return PriceHistory(
            ticker=ticker,
            dates=np.asarray(dates).astype("datetime64[us]"),
            columns={name: made_up[name] for name in columns},
            findings=(),
            sources=(Source("made-up.csv", "0" * 64),),
            lines=np.arange(2, rows + 2, dtype=np.int32),
            files=np.zeros(rows, dtype=np.int16),
        )

    return make


@pytest.fixture(scope="session")
def to_yahoo():
    """Return a history as the lines of a CSV in Yahoo's layout, each number by its repr."""
    import numpy as np

    from stockcast.prices.history import format_date

    def to_lines(history):
        names = [name for name in HEADERS if name in history.columns]
        lines = [",".join(["Date", *(HEADERS[name] for name in names)])]
        for row, date in enumerate(history.dates):
            numbers = [float(history.columns[name][row]) for name in names]
            cells = ["" if np.isnan(number) else repr(number) for number in numbers]
            lines.append(",".join([format_date(date), *cells]))
        return lines

    return to_lines


@pytest.fixture(scope="session")
def make_model():
    """Make a model for a history, its weights drawn at random instead of trained."""
    from stockcast.recipe import Recipe
    from stockcast.windows.series import window_history

    def make(history, *, weight_seed=1, skill=None, residuals=100, **fields):
        recipe = Recipe(**{"window": 8, "layers": 2, "units": 4, **fields})
        series = window_history(history, recipe)
        return draw_model(series, seed=weight_seed, skill=skill, residuals=residuals)

    return make


@pytest.fixture(scope="session")
def small_model(tmp_path_factory):
    """A model file for sample_data/FB.csv, with random weights."""
    return write_untrained_model(
        tmp_path_factory.mktemp("models") / "FB.safetensors", SAMPLES / "FB.csv"
    )


@pytest.fixture
def unarranged(monkeypatch):
    """Pictures whose panels are not arranged to leave room for their texts: half of their time.

    For tests of what is in a picture; each kind of picture is arranged in a test without this.
    """
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    monkeypatch.setattr(ConstrainedLayoutEngine, "execute", lambda *_: None)
