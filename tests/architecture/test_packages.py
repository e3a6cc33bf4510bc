"""What is packed: an installed stockcast has all that a checkout has."""

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from stockcast.recipe import PRESETS
from stockcast.workflows.demo import SAMPLE
from tests.support import ROOT


@pytest.fixture(scope="module", params=[WheelBuilder, SdistBuilder], ids=["wheel", "sdist"])
def packed(request):
    """The paths of all files that would be packed."""
    builder = request.param(str(ROOT))
    return {file.distribution_path for file in builder.recurse_included_files()}


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_packed(name, packed):
    assert f"stockcast/presets/{name}.toml" in packed


def test_the_prices_of_the_demo_are_packed(packed):
    assert SAMPLE.is_file()
    assert not SAMPLE.is_symlink()
    assert str(SAMPLE.relative_to(ROOT)) in packed


def test_every_file_of_the_package_is_packed(packed):
    files = [path for path in (ROOT / "stockcast").rglob("*") if path.is_file()]
    ours = {str(path.relative_to(ROOT)) for path in files if path.suffix != ".pyc"}
    assert len(ours) > 200
    assert ours <= packed
