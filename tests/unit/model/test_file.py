"""The model file: round trip, the same bytes twice, and all that is not believed."""

from __future__ import annotations

import itertools
import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load, save

from stockcast.errors import ModelNotFound, OutputError, UntrustedModel
from stockcast.evaluation.skill import Skill
from stockcast.forecast.forecaster import forecast_next
from stockcast.model.file import load_model, save_model, serialize_model
from stockcast.networks.cells import CELLS
from stockcast.windows.volatility import estimate_volatility

SKILL = Skill(
    count=12,
    rmse=1.25,
    mae=0.1,
    last_price_rmse=1.5,
    last_price_mae=0.1 + 0.2,
    skill=1 / 6,
    direction=2 / 3,
    p_value=1e-300,
)
RECIPES = {
    "log returns": {},
    "price": {"target": "price"},
    "several features": {"column": "close", "features": ("volume", "close", "open")},
    "one layer of one unit": {"layers": 1, "units": 1, "window": 1},
    "twelve layers": {"layers": 12, "units": 2},
    "every span in rows": {"validation": 5, "test": 0},
    **{cell: {"cell": cell} for cell in CELLS},
    "relative": {"target": "relative"},
    "relative, with volume": {
        "target": "relative",
        "column": "close",
        "features": ("volume", "close"),
    },
    "three steps ahead": {"horizon": 3},
    "how far": {"loss": "qlike", "horizon": 2},
    "one residual": {"horizon": 2, "residuals": 1},
    "not calibrated": {"residuals": 0},
}


@pytest.fixture(scope="module")
def model(make_history, make_model):
    return make_model(make_history(), skill=SKILL)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "GOOG.safetensors"


def take_apart(content):
    """Return a file's header as a dictionary, and its body."""
    (size,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + size]), content[8 + size :]


def put_together(header, body):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def change_metadata(model, change):
    """Return the model's bytes after `change` has altered the dictionary of its metadata."""
    header, body = take_apart(serialize_model(model))
    document = json.loads(header["__metadata__"]["stockcast"])
    change(document)
    header["__metadata__"]["stockcast"] = json.dumps(document)
    return put_together(header, body)


def change_text(model, old, new):
    """Return the model's bytes with a piece of its metadata's JSON text exchanged."""
    header, body = take_apart(serialize_model(model))
    text = header["__metadata__"]["stockcast"]
    assert old in text
    header["__metadata__"]["stockcast"] = text.replace(old, new, 1)
    return put_together(header, body)


def change_arrays(model, change):
    """Return the model's bytes after `change` has altered the dictionary of its arrays."""
    content = serialize_model(model)
    header, _ = take_apart(content)
    arrays = dict(load(content))
    change(arrays)
    return save(arrays, metadata=header["__metadata__"])


@pytest.mark.parametrize("fields", RECIPES.values(), ids=RECIPES.keys())
@pytest.mark.parametrize("skill", [SKILL, None], ids=["judged", "not judged"])
def test_a_model_is_loaded_as_it_was_saved(fields, skill, make_history, make_model, path):
    model = make_model(make_history(), skill=skill, **fields)
    save_model(model, path)
    again = load_model(path)
    assert replace(again, weights=model.weights, calibration=model.calibration) == model
    if model.calibration is None:
        assert again.calibration is None
    else:
        assert again.calibration.residuals.dtype == np.float32
        assert np.array_equal(again.calibration.residuals, model.calibration.residuals)
    ours, theirs = again.weights.to_arrays(), model.weights.to_arrays()
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        assert array.dtype == np.float32
        assert np.array_equal(array, theirs[name])


def test_a_ticker_of_any_text_is_loaded_as_it_was_saved(model, path):
    for ticker in ("", "BRK/B", "トヨタ", 'a "quoted"\n\\name', "x" * 256):
        save_model(replace(model, ticker=ticker), path)
        assert load_model(path).ticker == ticker


def test_a_model_saved_after_loading_is_the_same_bytes(model, path):
    save_model(model, path)
    assert serialize_model(load_model(path)) == path.read_bytes()


