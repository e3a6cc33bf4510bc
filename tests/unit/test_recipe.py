"""Recipes: defaults, presets, TOML in and out, and what is refused."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pytest
from pydantic import BaseModel, ValidationError

from stockcast.errors import InvalidRecipe
from stockcast.recipe import (
    ABOUT,
    COLUMNS,
    PRESETS,
    PRICE_COLUMNS,
    About,
    Recipe,
    Shapes,
    _Presets,
    _read_about,
    build_recipe,
    describe_field,
    list_choices,
    list_fields,
    list_presets,
    load_recipe,
)

# A value for each field that is not its default, where there is another.
OTHER_VALUES = {
    "column": "open",
    "features": ("open", "close", "volume", "weekday"),
    "target": "relative",
    "horizon": 5,
    "window": 17,
    "cell": "gru",
    "layers": 3,
    "units": 9,
    "dropout": 0.35,
    "loss": "squared-error",
    "epochs": 7,
    "batch_size": 5,
    "learning_rate": 1e-05,
    "patience": 2,
    "validation": 40,
    "test": 0.25,
    "seed": 123456789,
    "engine": "tensorflow",
    "pooled": True,
    "epoch_windows": 4321,
}

# A field, a value of the wrong type or size as TOML, and what the message must say of it.
BAD_VALUES = [
    ("column", '"volume"', "'volume'"),
    ("column", "3", "3"),
    ("features", '["close", "clos"]', "'clos'"),
    ("features", '"close"', "'close'"),
    ("features", "[1]", "1"),
    ("target", '"returns"', "'returns'"),
    ("horizon", "0", "0"),
    ("horizon", "1001", "1001"),
    ("horizon", "5.0", "5.0"),
    ("window", "0", "0"),
    ("window", "10001", "10001"),
    ("window", "60.0", "60.0"),
    ("window", '"60"', "'60'"),
    ("layers", "0", "0"),
    ("layers", "65", "65"),
    ("units", "0", "0"),
    ("units", "1_000_000_000", "1000000000"),
    ("units", "true", "True"),
    ("dropout", "1.0", "1.0"),
    ("dropout", "-0.1", "-0.1"),
    ("dropout", "nan", "nan"),
    ("epochs", "0", "0"),
    ("epochs", "[]", "[]"),
    ("batch_size", "0", "0"),
    ("learning_rate", "0.0", "0.0"),
    ("learning_rate", "inf", "inf"),
    ("learning_rate", "nan", "nan"),
    ("patience", "-1", "-1"),
    ("validation", "1.0", "1.0"),
    ("validation", "-0.1", "-0.1"),
    ("validation", "nan", "nan"),
    ("validation", "-1", "-1"),
    ("validation", "true", "True"),
    ("test", '"0.1"', "'0.1'"),
    ("test", "10_000_001", "10000001"),
    ("seed", "-1", "-1"),
    ("seed", "2147483648", "2147483648"),
    ("seed", "1979-05-27", "1979"),
]


@pytest.fixture
def write_toml(tmp_path):
    def write(text):
        path = tmp_path / "my.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_default_recipe_is_the_four_layer_network_on_log_returns():
    recipe = Recipe()
    assert (recipe.window, recipe.layers, recipe.units, recipe.dropout) == (60, 4, 50, 0.2)
    assert (recipe.epochs, recipe.batch_size, recipe.target) == (100, 32, "log-return")
    assert recipe.patience == 15
    assert load_recipe("default") == recipe


def test_the_classic_recipe_differs_in_target_loss_and_early_stopping_alone():
    classic, default = load_recipe("classic").to_dict(), Recipe().to_dict()
    differing = {key: classic[key] for key in default if classic[key] != default[key]}
    assert differing == {
        "target": "price",
        "loss": "squared-error",
        "patience": 0,
        "validation": 0,
    }


@pytest.mark.parametrize("target", ["price", "relative"])
def test_how_far_is_said_of_log_returns_alone(target, write_toml, expect_refusal):
    with expect_refusal(InvalidRecipe, f"loss qlike needs target log-return, not {target}"):
        load_recipe(write_toml(f'loss = "qlike"\ntarget = "{target}"\n'))
    assert Recipe(loss="qlike").scored_by == "qlike"


def test_a_recipe_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        Recipe().window = 5


def test_the_other_values_cover_every_field_and_are_none_of_the_defaults():
    assert OTHER_VALUES.keys() == Recipe.model_fields.keys()
    for name, value in OTHER_VALUES.items():
        assert getattr(Recipe(), name) != value or list_choices(name) == (value,)


def test_every_field_says_of_itself_what_help_shows():
    assert list(ABOUT) == list(Recipe.model_fields)
    for about in ABOUT.values():
        assert about.help.endswith(".")


@pytest.mark.parametrize(
    "annotation",
    [
        pytest.param(int, id="a field that says nothing"),
        pytest.param(
            Annotated[int, About("A.", Shapes.DATA), About("B.", Shapes.DATA)], id="one twice"
        ),
    ],
)
def test_a_field_that_does_not_say_one_thing_of_itself_is_refused(annotation):
    silent = type("Silent", (BaseModel,), {"__annotations__": {"depth": annotation}})
    with pytest.raises(TypeError, match="recipe field depth needs one About"):
        _read_about(silent)


@pytest.mark.parametrize("name", sorted(set(OTHER_VALUES) - {"pooled"}))
def test_a_field_shapes_a_series_if_and_only_if_it_says_so(name, make_history):
    """Of a pooled model there is no series of one ticker's own."""
    from stockcast.windows.series import window_history

    values = OTHER_VALUES | {"loss": "qlike"}  # the other is what `auto` comes to here
    one, other = (
        window_history(make_history(300), Recipe(**fields)) for fields in ({}, {name: values[name]})
    )
    first = np.array([0])
    is_same = (
        np.array_equal(one.values, other.values)
        and np.array_equal(one.prices, other.prices)
        and np.array_equal(one.window_starts, other.window_starts)
        and np.array_equal(one.cut_targets(first), other.cut_targets(first))
        and (one.columns, one.spans, one.scalers) == (other.columns, other.spans, other.scalers)
    )
    assert is_same == (name not in list_fields(Shapes.DATA))


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_each_field_survives_toml(name, write_toml):
    recipe = Recipe(**{name: OTHER_VALUES[name]})
    again = load_recipe(write_toml(recipe.to_toml()))
    assert again == recipe
    assert getattr(again, name) == OTHER_VALUES[name]
    assert type(getattr(again, name)) is type(OTHER_VALUES[name])


