"""Many tickers in one pool, against a plain oracle that windows each ticker alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stockcast.errors import OutputError, TooShort, UnreadablePrices
from stockcast.prices.history import Source
from stockcast.prices.market import FEWEST, MarketBuilder
from stockcast.recipe import Recipe
from stockcast.windows.features import Columns
from stockcast.windows.har import TrainingMoves, fit_har
from stockcast.windows.moves import measure_moves
from stockcast.windows.per_window import make_per_window
from stockcast.windows.pooling import PoolBuilder
from stockcast.windows.signals import POOLED_SIGNALS, compute_signals
from stockcast.windows.training_data import SPAN_NAMES
from tests.pools import list_by_hand, list_cut

RECIPE = Recipe(
    pooled=True,
    column="close",
    window=6,
    horizon=1,
    loss="squared-error",
    validation=0.2,
    test=0.2,
)
KINDS = {
    "log-return": {},
    "price, three ahead": {"target": "price", "horizon": 3},
    "relative, of volume too": {
        "target": "relative",
        "features": ("volume", "open", "close"),
        "horizon": 2,
    },
    "returns of volume too": {"features": ("volume", "close"), "horizon": 2, "window": 11},
    "a window longer than a year": {"window": 260},
}
NOTHING_HELD = {"validation": 0, "test": 0}


def weekdays(first, count):
    return np.busday_offset(first, np.arange(count), roll="forward")


@pytest.fixture(scope="module")
def histories(make_history):
    """Tickers that begin later, end earlier, trade on other days, or lie beside a span."""
    alternate = weekdays("2012-03-01", 400)[::2]
    every_day = np.arange("2012-02-01", "2013-03-01", dtype="datetime64[D]")
    parts = {
        "WHOLE": weekdays("2012-01-02", 600),
        "LATE": weekdays("2013-06-03", 232),
        "GONE": weekdays("2012-01-02", 290),
        "SELDOM": alternate,
        "DAILY": every_day,
        "HELD": weekdays("2013-12-02", 101),
        "OLD": weekdays("2010-01-04", 300),
    }
    return [
        replace(
            make_history(len(dates), seed=seed, dates=dates, ticker=name),
            sources=(Source(f"{name}.csv", f"{seed:064d}"),),
        )
        for seed, (name, dates) in enumerate(parts.items())
    ]


@pytest.fixture
def build(tmp_path_factory):
    """Pool histories in a folder of their own, as the recipe and its changes say."""

    def make(histories, *, until=None, **fields):
        recipe = RECIPE.model_copy(update=fields)
        builder = PoolBuilder(recipe, tmp_path_factory.mktemp("pool"), until=until)
        for history in histories:
            builder.add(history)
        return builder.finish()

    return make


def fitting(histories, kind):
    return [one for one in histories if len(one) >= 300] if "year" in kind else histories


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_windows_are_those_that_a_plain_loop_finds(kind, histories, build):
    pool = build(fitting(histories, kind), **KINDS[kind])
    expected = list_by_hand(pool, fitting(histories, kind))
    assert [len(windows) for windows in pool.list_windows()] == [len(part) for part in expected]
    assert all(expected)
    for windows, by_hand in zip(pool.list_windows(), expected, strict=True):
        tickers, starts = windows.locate(np.arange(len(windows)))
        names = [pool.tickers[ticker] for ticker in tickers]
        found = zip(names, (starts - pool.first_rows[tickers]).tolist(), strict=True)
        assert list(found) == [(one.ticker, one.start) for one in by_hand]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_drawn_is_cut_by_hand(kind, histories, build):
    pool = build(fitting(histories, kind), **KINDS[kind])
    for span, by_hand in zip(SPAN_NAMES, list_by_hand(pool, fitting(histories, kind)), strict=True):
        numbers = np.random.default_rng(0).permutation(len(by_hand))[:60]
        seen, answers = pool.draw(span, numbers)
        assert (seen.dtype, answers.dtype) == (np.float32, np.float32)
        assert seen.shape == (len(numbers), pool.recipe.window, len(pool.columns.features))
        for number, one, answer in zip(numbers, seen, answers, strict=True):
            expected = by_hand[number]
            np.testing.assert_allclose(one, expected.seen, rtol=1e-4, atol=1e-5)
            np.testing.assert_allclose(answer, expected.answers, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_windows_are_drawn_in_the_order_asked_for_and_as_often(histories, build):
    pool = build(histories)
    numbers = np.array([70, 3, 70, 900, 0])
    seen, answers = pool.draw("training", numbers)
    for place, number in enumerate(numbers):
        alone = pool.draw("training", np.array([number]))
        assert np.array_equal(seen[place], alone[0][0])
        assert np.array_equal(answers[place], alone[1][0])


def test_the_windows_of_a_ticker_are_numbered_one_after_the_other(histories, build):
    windows = build(histories).list_windows()[1]
    numbers = [windows.list_of(ticker) for ticker in range(len(histories))]
    assert np.array_equal(np.concatenate(numbers), np.arange(len(windows)))
    for ticker, own in enumerate(numbers):
        assert (windows.locate(own)[0] == ticker).all()
    assert not len(numbers[-1])  # OLD ends before


@pytest.mark.slow
def test_spans_end_on_the_same_dates_for_all(histories, build):
    pool = build(histories, horizon=3)
    ends = [pool.spans.train_end, pool.spans.validation_end, pool.spans.last]
    days = np.unique(np.concatenate([history.dates[1:] for history in histories]))
    test = int(0.2 * len(days))
    validation = int(0.4 * len(days)) - test
    assert pool.spans.days == (len(days) - validation - test, validation, test)
    assert ends[:2] == [days[-validation - test], days[-test]]
    assert (pool.spans.trained_to, pool.spans.known_to) == (
        days[-validation - test - 1],
        days[-test - 1],
    )
    assert (pool.spans.first, pool.spans.last) == (days[0], days[-1])
    for number, windows in enumerate(pool.list_windows()):
        rows = windows.locate(np.arange(len(windows)))[1][:, None] + 6 + np.arange(3)
        targets = pool.dates[rows]
        assert (targets < ends[number]).all() if number < 2 else (targets <= ends[2]).all()
        assert number == 0 or (targets >= ends[number - 1]).all()


@pytest.mark.parametrize(
    ("held", "days"), [({}, (454, 0, 0)), ({"validation": 54}, (400, 54, 0))], ids=str
)
def test_what_is_not_held_out_is_trained_on_to_the_last_day(held, days, make_history, build):
    pool = build([make_history(455)], **(NOTHING_HELD | held))
    assert pool.spans.days == days
    assert pool.spans.validation_end > pool.spans.last
    counts = [len(windows) for windows in pool.list_windows()]
    assert counts == [days[0] - 6, days[1], 0]


def test_no_window_takes_a_row_of_another_ticker(make_history, build):
    """The second ticker's prices are a thousand times the first's."""
    cheap = make_history(60, ticker="CHEAP", close=np.linspace(1, 2, 60))
    dear = make_history(60, ticker="DEAR", close=np.linspace(1000, 2000, 60))
    pool = build([cheap, dear], target="price", **NOTHING_HELD)
    windows = pool.list_windows()[0]
    assert len(windows) == 2 * 54
    tickers, starts = windows.locate(np.arange(len(windows)))
    contexts = pool.cut(starts, pool.first_rows[tickers])
    assert (contexts[tickers == 0] <= 2).sum() == (np.isfinite(contexts[tickers == 0])).sum()
    assert (contexts[tickers == 1] >= 1000).sum() == (np.isfinite(contexts[tickers == 1])).sum()
    known = np.isfinite(contexts[..., 0]).sum(axis=1)
    assert known.tolist() == [*range(6, 60)] * 2


def test_a_context_has_at_most_the_rows_that_scale_it(histories, build):
    pool = build(histories)
    tickers, starts = pool.list_windows()[2].locate(np.array([0]))
    context = pool.cut(starts, pool.first_rows[tickers])
    assert context.shape == (1, 250, 1)
    assert np.array_equal(context[0], pool.values[starts[0] + 6 - 250 : starts[0] + 6])


@pytest.mark.parametrize("direction", [1, -1])
def test_no_answer_is_further_off_than_a_windows_own_values_can_be(direction, make_history, build):
    prices = np.full(80, 50.0)
    prices[70:] *= 4.0**direction
    pool = build([make_history(80, close=prices)], horizon=2, **NOTHING_HELD)
    answers = pool.draw("training", np.arange(72))[1]
    # Log return 70 − 1 is the first that is not 0: its window starts 6 before it, 62 and 63 aim.
    expected = np.zeros((72, 2))
    expected[62, 1] = expected[63, :] = direction * np.sqrt(250)
    assert np.array_equal(answers[:64], expected[:64].astype(np.float32))
    assert (answers[64:] == 0).all()


@pytest.mark.slow
def test_a_pool_keeps_what_it_was_given(histories, build):
    pool = build(histories, features=("close", "open"))
    assert pool.columns == Columns("close", ("close", "open"))
    assert pool.scalers == make_per_window(pool.columns, "log-return")
    assert pool.tickers == tuple(history.ticker for history in histories)
    assert pool.sources == tuple(history.sources[0] for history in histories)
    assert (pool.ticker, pool.name) == ("", "a pool of 7 tickers")
    for history, first, end in zip(histories, pool.edges, pool.edges[1:], strict=False):
        close = history.columns["close"]
        assert np.array_equal(pool.dates[first:end], history.dates[1:])
        assert np.array_equal(pool.prices[first:end], close[1:])
        moves = measure_moves(history, "close")
        assert np.array_equal(pool.variances[first:end], moves.variances[1:], equal_nan=True)
        expected = pool.path.forecast(moves)[1:]
        np.testing.assert_allclose(pool.volatility[first:end], expected, rtol=1e-9)
        ratios = [np.log(history.columns[name][1:] / close[:-1]) for name in ("close", "open")]
        np.testing.assert_allclose(pool.values[first:end], np.column_stack(ratios), atol=1e-7)


@pytest.mark.slow
def test_training_rows_are_counted_over_all_tickers(histories, build):
    pool = build(histories)
    end = pool.spans.train_end
    expected = sum(int((history.dates[1:] < end).sum()) for history in histories)
    assert pool.describe_training().rows == expected


@pytest.mark.slow
def test_pages_that_were_let_go_are_read_again(histories, build):
    pool = build(histories)
    before = list_cut(pool)
    pool.release()
    assert list_cut(pool) == before


@pytest.mark.slow
def test_nothing_on_or_after_until_plays_a_part(histories, build):
    until = histories[0].dates[500]
    pool = build(histories[:5], until=until)
    cut = [one.select(np.flatnonzero(one.dates < until)) for one in histories[:5]]
    assert list_cut(pool) == list_cut(build(cut))
    assert pool.spans.last < until


def test_a_ticker_of_two_files_is_refused_by_the_second_ones_name(
    make_history, tmp_path, expect_refusal
):
    builder = PoolBuilder(RECIPE, tmp_path)
    builder.add(make_history(60, ticker="ONE"))
    again = replace(make_history(60, ticker="ONE"), sources=(Source("again.csv", "1" * 64),))
    with expect_refusal(UnreadablePrices, "again.csv", "ONE", hint="join"):
        builder.add(again)


@pytest.mark.parametrize(("fields", "least"), [({}, 8), ({"horizon": 4, "target": "price"}, 10)])
def test_a_ticker_without_a_window_and_its_answer_is_refused_by_its_files_name(
    fields, least, make_history, tmp_path, expect_refusal
):
    builder = PoolBuilder(RECIPE.model_copy(update=fields), tmp_path)
    with expect_refusal(TooShort, "made-up.csv", f"{least - 1} rows, at least {least}"):
        builder.add(make_history(least - 1))
    rows = builder.add(make_history(least))
    assert rows == 6 + fields.get("horizon", 1)


def test_what_is_refused_leaves_no_row_behind(make_history, tmp_path):
    builder = PoolBuilder(RECIPE, tmp_path)
    missing = np.full(60, np.nan)
    for bad in (make_history(5), make_history(60, close=missing), make_history(60, close=-missing)):
        with pytest.raises((TooShort, UnreadablePrices)):
            builder.add(bad)
    good = make_history(60, ticker="GOOD")
    assert builder.add(good) == 59
    pool = builder.finish()
    assert pool.tickers == ("GOOD",)
    assert np.array_equal(pool.prices, good.columns["close"][1:])


def test_each_ticker_has_its_adjusted_close_or_else_its_close(make_history, tmp_path):
    builder = PoolBuilder(RECIPE.model_copy(update={"column": "auto"}), tmp_path)
    first = make_history(60, ticker="FIRST", seed=1)
    second = make_history(60, ticker="SECOND", seed=2, columns=("close",))
    assert [builder.add(one) for one in (first, second)] == [59, 59]
    pool = builder.finish()
    assert pool.columns.target == "adj_close"
    assert np.array_equal(pool.prices[:59], first.columns["adj_close"][1:])
    assert np.array_equal(pool.prices[59:], second.columns["close"][1:])


def test_columns_that_a_recipe_names_every_ticker_must_have(make_history, tmp_path, expect_refusal):
    builder = PoolBuilder(RECIPE.model_copy(update={"column": "adj_close"}), tmp_path)
    builder.add(make_history(60, ticker="FIRST"))
    with expect_refusal(UnreadablePrices, "made-up.csv (SECOND)", "adj_close"):
        builder.add(make_history(60, ticker="SECOND", columns=("close",)))
    assert builder.finish().tickers == ("FIRST",)


def test_one_that_is_refused_does_not_settle_the_columns(make_history, tmp_path):
    builder = PoolBuilder(RECIPE.model_copy(update={"column": "auto"}), tmp_path)
    with pytest.raises(TooShort):
        builder.add(make_history(5))
    builder.add(make_history(60, columns=("close",)))
    assert builder.finish().columns.target == "close"


@pytest.mark.parametrize(
    ("target", "close"), [("price", 1e39), ("relative", 1e39), ("relative", 1e-50)]
)
def test_prices_beyond_single_precision_are_refused_by_the_files_name(
    target, close, make_history, tmp_path, expect_refusal
):
    builder = PoolBuilder(RECIPE.model_copy(update={"target": target}), tmp_path)
    prices = close * np.linspace(1, 2, 60)
    with expect_refusal(UnreadablePrices, "made-up.csv", "single precision"):
        builder.add(make_history(60, close=prices))


def test_no_ticker_is_no_pool(tmp_path, expect_refusal):
    with expect_refusal(TooShort, "no ticker can be pooled"):
        PoolBuilder(RECIPE, tmp_path).finish()


def test_a_pool_without_a_training_window_is_refused(make_history, build, expect_refusal):
    """There are dates enough, but each ticker has every other one alone."""
    days = weekdays("2012-01-02", 24)
    tickers = [make_history(12, ticker=f"{part}", dates=days[part::2]) for part in range(2)]
    with expect_refusal(TooShort, "a pool of 2 tickers", "no ticker has a window before"):
        build(tickers, validation=0, test=16, target="price")


def test_a_full_disk_is_told_with_the_folder_s_variable(make_history, tmp_path, expect_refusal):
    (tmp_path / "values").symlink_to("/dev/full")
    with expect_refusal(OutputError, tmp_path / "values", "No space left", hint="TMPDIR"):
        PoolBuilder(RECIPE, tmp_path).add(make_history(60))


@pytest.fixture(scope="module")
def many(make_history):
    """As many tickers as make a market, and some days that few of them traded on."""
    dates = weekdays("2012-01-02", 700)
    return [
        make_history(
            len(dates) - 5 * number, seed=number, dates=dates[5 * number :], ticker=f"T{number}"
        )
        for number in range(FEWEST + 2)
    ]


def build_market(histories):
    builder = MarketBuilder()
    for history in histories:
        moves = measure_moves(history, "close")
        builder.add(history.dates, moves.log_scales, moves.returns)
    return builder.finish()


@pytest.mark.slow
def test_a_pool_of_many_knows_what_all_did_and_what_each_says_alone(many, build):
    pool = build(many, loss="qlike", horizon=2)
    assert pool.columns.signals == POOLED_SIGNALS
    assert len(pool.path.by_market) == 2
    market = build_market(many)
    for history, first, end in zip(many, pool.edges, pool.edges[1:], strict=False):
        moves = measure_moves(history, "close")
        beside = moves.join_market(market, history.dates)
        assert beside.has_market[-1]
        expected = pool.path.forecast(beside)[1:]
        np.testing.assert_allclose(pool.volatility[first:end], expected, rtol=1e-9)
        np.testing.assert_allclose(pool.alone[first:end], pool.path.forecast(moves)[1:], rtol=1e-9)
        signals = compute_signals(beside, pool.path.forecast(beside)[:, 0], POOLED_SIGNALS)
        np.testing.assert_allclose(pool.values[first:end, 1:], signals[1:], atol=1e-6)


@pytest.mark.slow
def test_the_path_of_a_pool_is_learnt_from_the_training_spans_of_all(many, build):
    few = many[:5]
    pool = build(few, loss="qlike", horizon=3)
    known = []
    for history in few:
        end = int((history.dates < pool.spans.train_end).sum())
        known.append(TrainingMoves(measure_moves(history, "close"), end))
    assert pool.path == fit_har(known, horizon=3)
    assert pool.path.by_market is None
    assert pool.alone is None


@pytest.mark.slow
def test_a_quarter_of_the_windows_is_drawn_as_if_the_market_were_not_known(many, build):
    pool = build(many, loss="qlike")
    numbers = np.arange(pool.count_windows()[0])
    starts = pool.list_windows()[0].locate(numbers)[1]
    rows = starts[:, None] + np.arange(pool.recipe.window)
    known = pool.columns.inputs.index("has-market")
    numbers = numbers[pool.values[rows, known].all(axis=1)]
    assert len(numbers) > 2000
    seen, answers = pool.draw("training", numbers)
    rows = pool.list_windows()[0].locate(numbers)[1][:, None] + np.arange(pool.recipe.window)
    path = pool.columns.inputs.index("path")
    hidden = ~seen[:, :, known].any(axis=1)
    assert hidden.mean() == pytest.approx(0.25, abs=0.02)
    assert np.array_equal(seen[~hidden][:, :, 1:], pool.values[rows[~hidden]][:, :, 1:])
    lost = np.log(pool.alone[rows, 0] / pool.volatility[rows, 0])
    expected = pool.values[rows, path] + np.where(hidden[:, None], lost, 0.0)
    np.testing.assert_allclose(seen[:, :, path], expected, atol=1e-5)
    for name in ("market-scale", "market-return"):
        assert not seen[hidden][:, :, pool.columns.inputs.index(name)].any()
    last = rows[:, -1]
    deviations = np.where(hidden, pool.alone[last, 0], pool.volatility[last, 0])
    moved = np.nan_to_num(pool.variances[last + 1] / deviations**2, nan=1.0)
    np.testing.assert_allclose(answers[:, 1], np.minimum(moved, 100), rtol=1e-4)
    again, _ = pool.draw("training", numbers[::-1])
    assert np.array_equal(again[::-1], seen)