def test_the_same_model_gives_the_same_bytes(make_history, make_model):
    one, two = (make_model(make_history(), skill=SKILL) for _ in range(2))
    assert one.weights.layers[0].kernel is not two.weights.layers[0].kernel
    assert serialize_model(one) == serialize_model(two)


def test_another_model_gives_other_bytes(model, make_history, make_model):
    other = make_model(make_history(), skill=SKILL, weight_seed=2)
    assert serialize_model(other) != serialize_model(model)


def test_a_model_file_is_plain_safetensors_with_the_recipe_in_its_metadata(model):
    content = serialize_model(model)
    header, _ = take_apart(content)
    document = json.loads(header["__metadata__"]["stockcast"])
    assert document["format"] == 1
    assert document["recipe"] == model.recipe.to_dict()
    assert load(content).keys() == {*model.weights.to_arrays(), "calibration.residuals"}
    assert document["calibration_count"] == 100


def test_the_folder_of_a_model_file_is_made(model, tmp_path):
    save_model(model, tmp_path / "models" / "GOOG.safetensors")
    assert [file.name for file in (tmp_path / "models").iterdir()] == ["GOOG.safetensors"]


def test_a_place_that_cannot_be_written_is_refused(model, tmp_path, expect_refusal):
    (tmp_path / "models").write_text("a file")
    with expect_refusal(OutputError, tmp_path / "models", hint="name another place"):
        save_model(model, tmp_path / "models" / "GOOG.safetensors")


def test_a_missing_model_is_refused_by_its_path(path, expect_refusal):
    with expect_refusal(ModelNotFound, f"no model file {path}", hint="stockcast.train(prices)"):
        load_model(path)


def test_a_folder_is_no_model(tmp_path, expect_refusal):
    with expect_refusal(ModelNotFound, tmp_path):
        load_model(tmp_path)


@pytest.mark.slow
def test_a_model_cut_short_anywhere_is_refused(model, path, expect_refusal):
    content = serialize_model(model)
    (header,) = struct.unpack("<Q", content[:8])
    lengths = {*range(40), *range(0, len(content), 97), 8 + header - 1, 8 + header, 9 + header}
    for length in sorted(lengths | {len(content) - 4, len(content) - 1}):
        path.write_bytes(content[:length])
        with expect_refusal(UntrustedModel, path):
            load_model(path)


def test_a_model_with_bytes_behind_it_is_refused(model, path, expect_refusal):
    path.write_bytes(serialize_model(model) + b"\0")
    with expect_refusal(UntrustedModel, path):
        load_model(path)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x80\x04\x95" + b"N." * 50, id="a pickle"),
        pytest.param(b"\x89HDF\r\n\x1a\n" + b"\0" * 100, id="an HDF5 file"),
        pytest.param(b"PK\x03\x04" + b"\0" * 100, id="a zip archive"),
        pytest.param(b"Date,Close\n2013-02-28,1\n" * 5, id="a price file"),
        pytest.param(b"\0" * 64, id="zero bytes"),
        pytest.param(b"\xff" * 64, id="bytes of ones"),
        pytest.param(struct.pack("<Q", 2) + b"{}", id="a safetensors file of nothing"),
        pytest.param(struct.pack("<Q", 2) + b"[]", id="a header that is a list"),
        pytest.param(struct.pack("<Q", 4) + b"\xff\xff\xff\xff", id="a header that is no text"),
    ],
)
def test_what_is_no_model_is_refused(content, path, expect_refusal):
    path.write_bytes(content)
    with expect_refusal(UntrustedModel, path):
        load_model(path)


@pytest.mark.parametrize("metadata", [None, {}, {"format": "pt"}])
def test_another_program_s_safetensors_file_is_refused(metadata, path, expect_refusal):
    path.write_bytes(save({"weight": np.zeros((2, 2), np.float32)}, metadata=metadata))
    with expect_refusal(
        UntrustedModel, f"{path} is not a stockcast model", hint="stockcast.train(prices)"
    ):
        load_model(path)


@pytest.mark.parametrize("size", [1 << 21, 1 << 40, 1 << 63, (1 << 64) - 1])
def test_a_header_longer_than_the_file_is_refused(size, model, path, expect_refusal):
    path.write_bytes(struct.pack("<Q", size) + serialize_model(model)[8:])
    with expect_refusal(UntrustedModel, path, "cut short"):
        load_model(path)