def test_the_default_preset_comes_first_and_spells_out_the_defaults():
    assert list_presets()[0] == "default"
    assert PRESETS["default"] == Recipe()


def test_a_new_file_in_the_folder_is_a_new_preset(tmp_path):
    (tmp_path / "default.toml").write_text("")
    (tmp_path / "deep.toml").write_text("layers = 9\n")
    presets = _Presets(tmp_path)
    assert dict(presets) == {"default": Recipe(), "deep": Recipe(layers=9)}
    assert len(presets) == 2


def test_a_preset_wins_over_a_file_of_that_name_in_the_folder(tmp_path, monkeypatch):
    (tmp_path / "fast").write_text("layers = 9\n")
    monkeypatch.chdir(tmp_path)
    assert load_recipe("fast") == PRESETS["fast"]
    assert load_recipe("./fast") == Recipe(layers=9)


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_survives_toml(name, write_toml):
    assert load_recipe(write_toml(PRESETS[name].to_toml())) == PRESETS[name]


def test_every_field_at_once_survives_toml(write_toml):
    recipe = Recipe(**OTHER_VALUES)
    assert load_recipe(write_toml(recipe.to_toml())) == recipe


@pytest.mark.parametrize(("value", "kind"), [(0, int), (0.0, float), (1, int), (0.5, float)])
def test_a_span_stays_rows_or_a_share_through_toml(value, kind, write_toml):
    again = load_recipe(write_toml(Recipe(test=value).to_toml()))
    assert type(again.test) is kind
    assert again.test == value


def test_every_field_survives_a_plain_dictionary():
    assert build_recipe(Recipe(**OTHER_VALUES).to_dict(), where="here") == Recipe(**OTHER_VALUES)


def test_keys_that_a_file_leaves_out_are_the_defaults(write_toml):
    assert load_recipe(write_toml("units = 9\n")) == Recipe(units=9)


def test_an_empty_file_is_the_default_recipe(write_toml):
    assert load_recipe(write_toml("")) == Recipe()


def test_overrides_win_over_the_file_and_leave_the_rest(write_toml):
    path = write_toml("units = 9\nwindow = 17\n")
    assert load_recipe(path, {"units": 3}) == Recipe(units=3, window=17)


def test_overrides_win_over_a_preset():
    assert load_recipe("classic", {"epochs": 2}) == Recipe(
        target="price", loss="squared-error", patience=0, validation=0, epochs=2
    )


def test_an_unknown_key_is_named_by_its_file_with_the_nearest_right_one(write_toml, expect_refusal):
    path = write_toml("unit = 9\n")
    with expect_refusal(InvalidRecipe, f"{path}: unknown key 'unit'", hint="did you mean 'units'?"):
        load_recipe(path)


