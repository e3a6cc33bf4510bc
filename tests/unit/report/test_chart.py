"""Charts: written whole, in the format of their name, the same bytes for the same picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stockcast.errors import OutputError, UsageError
from stockcast.forecast.forecaster import forecast_next, forecast_span
from stockcast.report.chart import check_chart_name, draw_next, draw_span

pytestmark = pytest.mark.slow

STARTS = {".png": b"\x89PNG\r\n\x1a\n", ".svg": b"<?xml", ".pdf": b"%PDF-"}
SUFFIXES = [*STARTS, ".PNG"]


@pytest.fixture(scope="module")
def history(make_history):
    return make_history(150)


@pytest.fixture(scope="module")
def model(history, make_model):
    return make_model(history)


LEVELS = (0.8, 0.95)


@pytest.fixture
def draw(history, model):
    """Draw either chart; `how` is for the forecast, `change` alters it afterwards."""

    def draw_one(kind, path, *, how=None, model=model, **change):
        how = {"levels": LEVELS, **(how or {})}
        if kind == "next":
            draw_next(model, history, replace(forecast_next(model, history, **how), **change), path)
        else:
            forecast = forecast_span(model, history, start=history.dates[100], **how)
            draw_span(model, replace(forecast, **change), path)

    return draw_one


@pytest.mark.parametrize("kind", ["next", "span"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_chart_is_written_in_the_format_of_its_name(kind, suffix, draw, tmp_path):
    draw(kind, tmp_path / f"chart{suffix}")
    content = (tmp_path / f"chart{suffix}").read_bytes()
    assert content.startswith(STARTS[suffix.lower()])
    assert [path.name for path in tmp_path.iterdir()] == [f"chart{suffix}"]


@pytest.mark.usefixtures("unarranged")
@pytest.mark.parametrize("suffix", STARTS)
def test_the_same_chart_is_the_same_bytes(suffix, draw, tmp_path):
    for name in ("one", "two"):
        draw("span", tmp_path / f"{name}{suffix}")
    one, two = ((tmp_path / f"{name}{suffix}").read_bytes() for name in ("one", "two"))
    assert one == two


@pytest.mark.usefixtures("unarranged")
def test_another_forecast_is_another_picture(draw, tmp_path):
    draw("next", tmp_path / "one.png")
    draw("next", tmp_path / "two.png", forecast=np.array([10.0]))
    assert (tmp_path / "one.png").read_bytes() != (tmp_path / "two.png").read_bytes()


@pytest.mark.usefixtures("unarranged")
@pytest.mark.parametrize("kind", ["next", "span"])
def test_a_chart_says_its_ticker(kind, draw, tmp_path):
    draw(kind, tmp_path / "chart.svg", ticker="ZQX")
    assert "<!-- ZQX" in (tmp_path / "chart.svg").read_text(encoding="utf-8")


@pytest.mark.usefixtures("unarranged")
def test_a_span_s_chart_says_both_errors(draw, tmp_path):
    draw(
        "span",
        tmp_path / "chart.svg",
        dates=np.array(["2013-02-27", "2013-02-28"], "datetime64[us]"),
        steps=np.array([1, 1]),
        intervals={},
        volatility=np.full(2, 0.01),
        last_dates=np.array(["2013-02-26", "2013-02-27"], "datetime64[us]"),
        actual=np.array([10.0, 10.0]),
        forecast=np.array([13.0, 6.0]),  # errors 3 and −4: 3.536
        last_prices=np.array([11.0, 9.0]),  # errors 1 and −1: 1
    )
    text = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert "RMSE 3.536; repeating the last price 1.000 " in text


@pytest.mark.usefixtures("unarranged")
def test_a_span_of_which_nothing_came_true_has_no_errors_to_say(draw, tmp_path):
    draw("span", tmp_path / "chart.svg", actual=np.full(50, np.nan))
    text = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert "RMSE nan; repeating the last price nan" in text


@pytest.mark.usefixtures("unarranged")
@pytest.mark.parametrize("kind", ["next", "span"])
def test_each_level_is_in_the_legend(kind, draw, tmp_path):
    draw(kind, tmp_path / "chart.svg")
    text = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert "<!-- 80 % interval -->" in text
    assert "<!-- 95 % interval -->" in text
    draw(kind, tmp_path / "bare.svg", how={"levels": ()})
    assert "interval" not in (tmp_path / "bare.svg").read_text(encoding="utf-8")


@pytest.mark.usefixtures("unarranged")
def test_a_forecast_of_several_sessions_says_how_many_and_its_last(draw, tmp_path):
    draw("next", tmp_path / "chart.svg", how={"horizon": 12})
    text = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert "the next 12 sessions" in text
    assert "<!-- forecast for 2012-08-14" in text
    assert "<!-- last price, 2012-07-27" in text


@pytest.mark.usefixtures("unarranged")
def test_a_span_of_a_model_with_several_steps_is_drawn_at_the_farthest(
    history, draw, make_model, tmp_path
):
    draw("span", tmp_path / "chart.svg", model=make_model(history, horizon=3))
    text = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert "<!-- forecast, 3 steps ahead -->" in text
    assert "RMSE nan" not in text  # the newest forecasts have not come true yet


@pytest.mark.usefixtures("unarranged")
@pytest.mark.parametrize("kind", ["next", "span"])
@pytest.mark.parametrize("ticker", ["$SPX", "A$_$B", "a\\b", "^GSPC", "<b>&amp;", "BRK_B"])
def test_a_ticker_is_drawn_as_plain_text(kind, ticker, draw, tmp_path):
    draw(kind, tmp_path / "chart.svg", ticker=ticker)
    assert (tmp_path / "chart.svg").stat().st_size > 0


@pytest.mark.parametrize("kind", ["next", "span"])
def test_a_ticker_in_a_script_that_the_font_lacks_is_no_warning(kind, draw, tmp_path):
    draw(kind, tmp_path / "chart.png", ticker="トヨタ")
    assert (tmp_path / "chart.png").stat().st_size > 0


@pytest.mark.parametrize("name", ["a.png", "a.svg", "a.pdf", "A.PNG", "b.c.Svg"])
def test_a_chart_s_name_with_a_known_suffix_is_taken(name):
    check_chart_name(Path(name))


@pytest.mark.parametrize("name", ["a.gif", "a.jpg", "a.txt", "a", "png", ".png", "a.png.csv"])
def test_a_chart_s_name_with_another_suffix_is_refused(name, expect_refusal):
    with expect_refusal(UsageError, "chart=", repr(name), ".png, .svg, .pdf"):
        check_chart_name(Path(name))


def test_a_chart_that_cannot_be_written_is_refused_and_leaves_nothing(
    draw, tmp_path, expect_refusal
):
    (tmp_path / "charts").write_text("a file")
    with expect_refusal(OutputError, tmp_path / "charts" / "a.png"):
        draw("next", tmp_path / "charts" / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["charts"]


def test_drawing_leaves_the_program_s_own_matplotlib_style_alone(draw, tmp_path):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    draw("next", tmp_path / "chart.png")
    assert dict(mpl.rcParams) == before