def test_a_header_longer_than_any_model_s_is_refused_before_it_is_read(path, expect_refusal):
    size = (16 << 20) + 1
    path.write_bytes(struct.pack("<Q", size) + b" " * size)
    with expect_refusal(UntrustedModel, path, f"a header of {size} bytes"):
        load_model(path)


def test_an_extra_tensor_is_refused_by_its_name(model, path, expect_refusal):
    path.write_bytes(
        change_arrays(model, lambda arrays: arrays.update(extra=np.zeros(2, np.float32)))
    )
    with expect_refusal(UntrustedModel, path, "'extra' is not of this network"):
        load_model(path)


@pytest.mark.parametrize(
    "name", ["layers.0.kernel", "layers.1.bias", "head.bias", "calibration.residuals"]
)
def test_a_missing_tensor_is_refused_by_its_name(name, model, path, expect_refusal):
    path.write_bytes(change_arrays(model, lambda arrays: arrays.pop(name)))
    with expect_refusal(
        UntrustedModel, path, f"{name!r} is missing", hint="stockcast.train(prices)"
    ):
        load_model(path)


@pytest.mark.parametrize(
    ("kind", "code"),
    [(np.float64, "F64"), (np.float16, "F16"), (np.int32, "I32"), (np.bool_, "BOOL")],
)
def test_a_tensor_of_another_type_is_refused_by_its_name(kind, code, model, path, expect_refusal):
    def change(arrays):
        arrays["head.kernel"] = arrays["head.kernel"].astype(kind)

    path.write_bytes(change_arrays(model, change))
    with expect_refusal(UntrustedModel, path, "'head.kernel'", code, "expected F32 (4, 1)"):
        load_model(path)


@pytest.mark.parametrize("shape", [(4,), (1, 4), (4, 1, 1), (2, 1), (5, 1), (0, 1)])
def test_a_tensor_of_another_shape_is_refused_by_its_name(shape, model, path, expect_refusal):
    def change(arrays):
        arrays["head.kernel"] = np.zeros(shape, np.float32)

    path.write_bytes(change_arrays(model, change))
    with expect_refusal(UntrustedModel, path, "'head.kernel'", shape, "expected F32 (4, 1)"):
        load_model(path)


@pytest.mark.parametrize("shape", [(100,), (100, 1), (1, 99), (1, 101), (2, 100), (2, 50), (0, 0)])
def test_scores_of_another_shape_than_horizon_and_count_are_refused(
    shape, model, path, expect_refusal
):
    def change(arrays):
        arrays["calibration.residuals"] = np.ones(shape, np.float32)

    path.write_bytes(change_arrays(model, change))
    with expect_refusal(
        UntrustedModel, path, "'calibration.residuals'", shape, "expected F32 (1, 100)"
    ):
        load_model(path)


def test_scores_of_another_type_are_refused(model, path, expect_refusal):
    def change(arrays):
        arrays["calibration.residuals"] = arrays["calibration.residuals"].astype(np.float64)

    path.write_bytes(change_arrays(model, change))
    with expect_refusal(UntrustedModel, path, "'calibration.residuals'", "F64"):
        load_model(path)


def take_signs(arrays):
    """Leave the sizes of residuals alone, as earlier versions did."""
    arrays["calibration.scores"] = np.abs(arrays.pop("calibration.residuals"))


def test_a_file_of_an_earlier_version_has_sizes_alone_and_is_written_as_it_was(model, path):
    before = change_arrays(model, take_signs)
    path.write_bytes(before)
    again = load_model(path)
    assert not again.calibration.has_signs
    assert np.array_equal(again.calibration.scores, model.calibration.scores)
    assert serialize_model(again) == before


def test_a_size_below_zero_is_refused(model, path, expect_refusal):
    def change(arrays):
        take_signs(arrays)
        arrays["calibration.scores"] *= -1

    path.write_bytes(change_arrays(model, change))
    with expect_refusal(UntrustedModel, path, "'calibration.scores'", "below zero"):
        load_model(path)


