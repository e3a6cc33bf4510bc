"""Another project called stockcast, installed over this one: the error says so, and what to do."""

import os
import shutil
import subprocess
import sys
import sysconfig

import pytest

from tests.support import ROOT, SAMPLES

pytestmark = pytest.mark.process

OTHER = {  # what it overwrites, as its release 0.2 has it
    "stockcast/__init__.py": "__version__ = '0.2.0'\n",
    "stockcast/evaluation/__init__.py": "from .metrics import fill_rate\n",
    "stockcast/evaluation/metrics.py": "def fill_rate():\n    return 1.0\n",
}
METADATA = {
    "METADATA": "Metadata-Version: 2.1\nName: stockcast\nVersion: 0.2\n",
    "top_level.txt": "stockcast\n",
}


@pytest.fixture
def site(tmp_path):
    """A folder with this package, as pip leaves it."""
    folder = tmp_path / "site"
    ignored = shutil.ignore_patterns("__pycache__", "pretrained")
    shutil.copytree(ROOT / "stockcast", folder / "stockcast", ignore=ignored)
    return folder


def overwrite(site, *, only=""):
    for name, text in OTHER.items():
        if name.startswith(only):
            (site / name).write_text(text)
    (site / "stockcast-0.2.dist-info").mkdir()
    for name, text in METADATA.items():
        (site / "stockcast-0.2.dist-info" / name).write_text(text)


def run(site, code, *arguments):
    """Run code with the folder and this environment's libraries, less the editable stockcast."""
    path = os.pathsep.join([str(site), sysconfig.get_path("purelib")])
    return subprocess.run(
        [sys.executable, "-S", "-c", code, *map(str, arguments)],
        cwd=site.parent,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )


COMMAND = "from stockcast.cli.app import main; main()"


@pytest.mark.parametrize("only", ["", "stockcast/evaluation"], ids=["all", "installed before"])
def test_a_command_says_that_another_project_overwrote_its_files(site, only):
    overwrite(site, only=only)
    done = run(
        site, COMMAND, "train", SAMPLES / "FB.csv", "--recipe", "fast", "-o", "m.safetensors"
    )
    assert done.returncode == 2, done.stderr
    message = " ".join(done.stderr.split())
    assert "stockcast installs a package stockcast too: they overwrite each other" in message
    assert "pip uninstall stockcast stockcast-lstm, then install stockcast-lstm again" in message
    assert "a bug in stockcast" not in message


def test_python_says_it_where_a_name_cannot_be_loaded(site):
    overwrite(site, only="stockcast/evaluation")
    done = run(site, "import stockcast; stockcast.train")
    assert "NameClash: stockcast installs a package stockcast too" in done.stderr


def test_a_package_whose_first_file_went_with_the_other_project_says_so(site):
    (site / "stockcast" / "__init__.py").unlink()
    done = run(site, COMMAND, "--version")
    assert done.returncode == 2, done.stderr
    message = " ".join(done.stderr.split())
    assert "is gone, as when another project called stockcast is uninstalled" in message
    assert "pip uninstall stockcast-lstm, then install it again" in message


def test_nothing_is_looked_for_where_all_is_well(site):
    code = "import sys, stockcast; stockcast.StockcastError; print(*sys.modules)"
    loaded = run(site, code).stdout.split()
    assert "stockcast.errors" in loaded
    assert not {"importlib.metadata", "stockcast.imports"} & set(loaded)


def test_an_error_of_our_own_is_still_told_as_one(site):
    (site / "stockcast" / "cli" / "commands" / "doctor.py").write_text("import no_such_module\n")
    done = run(site, COMMAND, "doctor")
    assert done.returncode == 1
    assert "a bug in stockcast: ModuleNotFoundError" in done.stderr