def test_an_unknown_key_like_none_of_them_lists_them_all(write_toml, expect_refusal):
    path = write_toml("zzzz = 9\n")
    with expect_refusal(InvalidRecipe, "'zzzz'", hint=", ".join(Recipe.model_fields)):
        load_recipe(path)


@pytest.mark.parametrize(("name", "toml", "shown"), BAD_VALUES)
def test_a_bad_value_is_named_by_file_and_key(name, toml, shown, write_toml, expect_refusal):
    path = write_toml(f"{name} = {toml}\n")
    with expect_refusal(InvalidRecipe, f"{path}: {name} is ", shown, "expected"):
        load_recipe(path)


@pytest.mark.parametrize("name", sorted(OTHER_VALUES))
def test_a_value_of_no_field_s_type_is_refused_with_what_the_field_means(
    name, write_toml, expect_refusal
):
    path = write_toml(f"{name} = {{ a = 1 }}\n")
    with expect_refusal(InvalidRecipe, f"{path}: {name} is ", hint=describe_field(name)):
        load_recipe(path)


def test_a_misspelt_column_is_answered_with_every_right_one(write_toml, expect_refusal):
    with expect_refusal(InvalidRecipe, "'clos'", "auto", *PRICE_COLUMNS):
        load_recipe(write_toml('column = "clos"\n'))


def test_a_misspelt_feature_is_answered_with_every_right_one(write_toml, expect_refusal):
    with expect_refusal(InvalidRecipe, "'clos'", *COLUMNS):
        load_recipe(write_toml('features = ["clos"]\n'))


def test_a_feature_named_twice_is_refused(write_toml, expect_refusal):
    path = write_toml('features = ["close", "open", "close"]\n')
    with expect_refusal(InvalidRecipe, f"{path}: features has a name twice"):
        load_recipe(path)


def test_a_bad_override_is_named_by_its_flag(write_toml, expect_refusal):
    with expect_refusal(InvalidRecipe, "batch_size= is 0"):
        load_recipe(write_toml("units = 9\n"), {"batch_size": 0})


def test_a_bad_value_of_the_file_is_not_blamed_on_a_flag(write_toml, expect_refusal):
    path = write_toml("units = 0\n")
    with expect_refusal(InvalidRecipe, f"{path}: units is 0"):
        load_recipe(path, {"batch_size": 4})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("units: 9\n", id="another syntax"),
        pytest.param("units = 9\nunits = 8\n", id="a key twice"),
        pytest.param(f"units = {'1' * 5000}\n", id="a number of 5000 digits"),
        pytest.param(f"units = {'[' * 20_000}\n", id="20000 brackets"),
        pytest.param(f"units = {'[' * 5000}{']' * 5000}\n", id="5000 lists in lists"),
        pytest.param("units = 'ab\n", id="a string without its end"),
        pytest.param("\x00", id="a zero byte"),
    ],
)
def test_what_is_not_toml_is_an_invalid_recipe(text, write_toml, expect_refusal):
    path = write_toml(text)
    with expect_refusal(InvalidRecipe, path):
        load_recipe(path)


def test_a_recipe_that_is_not_utf8_is_refused(tmp_path, expect_refusal):
    (tmp_path / "my.toml").write_bytes(b"units = 9 # \xff\n")
    with expect_refusal(InvalidRecipe, tmp_path / "my.toml", "not TOML"):
        load_recipe(tmp_path / "my.toml")


def test_a_file_larger_than_any_recipe_is_refused(write_toml, expect_refusal):
    path = write_toml("#" * 70_000)
    with expect_refusal(InvalidRecipe, path, "larger than any recipe"):
        load_recipe(path)


@pytest.mark.parametrize(("name", "meant"), [("clasic", "classic"), ("fst", "fast")])
def test_a_misspelt_preset_is_answered_with_the_nearest_and_all(name, meant, expect_refusal):
    hint = f"did you mean '{meant}'? there are {', '.join(PRESETS)}, and TOML files"
    with expect_refusal(InvalidRecipe, f"no recipe {name!r}", hint=hint):
        load_recipe(name)


def test_a_missing_recipe_file_is_answered_with_the_presets(tmp_path, expect_refusal):
    path = tmp_path / "none.toml"
    with expect_refusal(InvalidRecipe, path, hint=f"there are {', '.join(PRESETS)}, and TOML"):
        load_recipe(path)


def test_a_folder_is_no_recipe(tmp_path, expect_refusal):
    with expect_refusal(InvalidRecipe, tmp_path):
        load_recipe(tmp_path)


def test_every_field_says_below_its_line_what_it_is():
    assert [name for name in Recipe.model_fields if not describe_field(name)] == []
    assert describe_field("window") == "Timesteps the network looks back."
