"""What a search may choose from, and what is refused."""

from __future__ import annotations

import pytest

from stockcast.errors import InvalidRecipe, InvalidSpace, UsageError
from stockcast.tuning.space import BASE, Choice, Range, label_value, make_space

DEFAULT = {"default": "default"}


@pytest.fixture
def write_space(write_csv):
    return lambda *lines: write_csv(lines, "space.toml")


def test_a_file_has_lists_ranges_and_log_ranges(write_space):
    path = write_space(
        'cell = ["lstm", "gru"]',
        "layers = { from = 1, to = 3 }",
        "dropout = { from = 0, to = 0.5, step = 0.25 }",
        "learning_rate = { from = 0.001, to = 0.1, log = true }",
        'features = [["close"], ["close", "volume"]]',
    )
    space = make_space(path, DEFAULT, {})
    assert space.dimensions["cell"] == Choice(("lstm", "gru"))
    assert space.dimensions["layers"] == Range(1, 3)
    assert space.dimensions["layers"].is_whole
    assert space.dimensions["dropout"] == Range(0.0, 0.5, 0.25)
    assert not space.dimensions["dropout"].is_whole
    assert space.dimensions["learning_rate"].log
    assert space.dimensions["features"].labels == ("close", "close,volume")
    labels = {
        "cell": "gru", "layers": 2, "dropout": 0.25, "learning_rate": 0.01,
        "features": "close,volume",
    }  # fmt: skip
    recipe = space.build(labels)
    assert (recipe.cell, recipe.layers, recipe.features) == ("gru", 2, ("close", "volume"))


def test_a_field_that_was_given_is_not_searched_by_default():
    space = make_space(None, DEFAULT, {"layers": 2})
    assert "layers" not in space.dimensions
    assert space.build({name: one.ends[0] for name, one in space.dimensions.items()}).layers == 2


def test_a_cell_to_begin_with_settles_the_cell():
    space = make_space(None, {"gru": "gru"}, {})
    assert "cell" not in space.dimensions
    assert space.bases["gru"].cell == "gru"


def test_of_several_recipes_the_search_chooses_one():
    space = make_space({"window": [5, 10]}, {"fast": "fast", "gru": "gru"}, {})
    assert list(space.all_dimensions) == [BASE, "window"]
    assert space.build({BASE: "fast", "window": 5}).units == 16
    assert space.build({BASE: "gru", "window": 5}).cell == "gru"


def test_the_longest_recipe_has_the_longest_window_of_the_space():
    assert make_space({"window": {"from": 5, "to": 90}}, DEFAULT, {}).longest.window == 90
    assert make_space({"layers": [1, 2]}, {"fast": "fast"}, {}).longest.window == 20


def test_validation_losses_are_alike_where_what_they_measure_is_not_searched():
    assert make_space({"window": [5, 10]}, DEFAULT, {}).has_one_loss
    assert not make_space({"target": ["price", "log-return"]}, DEFAULT, {}).has_one_loss


@pytest.mark.parametrize(
    ("lines", "part", "hint"),
    [
        (["layer = [1, 2]"], "unknown field 'layer'", "'layers'"),
        (
            ["layers = { from = 4, to = 1 }"],
            "from 4 to 1, which is upside down",
            "from = 1, to = 4",
        ),
        (["layers = { from = 0, to = 4 }"], "layers is 0", ""),
        (["layers = { from = 1, to = 2.5 }"], "layers is 2.5", ""),
        (["layers = { low = 1, high = 4 }"], "unknown key 'low'", "from = 1, to = 4"),
        (["layers = { from = 1 }"], "is no range", "from = 1, to = 4"),
        (["layers = []"], "no value to choose from", ""),
        (["layers = [1, 1]"], "a value twice", ""),
        (["dropout = { from = 0, to = 0.5, log = true }"], "log range from 0", "above 0"),
        (["dropout = { from = 0, to = 0.5, step = 0 }"], "step 0", "above 0"),
        (['cell = ["lstm", "rnn"]'], "cell is 'rnn'", ""),
        (["seed = [1, 2]"], "seed is not searched", ""),
        (["horizon = [1, 5]"], "cannot be compared", "horizon="),
        (["window = ["], "is not TOML", ""),
        ([], "nothing is searched", ""),
    ],
)
def test_what_is_no_space_is_refused_with_what_to_do(
    lines, part, hint, write_space, expect_refusal
):
    with expect_refusal(InvalidSpace, part, hint=hint):
        make_space(write_space(*lines), DEFAULT, {})


def test_a_file_that_is_not_there_is_refused(tmp_path, expect_refusal):
    with expect_refusal(InvalidSpace, "cannot read", "nowhere.toml"):
        make_space(tmp_path / "nowhere.toml", DEFAULT, {})


def test_a_field_cannot_be_searched_and_given(expect_refusal):
    with expect_refusal(InvalidSpace, "window is searched, and window= settles it"):
        make_space({"window": [5, 10]}, DEFAULT, {"window": 20})
    with expect_refusal(InvalidSpace, "cell is searched, and models= settles it"):
        make_space({"cell": ["lstm", "gru"]}, {"gru": "gru"}, {})


def test_what_is_no_recipe_to_begin_with_is_refused(expect_refusal):
    with expect_refusal(UsageError, "no recipe 'defalt'", hint="'default'"):
        make_space(None, {"defalt": "defalt"}, {})


def test_values_that_do_not_go_together_are_a_trials_own_affair():
    space = make_space({"loss": ["qlike", "squared-error"]}, DEFAULT, {"target": "price"})
    assert space.build({"loss": "squared-error"}).target == "price"
    with pytest.raises(InvalidRecipe, match="qlike needs"):
        space.build({"loss": "qlike"})


def test_a_label_is_what_a_table_can_hold():
    assert label_value(("open", "close")) == "open,close"
    assert label_value(3) == 3