def test_sizes_beside_residuals_are_refused(model, path, expect_refusal):
    def change(arrays):
        arrays["calibration.scores"] = np.abs(arrays["calibration.residuals"])

    path.write_bytes(change_arrays(model, change))
    with expect_refusal(UntrustedModel, path, "is not of this network"):
        load_model(path)


@pytest.mark.parametrize("count", [1, 99, 101, 1_000_000])
def test_a_count_of_scores_that_is_not_theirs_is_refused(count, model, path, expect_refusal):
    path.write_bytes(
        change_metadata(model, lambda document: document.update(calibration_count=count))
    )
    with expect_refusal(
        UntrustedModel, path, "'calibration.residuals'", f"expected F32 (1, {count})"
    ):
        load_model(path)


def test_scores_that_the_metadata_do_not_know_of_are_refused(model, path, expect_refusal):
    path.write_bytes(
        change_metadata(model, lambda document: document.update(calibration_count=None))
    )
    with expect_refusal(UntrustedModel, path, "'calibration.residuals' is not of this network"):
        load_model(path)


def test_a_count_without_scores_is_refused(make_history, make_model, path, expect_refusal):
    model = make_model(make_history(), residuals=0)
    path.write_bytes(change_metadata(model, lambda document: document.update(calibration_count=9)))
    with expect_refusal(UntrustedModel, path, "'calibration.residuals' is missing"):
        load_model(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    "name", ["layers.0.kernel", "layers.1.recurrent_kernel", "head.bias", "calibration.residuals"]
)
def test_a_weight_that_is_no_number_is_refused_by_its_tensor(
    name, value, model, path, expect_refusal
):
    def change(arrays):
        arrays[name] = arrays[name].copy()
        arrays[name].flat[-1] = value

    path.write_bytes(change_arrays(model, change))
    with expect_refusal(UntrustedModel, path, repr(name), "no number"):
        load_model(path)


@pytest.mark.parametrize("version", [0, 2, "1", None, 10**30, [1]])
def test_another_format_version_is_refused_with_both(version, model, path, expect_refusal):
    path.write_bytes(change_metadata(model, lambda document: document.update(format=version)))
    with expect_refusal(
        UntrustedModel, path, f"model format {version!r}", "reads 1", hint="train the model again"
    ):
        load_model(path)


def test_metadata_without_a_format_version_are_refused(model, path, expect_refusal):
    path.write_bytes(change_metadata(model, lambda document: document.pop("format")))
    with expect_refusal(UntrustedModel, path, "model format None"):
        load_model(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"format": 1', '"format": 1, "format": 1'),
        ('"ticker": ', '"ticker": "IBM", "ticker": '),
        ('"units": 4', '"units": 4, "units": 5'),
    ],
)
def test_a_key_that_stands_twice_in_the_metadata_is_refused(old, new, model, path, expect_refusal):
    path.write_bytes(change_text(model, old, new))
    with expect_refusal(UntrustedModel, path, "twice"):
        load_model(path)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"text"', "1", "[" * 100_000, '{"format": 1', "\x00", "NaN"],
    ids=lambda text: repr(text[:12]),
)
def test_metadata_that_are_no_json_object_are_refused(text, path, expect_refusal):
    path.write_bytes(save({"head.bias": np.zeros(1, np.float32)}, metadata={"stockcast": text}))
    with expect_refusal(UntrustedModel, path):
        load_model(path)


