"""The model that comes with the program."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np

from stockcast.forecast.forecaster import forecast_next
from stockcast.model.digest import load_hashed
from stockcast.model.file import load_model
from stockcast.model.pretrained import PRETRAINED, find_model_file

CARD = Path(__file__).parents[3] / "docs" / "pretrained.md"


def test_it_goes_by_name_and_its_card_says_which_bytes_it_is():
    model, digest = load_hashed("pretrained")
    assert digest == hashlib.sha256(PRETRAINED.read_bytes()).hexdigest()
    assert digest in CARD.read_text(encoding="utf-8")
    assert PRETRAINED.stat().st_size < 1_000_000
    told = re.search(r"how far: (0\.\d\d) of", CARD.read_text(encoding="utf-8"))
    assert float(told[1]) == round(model.provenance.shrinkage.how_far[0], 2)


def test_a_file_of_that_name_comes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_model_file("pretrained") == PRETRAINED
    Path("pretrained").write_text("")
    assert find_model_file("pretrained") == Path("pretrained")


def test_it_forecasts_a_ticker_that_it_has_never_seen_whatever_its_scale(make_history):
    model = load_model("pretrained")
    calm = make_history(400)
    logs = {name: np.log(values) for name, values in calm.columns.items() if name != "volume"}
    start = logs["close"][0]
    wild = make_history(
        400, **{name: np.exp(start + 5 * (one - start)) for name, one in logs.items()}
    )
    ours, theirs = (
        forecast_next(model.adapt(one), one, levels=(0.8,)).volatility[0] for one in (calm, wild)
    )
    assert abs(theirs / (5 * ours) - 1) < 0.25


def test_without_ranges_it_says_what_its_path_for_returns_says(make_history):
    model = load_model("pretrained")
    closes = make_history(400, columns=("close",))
    found = forecast_next(model.adapt(closes), closes)
    assert np.isfinite(found.volatility).all()
    assert found.forecast[0] == found.last_prices[0]
