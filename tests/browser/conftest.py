"""A headless Chromium, and every kind of page that stockcast writes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.page_models import make_page_models

_NAMES = ("chromium", "chromium-browser", "google-chrome")
KINDS = ("training", "training, held-out nothing", "backtest", "gates")


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests; each opens pages of its own."""
    from playwright.sync_api import sync_playwright

    binary = next(filter(None, map(shutil.which, _NAMES)), None)
    if binary is None:
        pytest.skip(f"no browser: none of {', '.join(_NAMES)} is on the PATH")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory, make_history, make_model):
    """Kind of page to its file."""
    from dataclasses import replace

    import numpy as np

    from stockcast.evaluation.skill import judge_forecasts
    from stockcast.forecast.held_out import forecast_held_out
    from stockcast.forecast.inspector import inspect_window
    from stockcast.prices.findings import Finding
    from stockcast.report.backtest_page import write_backtest_page
    from stockcast.report.gates import draw_gates
    from stockcast.report.training_page import write_training_page
    from stockcast.windows.series import window_history

    folder: Path = tmp_path_factory.mktemp("pages")
    files = {kind: folder / f"{number}.html" for number, kind in enumerate(KINDS)}
    # Long unbroken names are what makes a narrow page overflow.
    history = make_history(300, ticker="A" * 60)
    losses = {"loss": list(np.linspace(1, 0.8, 30)), "val": list(np.linspace(0.9, 0.85, 30))}
    findings = (Finding("gap", 3, f"a gap in {'x' * 90}.csv"),)
    for kind, fields in (("training", {}), ("training, held-out nothing", {"test": 0})):
        model = make_model(history, **fields)
        series = window_history(history, model.recipe)
        if (held := forecast_held_out(model, series)) is not None:
            skill = judge_forecasts(held.actual, held.forecast, held.last_prices)
            model = replace(model, skill=skill)
        write_training_page(model, series, files[kind], losses=losses, findings=findings)
    facts = [("SHA-256 of the prices", "0" * 64)]
    write_backtest_page(
        files["backtest"], make_page_models(3), title="M" * 80, lead="So it is.", facts=facts
    )
    draw_gates(inspect_window(model, history), files["gates"])
    return files
