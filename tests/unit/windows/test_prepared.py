"""The prepared folder: what is in it, and back again."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from stockcast.errors import InvalidRecipe, OutputError, SeveralTickers, UnreadablePrices
from stockcast.forecast.outlook import forecast_at_cutoffs
from stockcast.networks.network import run_network
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.reader import read_prices
from stockcast.recipe import Recipe
from stockcast.windows.features import count_warmup
from stockcast.windows.prepared import read_prepared, write_prepared
from stockcast.windows.series import window_history

RECIPE = Recipe(
    window=6, column="close", features=("close", "volume"), validation=10, test=15, units=3
)


@pytest.fixture
def series(make_history):
    return window_history(make_history(100, ticker="GOOG"), RECIPE)


@pytest.fixture
def folder(series, tmp_path):
    write_prepared([series], tmp_path / "prepared")
    return tmp_path / "prepared"


def read_manifest(folder):
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def change_manifest(folder, change):
    """Write the manifest again after `change` has altered its dictionary."""
    manifest = read_manifest(folder)
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_a_series_is_read_back_as_it_was_written(series, folder):
    again = read_prepared(folder)
    assert again.ticker == "GOOG"
    assert again.recipe == series.recipe
    assert again.columns == series.columns
    assert again.spans == series.spans
    assert again.scalers == series.scalers
    assert again.sources == series.sources
    for name in ("dates", "prices", "values", "volatility", "window_starts"):
        ours, theirs = getattr(again, name), getattr(series, name)
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("horizon", [1, 3])
@pytest.mark.parametrize("target", ["price", "log-return", "relative"])
def test_a_series_of_any_target_and_horizon_is_read_back_as_it_was_written(
    target, horizon, make_history, tmp_path
):
    recipe = Recipe(window=5, target=target, horizon=horizon)
    series = window_history(make_history(60), recipe)
    write_prepared([series], tmp_path / "prepared")
    again = read_prepared(tmp_path / "prepared")
    assert (again.recipe, again.scalers, again.spans) == (recipe, series.scalers, series.spans)
    assert np.array_equal(again.volatility, series.volatility)
    starts = series.window_starts
    assert np.array_equal(again.cut_targets(starts), series.cut_targets(starts))
    assert np.array_equal(np.load(tmp_path / "prepared" / "windows.npy"), starts)


def test_the_arrays_are_memory_mapped_and_cannot_be_written(folder):
    series = read_prepared(folder)
    for array in (series.values, series.prices, series.dates, series.volatility):
        assert isinstance(array, np.memmap)
        assert array.mode == "r"
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]


def test_any_numpy_program_can_map_the_files(series, folder):
    values = np.load(folder / "series.npy", mmap_mode="r")
    starts = np.load(folder / "windows.npy", mmap_mode="r")
    assert isinstance(values, np.memmap)
    assert np.array_equal(values, series.values)
    assert np.array_equal(starts, np.arange(len(series.values) - 6))


def test_the_manifest_says_what_is_in_the_folder(series, folder):
    manifest = read_manifest(folder)
    assert manifest["format"] == 1
    assert manifest["ticker"] == "GOOG"
    assert manifest["columns"] == {
        "target": "close",
        "features": ["close", "volume"],
        "header": None,
        "signals": [],
        "covariates": [],
        "calendar": [],
    }
    assert manifest["rows"] == len(series.dates) == 81
    assert manifest["first_date"] == str(series.dates[0])[:10]
    assert manifest["last_date"] == str(series.dates[-1])[:10]
    assert Recipe.model_validate(manifest["recipe"]) == RECIPE
    assert [scaler["deviation"] for scaler in manifest["scalers"]] == [
        scaler.deviation for scaler in series.scalers
    ]
    assert manifest["files"].keys() == {
        "series.npy",
        "prices.npy",
        "dates.npy",
        "volatility.npy",
        "variances.npy",
        "windows.npy",
    }
    assert all((folder / name).is_file() for name in manifest["files"])


def test_the_manifest_has_each_span_s_rows_dates_and_windows(series, folder):
    days = [str(date)[:10] for date in series.dates]
    assert read_manifest(folder)["spans"] == {
        "train": {
            "first_row": 0,
            "end_row": 56,
            "first_date": days[0],
            "last_date": days[55],
            "windows": 50,
        },
        "validation": {
            "first_row": 56,
            "end_row": 66,
            "first_date": days[56],
            "last_date": days[65],
            "windows": 10,
        },
        "test": {
            "first_row": 66,
            "end_row": 81,
            "first_date": days[66],
            "last_date": days[80],
            "windows": 15,
        },
    }


def test_a_span_without_rows_has_no_dates(make_history, tmp_path):
    series = window_history(make_history(60), Recipe(window=5, validation=0))
    write_prepared([series], tmp_path / "prepared")
    span = read_manifest(tmp_path / "prepared")["spans"]["validation"]
    assert (span["first_date"], span["last_date"], span["windows"]) == (None, None, 0)


def test_the_manifest_has_the_digest_of_each_input(write_csv, make_history, to_yahoo, tmp_path):
    lines = to_yahoo(make_history(80))
    paths = [
        write_csv([lines[0], *lines[1:41]], name="a.csv"),
        write_csv([lines[0], *lines[41:]], name="b.csv"),
    ]
    (history,) = read_prices(paths, ReadOptions(ticker="GOOG"))
    write_prepared([window_history(history, RECIPE)], tmp_path / "prepared")
    assert read_manifest(tmp_path / "prepared")["inputs"] == [
        {"name": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for path in paths
    ]


def test_materialized_windows_have_keras_shapes_and_the_values_of_the_views(series, tmp_path):
    write_prepared([series], tmp_path / "prepared", materialize=True)
    first = 0
    for name, count in {"train": 50, "validation": 10, "test": 15}.items():
        inputs = np.load(tmp_path / "prepared" / f"X_{name}.npy", mmap_mode="r")
        answers = np.load(tmp_path / "prepared" / f"y_{name}.npy", mmap_mode="r")
        assert (inputs.shape, inputs.dtype) == ((count, 6, 2), np.float32)
        assert (answers.shape, answers.dtype) == ((count, 1), np.float32)
        for number in range(count):
            start = first + number
            assert np.array_equal(inputs[number], series.values[start : start + 6])
            assert answers[number, 0] == series.values[start + 6, 0]
        first += count
    assert "X_test.npy" in read_manifest(tmp_path / "prepared")["files"]


@pytest.mark.parametrize("features", [("close",), ("volume", "open", "close")], ids=len)
@pytest.mark.parametrize("target", ["price", "log-return", "relative"])
def test_materialized_windows_are_what_the_network_sees_and_should_answer(
    target, features, make_history, make_model, tmp_path
):
    recipe = Recipe(
        window=8, layers=2, units=4, horizon=3, target=target, column="close", features=features
    )
    history = make_history(120)
    series = window_history(history, recipe)
    write_prepared([series], tmp_path / "prepared", materialize=True)
    model = make_model(history, **recipe.to_dict())
    for name, starts in zip(("train", "validation", "test"), series.list_starts(), strict=True):
        inputs = np.load(tmp_path / "prepared" / f"X_{name}.npy")
        answers = np.load(tmp_path / "prepared" / f"y_{name}.npy")
        assert inputs.shape == (len(starts), 8, len(features))
        assert answers.shape == (len(starts), 3)
        # What a forecast shows the network, and what came true then.
        rows = starts + 8 + count_warmup(features, target)
        outlook = forecast_at_cutoffs(model, history, rows)
        last_prices = history.columns["close"][rows - 1]
        found, true = (
            series.scaling.to_prices(some, last_prices)
            for some in (run_network(inputs, model.weights), answers)
        )
        np.testing.assert_allclose(found, outlook.forecast, rtol=1e-9)
        np.testing.assert_allclose(true, outlook.actual, rtol=1e-6)


def test_more_windows_than_a_batch_are_all_materialized(series, tmp_path, monkeypatch):
    write_prepared([series], tmp_path / "at once", materialize=True)
    monkeypatch.setattr("stockcast.windows.prepared._BATCH", 7)
    write_prepared([series], tmp_path / "in batches", materialize=True)
    for name in ("train", "validation", "test"):
        at_once, in_batches = (
            (tmp_path / folder / f"X_{name}.npy").read_bytes()
            for folder in ("at once", "in batches")
        )
        assert in_batches == at_once


def test_a_materialized_span_without_windows_is_an_empty_array(make_history, tmp_path):
    series = window_history(make_history(60), Recipe(window=5, validation=0))
    write_prepared([series], tmp_path / "prepared", materialize=True)
    assert np.load(tmp_path / "prepared" / "X_validation.npy").shape == (0, 5, 1)
    assert np.load(tmp_path / "prepared" / "y_validation.npy").shape == (0, 1)


def test_the_same_series_gives_the_same_bytes(series, tmp_path):
    for name in ("one", "two"):
        write_prepared([series], tmp_path / name, materialize=True)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(names) == 13
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_several_tickers_have_a_folder_each(make_history, tmp_path):
    all_series = [
        window_history(make_history(60, seed=seed, ticker=name), Recipe(window=5))
        for seed, name in enumerate(("GOOG", "IBM"))
    ]
    paths = write_prepared(all_series, tmp_path / "prepared")
    assert paths == [tmp_path / "prepared" / "GOOG", tmp_path / "prepared" / "IBM"]
    for series in all_series:
        again = read_prepared(tmp_path / "prepared", ticker=series.ticker)
        assert again.ticker == series.ticker
        assert np.array_equal(again.values, series.values)


def test_of_several_tickers_one_must_be_named(make_history, tmp_path, expect_refusal):
    folder = tmp_path / "prepared"
    write_prepared(
        [
            window_history(make_history(60, ticker=name), Recipe(window=5))
            for name in ("GOOG", "IBM")
        ],
        folder,
    )
    with expect_refusal(SeveralTickers, f"{folder} holds GOOG, IBM", hint='ticker="GOOG"'):
        read_prepared(folder)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("BRK/B", "BRK.B"),
        ("^GSPC", "GOOG"),
        ("../out", "GOOG"),
        ("a b", "GOOG"),
        ("トヨタ", "GOOG"),
    ],
)
def test_a_ticker_of_any_text_stays_inside_the_folder(name, other, make_history, tmp_path):
    folder = tmp_path / "prepared"
    paths = write_prepared(
        [
            window_history(make_history(60, ticker=ticker), Recipe(window=5))
            for ticker in (name, other)
        ],
        folder,
    )
    assert all(path.parent == folder for path in paths)
    assert [path.name for path in tmp_path.iterdir()] == ["prepared"]
    assert [read_prepared(path).ticker for path in paths] == [name, other]


def test_tickers_whose_folders_would_be_one_do_not_overwrite_each_other(make_history, tmp_path):
    paths = write_prepared(
        [
            window_history(make_history(60, seed=seed, ticker=ticker), Recipe(window=5))
            for seed, ticker in enumerate(("BRK/B", "BRK_B"))
        ],
        tmp_path / "prepared",
    )
    assert [read_prepared(path).ticker for path in paths] == ["BRK/B", "BRK_B"]


def test_a_ticker_is_found_by_its_own_name_whatever_its_folder_is_called(make_history, tmp_path):
    folder = tmp_path / "prepared"
    write_prepared(
        [
            window_history(make_history(60, ticker=ticker), Recipe(window=5))
            for ticker in ("BRK/B", "GOOG")
        ],
        folder,
    )
    assert read_prepared(folder, ticker="BRK/B").ticker == "BRK/B"


def test_a_ticker_that_cannot_name_a_folder_is_refused(make_history, tmp_path, expect_refusal):
    all_series = [
        window_history(make_history(60, ticker=ticker), Recipe(window=5)) for ticker in ("..", "A")
    ]
    with expect_refusal(UnreadablePrices, "'..' cannot name a folder"):
        write_prepared(all_series, tmp_path / "prepared")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_an_earlier_prepared_folder_is_replaced_whole(series, folder, make_history):
    write_prepared([series], folder, materialize=True)
    other = window_history(make_history(60, seed=7, ticker="IBM"), Recipe(window=5))
    write_prepared([other], folder)
    assert read_prepared(folder).ticker == "IBM"
    assert not (folder / "X_train.npy").exists()


def test_an_empty_folder_is_written_into(series, tmp_path):
    (tmp_path / "prepared").mkdir()
    write_prepared([series], tmp_path / "prepared")
    assert read_prepared(tmp_path / "prepared").ticker == "GOOG"


def test_a_folder_that_is_not_a_prepared_one_is_not_overwritten(series, tmp_path, expect_refusal):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with expect_refusal(OutputError, tmp_path / "thesis", "not a prepared folder", hint="path="):
        write_prepared([series], tmp_path / "thesis")
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"


def test_a_folder_with_a_prepared_one_among_other_things_is_not_overwritten(
    series, folder, expect_refusal
):
    above = folder.parent
    (above / "chapter.txt").write_text("years of work")
    with expect_refusal(OutputError, above, "not a prepared folder"):
        write_prepared([series], above)
    assert (above / "chapter.txt").read_text() == "years of work"


def test_a_prepared_folder_with_a_file_of_someone_else_s_is_not_overwritten(
    series, folder, expect_refusal
):
    (folder / "notes.txt").write_text("years of work")
    with expect_refusal(OutputError, folder):
        write_prepared([series], folder)
    assert (folder / "notes.txt").read_text() == "years of work"


@pytest.mark.parametrize("place", ["manifest.json", "public/manifest.json"])
def test_a_folder_with_a_manifest_of_something_else_is_not_overwritten(
    place, series, tmp_path, expect_refusal
):
    manifest = tmp_path / "web" / place
    manifest.parent.mkdir(parents=True)
    manifest.write_text('{"name": "a web page", "icons": []}')
    with expect_refusal(OutputError, tmp_path / "web", "not a prepared folder"):
        write_prepared([series], tmp_path / "web")
    assert manifest.read_text() == '{"name": "a web page", "icons": []}'


def test_a_file_in_the_folder_s_place_is_not_overwritten(series, tmp_path, expect_refusal):
    (tmp_path / "prepared").write_text("years of work")
    with expect_refusal(OutputError, tmp_path / "prepared", "not a prepared folder"):
        write_prepared([series], tmp_path / "prepared")
    assert (tmp_path / "prepared").read_text() == "years of work"


def test_a_folder_without_a_manifest_is_refused(tmp_path, expect_refusal):
    with expect_refusal(
        UnreadablePrices,
        tmp_path,
        "without manifest.json",
        hint=f'stockcast.prepare(prices, path="{tmp_path}")',
    ):
        read_prepared(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"format": 1}', "[" * 100_000, '{"format": 1e999}', "\ufeff{}"],
    ids=lambda text: repr(text[:20]),
)
def test_a_manifest_that_is_not_one_is_refused(text, folder, expect_refusal):
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    with expect_refusal(
        UnreadablePrices, folder / "manifest.json", hint="prepare the folder again"
    ):
        read_prepared(folder)


def test_a_manifest_that_is_not_text_is_refused(folder, expect_refusal):
    (folder / "manifest.json").write_bytes(b"\xff\xfe\x00")
    with expect_refusal(UnreadablePrices, folder / "manifest.json"):
        read_prepared(folder)


CHANGES = {
    "format": lambda manifest: manifest.update(format=2),
    "unknown": lambda manifest: manifest.update(unknown=1),
    "rows": lambda manifest: manifest.update(rows="many"),
    "recipe.units": lambda manifest: manifest["recipe"].update(units=10**9),
    "recipe.window": lambda manifest: manifest["recipe"].update(window=0),
    "columns": lambda manifest: manifest["columns"].update(target="open"),
    "recipe.horizon": lambda manifest: manifest["recipe"].update(horizon=0),
    "scalers": lambda manifest: manifest["scalers"][0].update(deviation=-1.0),
    "spans": lambda manifest: manifest.update(spans=[]),
    "inputs": lambda manifest: manifest.pop("inputs"),
}


@pytest.mark.parametrize("place", CHANGES)
def test_a_damaged_manifest_is_refused_by_place(place, folder, expect_refusal):
    change_manifest(folder, CHANGES[place])
    with expect_refusal(
        UnreadablePrices, f"{folder / 'manifest.json'}: {place}", hint="prepare the folder again"
    ):
        read_prepared(folder)


CONTRADICTIONS = {
    "a span is missing": lambda manifest: manifest["spans"].pop("validation"),
    "training ends after the last row": lambda manifest: manifest["spans"]["train"].update(
        end_row=1000
    ),
    "training ends before it has a window": lambda manifest: manifest["spans"]["train"].update(
        end_row=3
    ),
    "training ends before a window has all its answers": lambda manifest: (
        manifest["spans"]["train"].update(end_row=9),
        manifest["spans"]["validation"].update(first_row=9),
        manifest["recipe"].update(horizon=4),
    ),
    "validation ends before training": lambda manifest: manifest["spans"]["validation"].update(
        end_row=20
    ),
    "fewer scalers than features": lambda manifest: manifest["scalers"].pop(),
    "a scaler of the other target": lambda manifest: manifest["scalers"].__setitem__(
        0, {"kind": "min-max", "low": 0.0, "high": 1.0}
    ),
    "a path of another horizon": lambda manifest: manifest["path"].update(
        by_return=manifest["path"]["by_return"] * 2, by_range=None
    ),
    "a path of two horizons": lambda manifest: manifest["path"].update(
        by_range=manifest["path"]["by_return"] * 2
    ),
    "signals without a path": lambda manifest: (
        manifest["columns"].update(signals=["path"]),
        manifest.update(path=None),
    ),
    "a loss without a path": lambda manifest: (
        manifest["recipe"].update(loss="qlike"),
        manifest.update(path=None),
    ),
    "more rows than the arrays": lambda manifest: manifest.update(rows=82),
    "more features than the arrays": lambda manifest: manifest["columns"].update(
        features=["close", "volume", "open"]
    ),
}


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_a_manifest_that_contradicts_itself_is_refused(what, folder, expect_refusal):
    change_manifest(folder, CONTRADICTIONS[what])
    with expect_refusal(UnreadablePrices, folder, hint="prepare the folder again"):
        read_prepared(folder)


@pytest.mark.parametrize(
    "name", ["series.npy", "prices.npy", "dates.npy", "volatility.npy", "variances.npy"]
)
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x93NUMPY\x01\x00", id="cut short"),
        pytest.param(b"Date,Close\n", id="text"),
        pytest.param(b"PK\x03\x04 no archive", id="looks like an archive"),
        pytest.param(b"\x80\x04N.", id="a pickle"),
    ],
)
def test_a_damaged_array_is_refused_by_its_path(name, content, folder, expect_refusal):
    (folder / name).write_bytes(content)
    with expect_refusal(UnreadablePrices, folder / name, hint="prepare the folder again"):
        read_prepared(folder)


@pytest.mark.parametrize(
    "shape",
    [
        f"(81, {'9' * 18})",
        f"(81, {'9' * 36})",
        f"(81, {'9' * 5000})",
        "(81, -2)",
        "(81, 2.0)",
        "81",
    ],
    ids=lambda shape: shape[:12],
)
def test_an_array_of_an_impossible_shape_is_refused_by_its_path(shape, folder, expect_refusal):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    start = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    (folder / "series.npy").write_bytes(start + bytes(648))
    with expect_refusal(UnreadablePrices, folder / "series.npy", hint="prepare the folder again"):
        read_prepared(folder)


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_an_array_cut_short_is_refused_by_its_path(share, folder, expect_refusal):
    content = (folder / "series.npy").read_bytes()
    (folder / "series.npy").write_bytes(content[: int(len(content) * share)])
    with expect_refusal(UnreadablePrices, folder / "series.npy"):
        read_prepared(folder)


@pytest.mark.parametrize("name", ["prices.npy", "volatility.npy"])
def test_a_missing_array_is_refused_by_its_path(name, folder, expect_refusal):
    (folder / name).unlink()
    with expect_refusal(UnreadablePrices, folder / name, hint="prepare the folder again"):
        read_prepared(folder)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        pytest.param("series.npy", np.zeros((80, 2), np.float32), id="series one row short"),
        pytest.param("series.npy", np.zeros((81, 3), np.float32), id="series of another width"),
        pytest.param("series.npy", np.zeros((81, 2), np.float64), id="series of another type"),
        pytest.param("series.npy", np.zeros((), np.float32), id="series of no dimension"),
        pytest.param("prices.npy", np.zeros(80), id="prices one row short"),
        pytest.param("prices.npy", np.zeros((81, 1)), id="prices of two dimensions"),
        pytest.param("prices.npy", np.zeros(81, "U3"), id="prices of text"),
        pytest.param("prices.npy", np.zeros(()), id="prices of no dimension"),
        pytest.param("volatility.npy", np.zeros((80, 1)), id="volatility one row short"),
        pytest.param(
            "volatility.npy", np.zeros((81, 1), np.float32), id="volatility of another type"
        ),
        pytest.param("volatility.npy", np.zeros((81, 2)), id="volatility of another horizon"),
        pytest.param("volatility.npy", np.zeros(81), id="volatility without a horizon"),
        pytest.param("variances.npy", np.zeros(80), id="variances one row short"),
        pytest.param("variances.npy", np.zeros(81, np.float32), id="variances of another type"),
        pytest.param("dates.npy", np.zeros(81, np.int64), id="dates of another type"),
    ],
)
def test_an_array_that_is_not_what_the_manifest_says_is_refused(
    name, array, folder, expect_refusal
):
    np.save(folder / name, array)
    with expect_refusal(UnreadablePrices, folder, hint="prepare the folder again"):
        read_prepared(folder)


def test_a_folder_can_be_trained_on_with_another_network(folder):
    again = read_prepared(folder, overrides={"units": 7, "epochs": 2})
    assert again.recipe == RECIPE.model_copy(update={"units": 7, "epochs": 2})


def test_a_folder_can_be_trained_on_with_a_recipe_of_the_same_shape(folder, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(RECIPE.model_copy(update={"layers": 2}).to_toml())
    assert read_prepared(folder, recipe=str(path)).recipe.layers == 2


def test_a_folder_can_be_trained_on_with_a_recipe_that_names_the_loss_auto_comes_to(folder):
    assert read_prepared(folder, overrides={"loss": "squared-error"}).recipe.loss != "auto"


def test_a_folder_that_names_no_loss_is_of_the_first_one_there_was(series, folder, tmp_path):
    change_manifest(folder, lambda manifest: manifest["recipe"].pop("loss"))
    assert read_prepared(folder).recipe.loss == "squared-error"
    path = tmp_path / "mine.toml"
    path.write_text(RECIPE.to_toml())
    assert read_prepared(folder, recipe=str(path)).recipe.loss == "auto"


def test_a_folder_without_a_path_is_read_as_an_earlier_version_wrote_it(series, folder):
    change_manifest(folder, lambda manifest: manifest.pop("path"))
    (folder / "variances.npy").unlink()
    np.save(folder / "volatility.npy", series.volatility[:, 0])
    again = read_prepared(folder)
    assert again.path is None
    assert np.array_equal(again.volatility, series.volatility)
    assert np.isnan(again.variances).all()
    with pytest.raises(InvalidRecipe, match="prepared with loss"):
        read_prepared(folder, overrides={"loss": "qlike"})


@pytest.mark.parametrize("horizon", [1, 3])
def test_a_folder_that_says_how_far_is_read_back_and_drawn_from_the_same(
    horizon, make_history, tmp_path
):
    recipe = RECIPE.model_copy(update={"loss": "qlike", "horizon": horizon})
    series = window_history(make_history(100, ticker="GOOG"), recipe)
    write_prepared([series], tmp_path / "prepared")
    again = read_prepared(tmp_path / "prepared")
    assert (again.path, again.columns) == (series.path, series.columns)
    assert again.volatility.shape == (len(series.dates), horizon)
    assert np.array_equal(again.variances, series.variances, equal_nan=True)
    for ours, theirs in zip(
        again.draw("training", np.arange(20)), series.draw("training", np.arange(20)), strict=True
    ):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("loss", "qlike"),
        ("window", 7),
        ("target", "price"),
        ("horizon", 2),
        ("column", "auto"),
        ("features", ["close"]),
        ("validation", 11),
        ("test", 0.2),
    ],
)
def test_a_folder_is_not_trained_on_as_what_it_was_not_prepared_for(
    name, value, folder, expect_refusal
):
    with expect_refusal(InvalidRecipe, f"{folder} was prepared with {name}", hint=f"{name}="):
        read_prepared(folder, overrides={name: value})


def test_a_bad_override_is_named_by_its_flag(folder, expect_refusal):
    with expect_refusal(InvalidRecipe, "units= is 0"):
        read_prepared(folder, overrides={"units": 0})
