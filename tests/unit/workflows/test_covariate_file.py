"""A TOML file of covariates: names, price files, and answers to what these leave open."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import stockcast as sc
from stockcast.errors import (
    AmbiguousPrices,
    CovariateGap,
    InvalidCovariates,
    InvalidRecipe,
    PricesNotFound,
    SeveralTickers,
    UsageError,
    render_options,
)
from stockcast.workflows.covariate_file import read_covariate_file
from stockcast.workflows.covariates import read_covariates

SMALL = {"window": 8, "layers": 1, "units": 3, "epochs": 2}
QUICK = sc.PublishPolicy(yardsticks=False)
# Days that could be months, with decimal commas.
ODD = ["Tag;Kurs", *(f"{day:02}/{month:02}/2012;{day},{month}00" for month in (1, 2)
                     for day in range(1, 13))]  # fmt: skip


@pytest.fixture
def write(tmp_path):
    def write_toml(*lines, name="beside/covariates.toml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write_toml


@pytest.fixture
def history(make_history):
    return make_history(160)


@pytest.fixture
def spx(make_history, to_yahoo, write):
    history = make_history(160, seed=1, ticker="SPX")
    write(*to_yahoo(history), name="beside/index.csv")
    return history


def test_each_table_is_a_covariate_of_its_name_read_with_its_answers(spx, write):
    write(*ODD, name="beside/odd.csv")
    path = write(
        "[covariates.SPX]",
        'file = "index.csv"',
        '[covariates."^VIX"]',
        'file = "odd.csv"',
        "age = 30",
        'date_format = "%d/%m/%Y"',
        'decimal = ","',
    )
    read = read_covariates(path, 3)
    assert read.names == ("SPX", "^VIX")
    assert (read.find_age("SPX"), read.find_age("^VIX")) == (3, 30)
    assert (read.find("SPX").columns["close"] == spx.columns["close"]).all()
    vix = read.find("^VIX")
    assert vix.dates[12] == np.datetime64("2012-02-01")
    assert vix.columns["close"][:2].tolist() == [1.1, 2.1]


@pytest.mark.slow
def test_a_model_is_trained_and_forecasts_by_the_file_as_by_the_histories(
    spx, history, write, tmp_path
):
    path = write("[covariates.SPX]", 'file = "index.csv"')
    by_file = sc.train(history, covariates=path, policy=QUICK, **SMALL).model
    by_history = sc.train(history, covariates=[spx], policy=QUICK, **SMALL).model
    assert by_file.columns == by_history.columns
    assert (
        sc.predict(by_file, history, covariates=path).forecast
        == sc.predict(by_history, history, covariates=[spx]).forecast
    )


def test_it_stands_beside_other_files_and_histories(spx, write, make_history):
    other = make_history(50, ticker="OIL")
    path = write("[covariates.SPX]", 'file = "index.csv"')
    assert read_covariates([path, other]).names == ("SPX", "OIL")
    with pytest.raises(UsageError, match="both called SPX"):
        read_covariates([path, spx])


@pytest.mark.slow
def test_an_age_of_its_own_wins_over_that_of_all(spx, history, write, to_yahoo):
    write(*to_yahoo(spx.select(np.arange(150))), name="beside/index.csv")
    with pytest.raises(CovariateGap, match="more than 5"):
        sc.train(
            history,
            covariates=write("[covariates.SPX]", 'file = "index.csv"'),
            policy=QUICK,
            **SMALL,
        )
    path = write("[covariates.SPX]", 'file = "index.csv"', "age = 10")
    model = sc.train(history, covariates=path, covariate_age=1, policy=QUICK, **SMALL).model
    assert sc.predict(model, history, covariates=path, covariate_age=1).forecast.size


@pytest.mark.slow
def test_a_question_is_answered_in_the_file_and_the_hint_says_how(write):
    odd = write(*ODD, name="beside/odd.csv")
    with pytest.raises(AmbiguousPrices) as asked:
        read_covariates(odd)
    hint = render_options(asked.value.raw_hint, "command-line")
    assert f'[covariates.odd], file = "{odd}" and decimal = ' in hint
    assert hint.endswith("--covariates FILE.toml")
    lines = ["[covariates.VIX]", 'file = "odd.csv"']
    with pytest.raises(AmbiguousPrices) as asked:
        read_covariates(write(*lines))
    assert asked.value.hint == 'say it there: decimal = "." or decimal = ","'
    (one,) = read_covariates(write(*lines, 'decimal = ","')).histories
    assert one.columns["close"][0] == 1.1


def test_one_of_several_tickers_is_chosen_and_may_have_another_name(write):
    write(
        "Ticker,Date,Close", "A,2012-01-02,1", "B,2012-01-02,2", "A,2012-01-03,1",
        "B,2012-01-03,3", name="beside/long.csv",
    )  # fmt: skip
    lines = ["[covariates.OIL]", 'file = "long.csv"']
    with pytest.raises(SeveralTickers) as caught:
        read_covariates(write(*lines))
    assert "holds A, B" in str(caught.value)
    assert caught.value.hint == 'say which: ticker = "A"'
    (one,) = read_covariates(write(*lines, 'ticker = "B"')).histories
    assert (one.ticker, one.columns["close"].tolist()) == ("OIL", [2.0, 3.0])


@pytest.mark.parametrize(
    ("lines", "parts"),
    [
        (["[covariates"], ["is not TOML"]),
        ([], ["names no covariate"]),
        (["covariates = 3"], ["names no covariate"]),
        (["[covariates]"], ["names no covariate"]),
        (["units = 3", "[covariates.A]", 'file = "a.csv"'], ["unknown key 'units'"]),
        (["[covariates]", 'A = "a.csv"'], ["covariates.A is", "expected a table"]),
        (["[covariates.A]"], ["[covariates.A]: file is not there"]),
        (["[covariates.A]", "file = 3"], ["[covariates.A]: file is 3"]),
        (["[covariates.A]", 'file = "a"', "age = -1"], ["age is -1", "0 or more"]),
        (["[covariates.A]", 'file = "a"', "age = true"], ["age is true"]),
        (["[covariates.A]", 'file = "a"', "dateformat = 1"], ["unknown key 'dateformat'"]),
        (["[covariates.A]", 'file = "a"', 'wide = "yes"'], ['wide is "yes"']),
        (["[covariates.A]", 'file = "a"', 'decimal = "."', 'thousands = "."'], ["both '.'"]),
        (["[covariates.A]", 'file = "a"', 'date_format = "x"'], ["[covariates.A]", "date_format"]),
        (['x = "' + 70_000 * "y" + '"'], ["larger than"]),
    ],
)  # fmt: skip
def test_what_is_no_list_of_covariates_is_refused_with_its_place(lines, parts, write):
    path = write(*lines)
    with pytest.raises(InvalidCovariates) as caught:
        read_covariate_file(path)
    for part in (str(path), *parts):
        assert part in str(caught.value)
    assert InvalidCovariates.exit_code == 2


def test_a_file_that_is_not_there_is_refused(tmp_path, write):
    with pytest.raises(InvalidCovariates, match="cannot read"):
        read_covariates(tmp_path / "none.toml")
    with pytest.raises(PricesNotFound, match=r"none\.csv"):
        read_covariates(write("[covariates.A]", 'file = "none.csv"'))


def test_its_price_files_are_relative_to_its_folder(write):
    path = write("[covariates.A]", 'file = "../a.csv"', "[covariates.B]", 'file = "/b.csv"')
    first, second = read_covariate_file(path)
    assert first.path == path.parent / "../a.csv"
    assert second.path == Path("/b.csv")


def test_a_recipe_with_such_a_table_is_told_where_it_goes(write):
    path = write("units = 3", "[covariates.A]", 'file = "a.csv"')
    with pytest.raises(InvalidRecipe, match="a recipe has no 'covariates'") as caught:
        sc.load_recipe(path)
    assert "a file of their own" in caught.value.hint
