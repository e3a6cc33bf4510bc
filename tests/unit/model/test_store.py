"""A model's place: publishing, keeping, rolling back. Deaths in between are in tests/faults."""

from __future__ import annotations

import pytest

from stockcast.errors import ModelNotFound, UntrustedModel
from stockcast.model.digest import load_hashed
from stockcast.model.file import load_model, serialize_model
from stockcast.model.listing import list_models
from stockcast.model.store import list_earlier, publish_model, roll_back


@pytest.fixture(scope="module")
def models(make_history, make_model):
    """Six models that differ."""
    history = make_history()
    return [make_model(history, weight_seed=seed) for seed in range(6)]


@pytest.fixture(scope="module")
def contents(models):
    return [serialize_model(model) for model in models]


@pytest.fixture
def place(tmp_path):
    return tmp_path / "models" / "GOOG.safetensors"


def read_earlier(place):
    return [path.read_bytes() for path in list_earlier(place)]


@pytest.mark.slow
def test_the_newest_model_is_in_its_place_and_the_earlier_ones_beside_it(place, models, contents):
    for model in models[:3]:
        publish_model(model, place)
    assert place.read_bytes() == contents[2]
    folder = place.parent / ".history" / "GOOG"
    assert [path.relative_to(folder).name for path in list_earlier(place)] == [
        "000001.safetensors",
        "000002.safetensors",
    ]
    assert read_earlier(place) == contents[:2]


@pytest.mark.parametrize("keep", [0, 1, 3])
def test_only_so_many_earlier_models_are_kept(keep, place, contents):
    for content in contents:
        publish_model(content, place, keep=keep)
    assert read_earlier(place) == contents[5 - keep : 5]


def test_publishing_the_same_model_again_pushes_no_other_out(place, contents):
    for content in (*contents[:3], contents[2], contents[2]):
        publish_model(content, place, keep=2)
    assert read_earlier(place) == contents[:2]


def test_numbers_go_on_where_they_were_and_sort_beyond_their_digits(place, contents):
    publish_model(contents[0], place)
    publish_model(contents[1], place)
    first = list_earlier(place)[0]
    first.rename(first.with_name("999999.safetensors"))
    publish_model(contents[2], place)
    publish_model(contents[3], place)
    assert [path.stem for path in list_earlier(place)] == ["999999", "1000000", "1000001"]
    assert read_earlier(place) == contents[:3]


def test_models_of_one_folder_have_a_history_each(place, contents, tmp_path):
    other = place.with_name("GOOG.st")
    for content in contents[:2]:
        publish_model(content, place)
        publish_model(content, other)
    assert {path.name for path in (place.parent / ".history").iterdir()} == {"GOOG", "GOOG.st"}


def test_a_link_to_a_model_is_followed(place, contents, tmp_path):
    publish_model(contents[0], place)
    link = tmp_path / "newest.safetensors"
    link.symlink_to(place)
    publish_model(contents[1], link)
    assert link.is_symlink()
    assert place.read_bytes() == contents[1]
    assert read_earlier(link) == read_earlier(place) == contents[:1]


def test_what_is_there_and_no_model_is_kept_all_the_same(place, contents):
    place.parent.mkdir()
    place.write_bytes(b"something precious")
    publish_model(contents[0], place)
    assert read_earlier(place) == [b"something precious"]


@pytest.mark.slow
def test_rolling_back_goes_one_model_back_each_time(place, models, contents):
    for content in contents[:4]:
        publish_model(content, place)
    for number in (2, 1, 0):
        assert roll_back(place).weights.head_kernel.tobytes() == (
            models[number].weights.head_kernel.tobytes()
        )
        assert place.read_bytes() == contents[number]
        assert read_earlier(place) == contents[:number]
        undone = place.parent / ".history" / "GOOG" / "undone.safetensors"
        assert undone.read_bytes() == contents[number + 1]


def test_publishing_after_a_rollback_keeps_the_model_that_was_rolled_back_to(place, contents):
    for content in contents[:3]:
        publish_model(content, place)
    roll_back(place)
    publish_model(contents[3], place)
    assert place.read_bytes() == contents[3]
    assert read_earlier(place) == contents[:2]


def test_a_model_that_was_removed_comes_back(place, contents):
    publish_model(contents[0], place)
    publish_model(contents[1], place)
    place.unlink()
    roll_back(place)
    assert place.read_bytes() == contents[0]


def test_with_nothing_to_go_back_to_nothing_is_changed(place, contents, expect_refusal):
    publish_model(contents[0], place)
    with expect_refusal(ModelNotFound, "no model before", place, hint="keep=3"):
        roll_back(place)
    assert place.read_bytes() == contents[0]


def test_a_damaged_earlier_model_is_not_rolled_back_to(place, contents, expect_refusal):
    publish_model(contents[0], place)
    publish_model(contents[1], place)
    (earlier,) = list_earlier(place)
    earlier.write_bytes(contents[0][:-1])
    with expect_refusal(UntrustedModel, earlier):
        roll_back(place)
    assert place.read_bytes() == contents[1]


def test_a_folders_models_are_listed_with_what_can_be_told(place, contents):
    for content in contents[:3]:
        publish_model(content, place)
    place.with_name("BAD.safetensors").write_bytes(contents[0][:-1])
    place.with_name("notes.txt").touch()
    bad, good = list_models(place.parent)
    assert (bad.path.name, bad.model) == ("BAD.safetensors", None)
    assert "BAD.safetensors" in bad.problem
    assert (good.path, good.earlier, good.size) == (place, 2, len(contents[2]))
    assert good.model is not None
    assert (good.model.ticker, good.problem) == ("MADEUP", "")


def test_a_folder_that_is_missing_has_no_list(tmp_path, expect_refusal):
    with expect_refusal(ModelNotFound, tmp_path / "models", hint="train"):
        list_models(tmp_path / "models")


def test_a_model_comes_with_the_hash_of_its_bytes(place, contents):
    import hashlib

    publish_model(contents[0], place)
    model, digest = load_hashed(place)
    assert digest == hashlib.sha256(contents[0]).hexdigest()
    assert model.provenance == load_model(place).provenance


def test_a_model_that_is_missing_has_no_hash(place, expect_refusal):
    with expect_refusal(ModelNotFound, place, hint="stockcast.train(prices)"):
        load_hashed(place)