def put(document, place, value):
    *above, last = place.split(".")
    for key in above:
        document = document[int(key) if key.isdigit() else key]
    document[last] = value


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("ticker", 5),
        ("ticker", "x" * 257),
        ("recipe", None),
        ("recipe.cell", "rnn"),
        ("recipe.cell", None),
        ("recipe.units", 10**9),
        ("recipe.layers", 10**9),
        ("recipe.window", 10**9),
        ("recipe.window", 0),
        ("recipe.units", "4"),
        ("recipe.units", 4.0),
        ("recipe.units", True),
        ("recipe.unknown", 1),
        ("recipe.target", "returns"),
        ("recipe.features", ["close", "close"]),
        ("recipe.horizon", 0),
        ("recipe.horizon", 10**9),
        ("calibration_count", 0),
        ("calibration_count", -1),
        ("calibration_count", 10**7),
        ("calibration_count", "many"),
        ("columns", {"target": "open", "features": ["close"]}),
        ("columns", {"target": "volume", "features": ["volume"]}),
        ("columns.features", ["date"]),
        ("columns.features", []),
        ("scalers", None),
        ("scalers.0.kind", "robust"),
        ("scalers.0.deviation", 0.0),
        ("scalers.0.deviation", -1.0),
        ("scalers.0.deviation", "1.0.0"),
        ("provenance.rows", "many"),
        ("provenance.known_to", None),
        ("provenance.versions", 3),
        ("skill", 0.5),
        ("skill.rmse", "small"),
        ("unknown", 1),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_its_place(place, value, model, path, expect_refusal):
    path.write_bytes(change_metadata(model, lambda document: put(document, place, value)))
    with expect_refusal(UntrustedModel, f"{path}: {place.split('.')[0]}"):
        load_model(path)


@pytest.mark.parametrize(
    "place",
    [
        "ticker",
        "recipe",
        "columns",
        "scalers",
        "provenance",
        "provenance.known_to",
        "skill",
        "calibration_count",
        "columns.target",
    ],
)
def test_a_value_that_is_missing_is_refused_by_its_place(place, model, path, expect_refusal):
    def remove(document):
        *above, last = place.split(".")
        for key in above:
            document = document[key]
        del document[last]

    path.write_bytes(change_metadata(model, remove))
    with expect_refusal(UntrustedModel, f"{path}: {place}"):
        load_model(path)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("key", ["deviation", "rmse", "p_value"])
def test_metadata_with_what_is_no_number_are_refused(key, number, model, path, expect_refusal):
    header, _ = take_apart(serialize_model(model))
    document = json.loads(header["__metadata__"]["stockcast"])
    value = document["scalers"][0][key] if key == "deviation" else document["skill"][key]
    path.write_bytes(change_text(model, f'"{key}": {value!r}', f'"{key}": {number}'))
    with expect_refusal(UntrustedModel, path):
        load_model(path)


def change_row(measure, change):
    """A change of a document in the first row of its path."""
    return lambda document: document["path"][measure].__setitem__(
        0, change(document["path"][measure][0])
    )


BAD_PATHS = {
    "a row too short": change_row("by_return", lambda row: row[1:]),
    "a row too long": change_row("by_range", lambda row: [*row, 0.0]),
    "no row": lambda document: document["path"].update(by_return=[]),
    "of another horizon": lambda document: document["path"].update(
        by_return=document["path"]["by_return"] * 2, by_range=document["path"]["by_range"] * 2
    ),
    "two measures of different steps": lambda document: document["path"].update(
        by_range=document["path"]["by_range"] * 2
    ),
    "text": change_row("by_return", lambda row: ["far", *row[1:]]),
    "a coefficient beyond all sums": change_row("by_range", lambda row: [1e308, *row[1:]]),
    "a third measure": lambda document: document["path"].update(by_night=None),
    "no path at all": lambda document: document.update(path=None),
    "missing": lambda document: document.pop("path"),
    "of another target": lambda document: document["recipe"].update(target="relative", loss="auto"),
    "a signal that there is not": lambda document: document["columns"].update(signals=["moon"]),
}


@pytest.mark.parametrize("what", BAD_PATHS)
def test_a_path_that_cannot_be_is_refused(what, make_history, make_model, path, expect_refusal):
    model = make_model(make_history(), loss="qlike")
    path.write_bytes(change_metadata(model, BAD_PATHS[what]))
    with expect_refusal(UntrustedModel, f"{path}: "):
        load_model(path)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("measure", ["by_return", "by_range"])
def test_a_coefficient_that_is_no_number_is_refused(measure, number, model, path, expect_refusal):
    value = getattr(model.path, measure)[0][0]
    path.write_bytes(change_text(model, f'"{measure}": [[{value!r}', f'"{measure}": [[{number}'))
    with expect_refusal(UntrustedModel, path):
        load_model(path)


