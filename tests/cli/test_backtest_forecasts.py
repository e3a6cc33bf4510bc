"""`stockcast backtest --forecasts`: what it prints, and what it refuses."""

from __future__ import annotations

import csv
import io
import json

import pytest

import stockcast as sc
from tests.support import SAMPLES, run_stockcast

pytestmark = pytest.mark.slow

FB = SAMPLES / "FB.csv"


def write(path, rows):
    path.write_text("".join(f"{','.join(map(str, row))}\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def bars():
    with FB.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def forecasts(bars, tmp_path):
    """Half way between the two closes before, of the newest 100 days."""
    rows = [["ticker", "date", "last_date", "forecast"]]
    for before, last, bar in zip(bars[-102:-2], bars[-101:-1], bars[-100:], strict=True):
        middle = (float(before["Adj Close"]) + float(last["Adj Close"])) / 2
        rows.append(["FB", bar["Date"], last["Date"], round(middle, 4)])
    return write(tmp_path / "middle.csv", rows)


def backtest(*arguments, code=0, **more):
    done = run_stockcast("backtest", *arguments, **more)
    assert done.returncode == code, done.stderr.decode()
    return done


def test_a_file_is_a_candidate_called_after_it(forecasts):
    done = backtest(FB, "--forecasts", forecasts, "--models", "drift,ewma")
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert {row["model"] for row in rows} == {"last-price", "drift", "ewma", "middle"}
    assert len(rows) == 4 * 100
    said = done.stderr.decode()
    assert "forecasting adj_close from 100 cutoffs" in said
    assert "middle has no 80 and 95 % intervals, so nothing is said of those" in said
    assert "middle: " in said
    assert "first intervals of middle" not in said


def test_by_default_it_stands_beside_our_network_and_two_yardsticks(forecasts):
    done = backtest(FB, "--forecasts", forecasts, "--summary", "--epochs", "1", "--units", "2")
    rows = csv.DictReader(io.StringIO(done.stdout.decode()))
    assert {row["model"] for row in rows} == {"last-price", "default", "har", "gjr-garch", "middle"}


def test_python_and_the_command_line_say_the_same(forecasts):
    done = backtest(FB, "--forecasts", forecasts, "--models", "drift", "--format", "json")
    result = sc.backtest(FB, ["drift"], forecasts=forecasts)
    found = json.loads(done.stdout)
    assert [row["forecast"] for row in found["forecasts"]] == result.to_frame()["forecast"].tolist()
    assert [row["rmse"] for row in found["models"]] == [
        row["rmse"] for row in result.list_figures()
    ]


def test_stdin_is_a_file_too(forecasts):
    piped = backtest(
        FB, "--forecasts", "-", "--models", "drift", "-q", stdin=forecasts.read_bytes()
    )
    assert b",stdin," in piped.stdout
    twice = backtest(
        "-", "--forecasts", "-", "--models", "drift", stdin=forecasts.read_bytes(), code=2
    )
    assert b"stdin can be read once" in twice.stderr


def test_several_files_are_several_candidates(forecasts, tmp_path):
    other = tmp_path / "other.csv"
    other.write_bytes(forecasts.read_bytes())
    done = backtest(
        FB, "--forecasts", forecasts, "--forecasts", other, "--models", "drift", "--summary"
    )
    assert {b"middle", b"other"} <= {line.split(b",")[1] for line in done.stdout.splitlines()}


@pytest.mark.parametrize(
    ("line", "row", "message"),
    [
        (2, "FB,2013-02-30,2013-02-28,7", b":2: date is '2013-02-30', expected a date"),
        (5, "FB,2013-02-16,2013-02-15,27", b":5: date is 2013-02-16, on which"),
        (4, "FB,2013-02-15,2013-02-15,27", b":4: last_date is 2013-02-15, which is not before"),
        (3, "FB,2013-02-15,2013-02-14,x", b":3: forecast is 'x', expected a number"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused_with_its_line(
    forecasts, tmp_path, line, row, message
):
    lines = forecasts.read_text(encoding="utf-8").splitlines()
    lines[line - 1] = row
    path = write(tmp_path / "odd.csv", [[one] for one in lines])
    done = backtest(FB, "--forecasts", path, "--models", "drift", code=9)
    assert b"odd.csv" + message in done.stderr
    assert done.stdout == b""


def test_known_prices_are_refused(bars, tmp_path):
    rows = [["date", "forecast"], *([bar["Date"], bar["Adj Close"]] for bar in bars[-50:])]
    known = write(tmp_path / "known.csv", rows)
    done = backtest(FB, "--forecasts", known, "--models", "drift", code=9)
    assert b"known is the price of its own date each time" in done.stderr


def test_no_result_is_written_over_the_forecasts(forecasts):
    done = backtest(FB, "--forecasts", forecasts, "-o", forecasts, code=2)
    assert b"is the forecasts file itself" in done.stderr


def test_many_tickers_are_judged_together(bars, tmp_path):
    rows = [["ticker", "date", "forecast"]]
    for name in ("FB", "GOOG"):
        with (SAMPLES / f"{name}.csv").open(encoding="utf-8") as file:
            own = list(csv.DictReader(file))
        for last, bar in zip(own[-61:-1], own[-60:], strict=True):
            rows.append([name, bar["Date"], 0.999 * float(last["Adj Close"])])
    path = write(tmp_path / "lower.csv", rows)
    done = backtest(SAMPLES / "*.csv", "--forecasts", path, "--models", "drift,ewma", "--overall")
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert {row["tickers"] for row in rows} == {"2"}
    said = done.stderr.decode()
    assert "AAPL and 2 more tickers left out: not forecast by all" in said
    assert "2 tickers judged, 120 forecasts a model" in said


@pytest.fixture
def low(bars, tmp_path):
    """The last price, and its half as a quantile; on each tenth day half as much again."""
    rows = [["date", "forecast", "quantile_5", "shortfall_5"]]
    for number, (last, bar) in enumerate(zip(bars[-101:-1], bars[-100:], strict=True)):
        price = float(last["Adj Close"])
        share = 1.5 if number % 10 == 0 else 0.5
        rows.append([bar["Date"], price, share * price, 0.4 * price])
    return write(tmp_path / "low.csv", rows)


def test_quantiles_of_a_file_are_judged_as_our_own_are(low):
    done = backtest(FB, "--forecasts", low, "--models", "ewma", "--quantile", "5", "--summary")
    rows = {row["model"]: row for row in csv.DictReader(io.StringIO(done.stdout.decode()))}
    assert float(rows["low"]["breaches_5"]) == 0.1
    # 10 breaches of 100 where 5 are said: twice the logarithm of the likelihoods' ratio is 4.13.
    assert float(rows["low"]["kupiec_p_5"]) == pytest.approx(0.0421, abs=1e-4)
    assert float(rows["low"]["pinball_5"]) > 0
    assert 0 <= float(rows["low"]["christoffersen_p_5"]) <= 1
    assert "quantiles" not in done.stderr.decode()


def test_a_quantile_that_a_file_lacks_is_said_and_left_empty(low):
    done = backtest(FB, "--forecasts", low, "--models", "ewma", "--quantile", "1", "--summary")
    rows = {row["model"]: row for row in csv.DictReader(io.StringIO(done.stdout.decode()))}
    assert rows["low"]["breaches_1"] == ""
    said = " ".join(done.stderr.decode().split())
    assert "low has no 1 % quantiles, so nothing is said of those" in said


def test_what_predict_says_of_value_at_risk_can_be_judged_afterwards(tmp_path):
    made = tmp_path / "made.csv"
    asked = (FB, "-m", "pretrained", "--quantile", "5", "--from", "2012-12-03")
    assert run_stockcast("predict", *asked, "-o", made).returncode == 0
    found = backtest(FB, "--forecasts", made, "--models", "ewma", "--quantile", "5")
    rows = list(csv.DictReader(io.StringIO(found.stdout.decode())))
    with made.open(encoding="utf-8") as file:
        said = {row["date"]: row for row in csv.DictReader(file)}
    judged = [row for row in rows if row["model"] == "pretrained"]
    assert judged
    for row in judged:
        for name in ("quantile_5", "shortfall_5"):
            assert float(row[name]) == pytest.approx(float(said[row["date"]][name]))
