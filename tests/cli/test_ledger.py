"""`predict --ledger`, `predict --max-age` and `score` as processes of their own."""

import csv
import hashlib
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.support import SAMPLES, run_stockcast

FB = SAMPLES / "FB.csv"


def read_csv(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    """Write FB's prices up to some row."""
    lines = FB.read_text().splitlines(keepends=True)

    def write(rows):
        path = tmp_path_factory.mktemp("cut") / "FB.csv"
        path.write_text("".join(lines[: rows + 1]))
        return path

    return write


@pytest.fixture(scope="module")
def recorded(tmp_path_factory, cut, small_model):
    """A ledger of forecasts from three bars, the newest of which has not come true."""
    ledger = tmp_path_factory.mktemp("ledger") / "forecasts.csv"
    for rows in (190, 191, 196):
        run = run_stockcast("predict", cut(rows), "-m", small_model, "--ledger", ledger)
        assert run.returncode == 0, run.stderr.decode()
    return ledger


@pytest.mark.slow
def test_what_is_forecast_is_recorded_with_model_and_time(recorded, small_model, cut):
    run = run_stockcast("predict", cut(196), "-m", small_model, "--ledger", recorded)
    (forecast,) = read_csv(run.stdout)
    assert b"has this forecast already" in run.stderr
    rows = read_csv(recorded.read_bytes())
    assert len(rows) == 3
    assert list(rows[0]) == [
        "made_at", "model", "ticker", "cutoff", "step", "date", "forecast", "last_price",
        "lower_80", "upper_80", "lower_95", "upper_95", "volatility",
    ]  # fmt: skip
    for name, same in (("cutoff", "last_date"), ("date", "date"), ("forecast", "forecast")):
        assert rows[-1][name] == forecast[same]
    assert rows[-1]["model"] == hashlib.sha256(small_model.read_bytes()).hexdigest()
    age = datetime.now(UTC) - datetime.fromisoformat(rows[-1]["made_at"])
    assert timedelta(0) <= age < timedelta(hours=1)


def test_a_json_log_has_a_line_a_score_instead_of_the_table(recorded):
    run = run_stockcast("score", recorded, FB, "--format", "json")
    rows = json.loads(run.stdout)
    run = run_stockcast("score", recorded, FB, "--format", "table", "--log-format", "json")
    log = [json.loads(line) for line in run.stderr.splitlines()]
    told = [one for one in log if "rmse" in one]
    assert len(told) == len(rows) > 0
    for one, row in zip(told, rows, strict=True):
        assert {key: one[key] for key in row} == row


def test_a_span_is_not_recorded(recorded, small_model):
    before = recorded.read_bytes()
    run = run_stockcast(
        "predict", FB, "-m", small_model, "--from", "2013-01-02", "--ledger", recorded
    )
    assert run.returncode == 2
    assert b"--ledger with --from: a ledger has only what was forecast" in run.stderr
    assert run.stdout == b""
    assert recorded.read_bytes() == before


def test_a_ledger_that_is_none_is_exit_9_and_nothing_is_forecast(tmp_path, small_model):
    path = tmp_path / "notes.csv"
    path.write_text("precious\n")
    run = run_stockcast("predict", FB, "-m", small_model, "--ledger", path)
    assert run.returncode == 9
    assert run.stdout == b""
    assert b"is not a ledger" in run.stderr
    assert path.read_text() == "precious\n"


def test_the_prices_are_never_the_ledger(small_model, cut):
    prices = cut(196)
    before = prices.read_bytes()
    run = run_stockcast("predict", prices, "-m", small_model, "--ledger", prices)
    assert run.returncode == 2
    assert prices.read_bytes() == before


def test_a_torn_row_is_told_and_removed(recorded, tmp_path, small_model):
    ledger = tmp_path / "torn.csv"
    ledger.write_bytes(recorded.read_bytes() + b"2013-03-04T00:0")
    run = run_stockcast("predict", FB, "-m", small_model, "--ledger", ledger, "-q")
    assert run.returncode == 0
    assert b"note: " in run.stderr
    assert b"'2013-03-04T00:0'" in run.stderr.replace(b"\n", b" ")
    assert ledger.read_bytes() == recorded.read_bytes()


def test_a_disk_that_is_full_is_exit_8_and_nothing_is_forecast(recorded, tmp_path, small_model):
    ledger = tmp_path / "ledger.csv"
    ledger.write_bytes(recorded.read_bytes().splitlines(keepends=True)[0])
    before = ledger.read_bytes()
    run = run_stockcast(
        "predict", FB, "-m", small_model, "--ledger", ledger,
        env={"STOCKCAST_FAULT": "half-append:1:enospc"},
    )  # fmt: skip
    assert run.returncode == 8
    assert run.stdout == b""
    assert b"No space left" in run.stderr
    assert ledger.read_bytes() == before


@pytest.mark.parametrize(("age", "code"), [("3d", 7), ("10000d", 0)])
def test_prices_older_than_asked_are_exit_7_and_nothing_is_forecast(age, code, small_model):
    run = run_stockcast("predict", FB, "-m", small_model, "--max-age", age)
    assert run.returncode == code
    assert bool(run.stdout) == (code == 0)
    if code:
        assert b"the newest bar, 2013-03-01, is " in run.stderr
        assert b"--max-age is 3 days" in run.stderr.replace(b"\n", b" ")


def test_prices_of_yesterday_are_no_three_days_old(tmp_path, small_model):
    head, *lines = FB.read_text().splitlines()
    newest = datetime.now(UTC).date() - timedelta(days=1)
    moved = [
        ",".join([str(newest - timedelta(days=back)), *line.split(",")[1:]])
        for back, line in enumerate(reversed(lines))
    ]
    prices = tmp_path / "FB.csv"
    prices.write_text("\n".join([head, *reversed(moved)]) + "\n")
    run = run_stockcast("predict", prices, "-m", small_model, "--max-age", "3d")
    assert run.returncode == 0, run.stderr.decode()


def test_a_length_of_time_that_is_none_is_wrong_usage(small_model):
    run = run_stockcast("predict", FB, "-m", small_model, "--max-age", "3 days")
    assert run.returncode == 2
    assert b"90s, 5m, 12h, 3d or 2w" in run.stderr


def test_recorded_forecasts_are_scored_beside_the_last_price(recorded):
    run = run_stockcast("score", recorded, FB)
    assert run.returncode == 0, run.stderr.decode()
    rows = read_csv(run.stdout)
    assert [row["span"] for row in rows] == ["all", "newest-250", "newest-20"]
    prices = [float(line.split(",")[5]) for line in FB.read_text().splitlines()[1:]]
    forecasts = [float(row["forecast"]) for row in read_csv(recorded.read_bytes())]
    errors = [forecasts[0] - prices[190], forecasts[1] - prices[191]]
    last = [prices[189] - prices[190], prices[190] - prices[191]]
    rmse, last_rmse = ((sum(one**2 for one in each) / 2) ** 0.5 for each in (errors, last))
    for row in rows:
        assert (row["ticker"], row["step"], row["scored"], row["pending"]) == ("FB", "1", "2", "1")
        assert float(row["rmse"]) == pytest.approx(rmse)
        assert float(row["last_price_rmse"]) == pytest.approx(last_rmse)
        assert float(row["skill"]) == pytest.approx(1 - rmse / last_rmse)
    text = " ".join(run.stderr.decode().split())
    assert "2 forecasts came true, 1 is pending" in text
    assert "note: FB: 2 forecasts recorded when what came true was known" in text


def test_json_has_the_same_figures_and_nulls(recorded):
    expected = read_csv(run_stockcast("score", recorded, FB).stdout)
    rows = json.loads(run_stockcast("score", recorded, FB, "--format", "json").stdout)
    assert [row["rmse"] for row in rows] == [float(row["rmse"]) for row in expected]
    assert rows[0]["drift"] is None
    assert list(rows[0]) == list(expected[0])


def test_a_table_is_on_stderr(recorded):
    run = run_stockcast("score", recorded, FB, "--format", "table")
    assert run.stdout == b""
    text = run.stderr.decode()
    assert "newest" in text
    assert "last price" in text


def make_ledger(path, noise):
    """Record a forecast of each of the last 100 bars: the last price and some of its own."""
    lines = FB.read_text().splitlines()[1:]
    rows = [line.split(",") for line in lines]
    text = "made_at,model,ticker,cutoff,step,date,forecast,last_price,lower_80,upper_80\n"
    for number in range(95, 195):
        last, date = float(rows[number][5]), rows[number][0]
        forecast = last + (noise if number % 2 else -noise)
        text += (
            f"{date}T22:00:00Z,{'a' * 64},FB,{date},1,{rows[number + 1][0]},{forecast},{last},"
            f"{forecast - 0.01},{forecast + 0.01}\n"
        )
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["--fail-below-skill", "-0.5"], 6, "FB, newest 100 forecasts: skill is -"),
        (["--fail-below-skill", "-100"], 0, ""),
        (["--fail-coverage", "5"], 6, "the 80 % intervals held "),
        (["--fail-coverage", "80"], 0, ""),
    ],
    ids=str,
)
def test_figures_below_what_is_asked_are_exit_6_so_that_cron_mails(arguments, code, part, tmp_path):
    ledger = make_ledger(tmp_path / "ledger.csv", 2.0)
    run = run_stockcast("score", ledger, FB, *arguments)
    assert run.returncode == code, run.stderr.decode()
    assert part in " ".join(run.stderr.decode().split())
    assert len(read_csv(run.stdout)) == 3  # the figures are there all the same