def test_a_path_of_the_largest_coefficients_still_gives_numbers(make_history, make_model, path):
    model = make_model(make_history(), loss="qlike")
    rows = [[1e9 * (-1) ** number for number in range(11)]]
    change = lambda document: document["path"].update(by_return=rows, by_range=rows)  # noqa: E731
    path.write_bytes(change_metadata(model, change))
    forecast = forecast_next(load_model(path), make_history())
    assert np.isfinite(forecast.forecast).all()
    assert (forecast.volatility > 0).all()
    assert np.isfinite(forecast.volatility).all()


def test_a_recipe_without_a_loss_is_of_the_first_one_there_was(model, path):
    path.write_bytes(change_metadata(model, lambda document: document["recipe"].pop("loss")))
    assert load_model(path).recipe == model.recipe.model_copy(update={"loss": "squared-error"})


def test_a_model_without_a_path_is_one_of_an_earlier_version(make_history, model, path):
    path.write_bytes(change_metadata(model, lambda document: document.pop("path")))
    again = load_model(path)
    assert again.path is None
    forecast, ours = forecast_next(again, make_history()), forecast_next(model, make_history())
    assert np.array_equal(forecast.forecast, ours.forecast)
    expected = estimate_volatility(make_history(), "adj_close")[-1]
    assert forecast.volatility[0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    "scalers",
    [
        pytest.param([], id="none"),
        pytest.param([{"kind": "deviation", "deviation": 1.0}] * 2, id="two for one feature"),
        pytest.param([{"kind": "min-max", "low": 0.0, "high": 1.0}], id="of another target"),
        pytest.param([{"kind": "relative", "deviation": 1.0}], id="of a third target"),
    ],
)
def test_scalers_that_do_not_fit_the_recipe_are_refused(scalers, model, path, expect_refusal):
    path.write_bytes(change_metadata(model, lambda document: document.update(scalers=scalers)))
    with expect_refusal(UntrustedModel, path, "scaler"):
        load_model(path)


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (2.0, 1.0), (-1.7e308, 1.7e308)])
def test_min_max_numbers_that_cannot_be_are_refused(
    low, high, make_history, make_model, path, expect_refusal
):
    model = make_model(make_history(), target="price")
    scaler = {"kind": "min-max", "low": low, "high": high}
    path.write_bytes(change_metadata(model, lambda document: document.update(scalers=[scaler])))
    with expect_refusal(UntrustedModel, f"{path}: scalers"):
        load_model(path)


@pytest.mark.parametrize(
    ("layers", "units", "horizon"),
    [(64, 4096, 1), (3, 4, 1), (1, 4, 1), (2, 5, 1), (2, 4, 2), (2, 4, 1000)],
)
def test_a_recipe_of_another_network_than_the_tensors_is_refused(
    layers, units, horizon, model, path, expect_refusal
):
    def change(document):
        document["recipe"].update(layers=layers, units=units, horizon=horizon)
        for rows in filter(None, document["path"].values()):
            rows[:] = rows[:1] * horizon

    path.write_bytes(change_metadata(model, change))
    with expect_refusal(UntrustedModel, path, "tensor", hint="stockcast.train(prices)"):
        load_model(path)


@pytest.mark.parametrize(("cell", "other"), [*itertools.permutations(CELLS, 2)])
def test_the_tensors_of_another_cell_than_the_recipe_s_are_refused(
    cell, other, make_history, make_model, path, expect_refusal
):
    model = make_model(make_history(), cell=cell)
    path.write_bytes(change_metadata(model, lambda document: document["recipe"].update(cell=other)))
    with expect_refusal(UntrustedModel, path, "tensor 'layers.0.", hint="stockcast.train(prices)"):
        load_model(path)


def test_a_recipe_without_a_cell_is_an_lstm_s(make_history, make_model, path):
    model = make_model(make_history(), cell="lstm")
    path.write_bytes(change_metadata(model, lambda document: document["recipe"].pop("cell")))
    assert load_model(path).recipe == model.recipe


def test_a_recipe_that_forecasts_another_column_than_the_model_is_refused(
    make_history, make_model, path, expect_refusal
):
    model = make_model(make_history(), column="close")
    path.write_bytes(
        change_metadata(model, lambda document: document["recipe"].update(column="open"))
    )
    with expect_refusal(UntrustedModel, path):
        load_model(path)
