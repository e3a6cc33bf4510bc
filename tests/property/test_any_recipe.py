"""Any values are a recipe or an invalid one; any recipe survives its TOML."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stockcast.errors import InvalidRecipe
from stockcast.networks.cells import CELLS
from stockcast.recipe import (
    CALENDAR_FEATURES,
    COLUMNS,
    PRICE_COLUMNS,
    Recipe,
    build_recipe,
    load_recipe,
)
from tests.strategies import TARGETS

SPANS = st.one_of(st.integers(0, 10_000_000), st.floats(0, 1, exclude_max=True, allow_nan=False))
GOOD = {
    "column": st.sampled_from(["auto", *PRICE_COLUMNS]),
    "features": st.lists(st.sampled_from((*COLUMNS, *CALENDAR_FEATURES)), unique=True),
    "target": TARGETS,
    "horizon": st.integers(1, 1_000),
    "window": st.integers(1, 10_000),
    "cell": st.sampled_from(sorted(CELLS)),
    "layers": st.integers(1, 64),
    "units": st.integers(1, 4096),
    "dropout": st.floats(0, 1, exclude_max=True),
    "epochs": st.integers(1, 100_000),
    "batch_size": st.integers(1, 1_000_000),
    "learning_rate": st.floats(0, 1, exclude_min=True),
    "patience": st.integers(0, 100_000),
    "validation": SPANS,
    "test": SPANS,
    "seed": st.integers(0, 2**31 - 1),
    "loss": st.sampled_from(["auto", "squared-error"]),  # qlike is of one target alone
    "engine": st.sampled_from(["auto", "native", "tensorflow"]),
    "pooled": st.booleans(),
    "epoch_windows": st.integers(1, 1_000_000_000),
}
ANY = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.dates(),
        st.integers(5000, 6000).map(lambda digits: 10**digits),
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
    ),
    max_leaves=5,
)


def test_the_good_values_are_of_every_field():
    assert GOOD.keys() == Recipe.model_fields.keys()


@pytest.mark.slow
@given(values=st.fixed_dictionaries({}, optional=GOOD))
def test_any_good_values_are_a_recipe_that_survives_its_toml(values, scratch):
    recipe = build_recipe(values, where="here")
    for name, value in values.items():
        expected = tuple(value) if name == "features" else value
        assert getattr(recipe, name) == expected
        assert type(getattr(recipe, name)) is type(expected)
    path = scratch / "my.toml"
    path.write_text(recipe.to_toml(), encoding="utf-8")
    assert load_recipe(path) == recipe
    assert build_recipe(recipe.to_dict(), where="here") == recipe


@pytest.mark.slow
@given(
    values=st.dictionaries(
        st.one_of(st.sampled_from(sorted(Recipe.model_fields)), st.text(max_size=8)),
        ANY,
        max_size=4,
    )
)
@example(values={"units": 10**5000})
@example(values={"features": [[["close"]]]})
def test_any_values_are_a_recipe_or_an_invalid_one(values):
    with contextlib.suppress(InvalidRecipe):
        assert isinstance(build_recipe(values, where="here"), Recipe)


@pytest.mark.slow
@given(values=st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, ANY)))
def test_any_overrides_are_a_recipe_or_an_invalid_one(values):
    with contextlib.suppress(InvalidRecipe):
        assert isinstance(load_recipe("default", values), Recipe)


@pytest.mark.slow
@given(content=st.one_of(st.binary(max_size=100), st.text(max_size=100).map(str.encode)))
def test_any_bytes_are_a_recipe_or_an_invalid_one(content, scratch):
    path = scratch / "any.toml"
    path.write_bytes(content)
    with contextlib.suppress(InvalidRecipe):
        assert isinstance(load_recipe(path), Recipe)


@given(
    name=st.sampled_from(sorted(Recipe.model_fields)),
    value=st.text(alphabet="[]{}\"'=,.-+_:#0123456789eEinfabT \n", max_size=20),
)
def test_any_text_as_a_value_is_a_recipe_or_an_invalid_one(name, value, scratch):
    path = scratch / "any.toml"
    path.write_text(f"{name} = {value}\n", encoding="utf-8")
    with contextlib.suppress(InvalidRecipe):
        assert isinstance(load_recipe(path), Recipe)