def test_two_forecasts_are_too_few_to_fail_for(recorded):
    assert run_stockcast("score", recorded, FB, "--fail-below-skill", "1").returncode == 0


def test_coverage_of_forecasts_without_intervals_is_wrong_usage(small_model, cut, tmp_path):
    ledger = tmp_path / "ledger.csv"
    run_stockcast("predict", cut(190), "-m", small_model, "--level", "none", "--ledger", ledger)
    run = run_stockcast("score", ledger, FB, "--fail-coverage", "5")
    assert run.returncode == 2
    assert b"have no intervals" in run.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("unarranged")
@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_a_score_is_drawn_and_stdout_stays_data(suffix, tmp_path):
    chart = tmp_path / f"score.{suffix}"
    ledger = make_ledger(tmp_path / "ledger.csv", 0.1)
    run = run_stockcast("score", ledger, FB, "--chart", chart)
    assert len(read_csv(run.stdout)) == 3
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[suffix]
    assert chart.read_bytes().startswith(start)


def test_a_ledger_that_is_missing_is_exit_9(tmp_path):
    run = run_stockcast("score", tmp_path / "no.csv", FB)
    assert run.returncode == 9
    assert b"predict --ledger" in run.stderr


@pytest.mark.slow
def test_a_ticker_that_is_a_formula_is_safe_in_every_csv(tmp_path, small_model):
    ledger = tmp_path / "ledger.csv"
    ticker = "=cmd|'/c calc'!A1"
    run = run_stockcast(
        "predict", "-", "-m", small_model, "--ticker", ticker, "--ledger", ledger,
        stdin=FB.read_bytes(),
    )  # fmt: skip
    assert run.returncode == 0, run.stderr.decode()
    scored = run_stockcast("score", ledger, "-", "--ticker", ticker, stdin=FB.read_bytes())
    for content in (run.stdout, ledger.read_bytes(), scored.stdout):
        assert read_csv(content)[0]["ticker"] == f"'{ticker}"
    rows = run_stockcast(
        "score", ledger, "-", "--ticker", ticker, "--format", "json", stdin=FB.read_bytes()
    )
    assert json.loads(rows.stdout)[0]["ticker"] == ticker
    assert json.loads(rows.stdout)[0]["pending"] == 1
