import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from stockcast import exporting
from stockcast.errors import MissingLibrary, UsageError
from stockcast.exporting import formats
from stockcast.exporting.formats import FORMATS, describe_interface, export_model
from stockcast.model.file import save_model
from stockcast.networks.cells import CELLS
from tests.support import run_stockcast


@pytest.mark.parametrize("cell", sorted(set(CELLS) - {"lstm", "gru"}))
def test_a_cell_that_keras_lacks_is_refused_before_keras_is_loaded(
    cell, make_history, make_model, expect_refusal
):
    model = make_model(make_history(), cell=cell)
    loaded = "stockcast.exporting.keras_file" in sys.modules
    with expect_refusal(UsageError, f"no layer for the cell {cell}", hint='to="onnx"'):
        export_model(model, "keras")
    assert ("stockcast.exporting.keras_file" in sys.modules) == loaded


@pytest.mark.parametrize("to", ["keras", "npz"])
def test_scaling_goes_along_in_a_graph_alone(to, make_history, make_model, expect_refusal):
    with expect_refusal(UsageError, f"not for {to}", hint='to="onnx"'):
        export_model(make_model(make_history()), to, with_scaling=True)


@pytest.mark.parametrize(("name", "meant"), [("kears", "keras"), ("ONNX", "onnx"), ("zip", "")])
def test_an_unknown_format_is_answered_with_the_nearest_and_all(
    name, meant, make_history, make_model, expect_refusal
):
    guess = f"did you mean {meant!r}? " if meant else ""
    hint = f"{guess}there are keras, onnx, npz"
    with expect_refusal(UsageError, f"no format {name!r}", hint=hint):
        export_model(make_model(make_history()), name)


def test_every_module_of_a_format_is_found_and_no_two_share_a_place():
    modules = Path(formats.__file__).parent.glob("*_format.py")
    assert sorted(path.stem for path in modules) == sorted(f"{name}_format" for name in FORMATS)
    places = [one.place for one in FORMATS.values()]
    assert places == sorted(set(places))


def test_a_module_that_is_added_is_a_format(tmp_path, monkeypatch):
    (tmp_path / "made_up_format.py").write_text(
        "from stockcast.exporting.protocol import ExportFormat\n"
        "FORMAT = ExportFormat('made-up', 0, 'one table.', None, None)\n"
    )
    monkeypatch.setattr(exporting, "__path__", [*exporting.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "stockcast.exporting.made_up_format", raising=False)
    found = formats._find_formats()
    assert list(found) == ["made-up", *FORMATS]
    del sys.modules["stockcast.exporting.made_up_format"]


@pytest.mark.parametrize("to", FORMATS)
def test_a_format_says_in_one_line_what_a_file_takes_and_gives(to, make_history, make_model):
    said = describe_interface(make_model(make_history()), to, with_scaling=False)
    assert said
    assert "\n" not in said


def test_help_of_export_says_of_each_format_what_it_says_of_itself():
    shown = run_stockcast("export", "--help", env={"COLUMNS": "400"}).stdout.decode()
    assert f"<{'|'.join(FORMATS)}>" in shown
    for name, form in FORMATS.items():
        assert f"{name}: {form.help}" in shown


@pytest.mark.parametrize("with_scaling", [False, True])
def test_the_same_model_gives_the_same_graph(with_scaling, make_history, make_model):
    first, second = (
        export_model(make_model(make_history()), "onnx", with_scaling=with_scaling)
        for _ in range(2)
    )
    assert first == second


@pytest.mark.process
def test_without_the_library_the_error_says_how_to_install_it(tmp_path, make_history, make_model):
    save_model(make_model(make_history()), tmp_path / "m.safetensors")
    code = (
        "import sys; sys.modules['onnx'] = None\n"
        "from stockcast.cli.app import main\n"
        f"sys.argv = ['stockcast', 'export', {str(tmp_path / 'm.safetensors')!r}, '--to', 'onnx']\n"
        "main()"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == MissingLibrary.exit_code == 2
    assert "--to onnx needs onnx, which is not installed" in run.stderr
    assert "pip install 'stockcast-lstm[onnx]'" in run.stderr
    assert run.stdout == ""
    assert [file.name for file in tmp_path.iterdir()] == ["m.safetensors"]


@pytest.mark.parametrize("to", ["keras", "onnx"])
def test_a_cell_that_a_format_cannot_compute_is_refused_with_another(
    to, monkeypatch, make_history, make_model, expect_refusal
):
    bare = replace(CELLS["lstm"], keras_layer=None, onnx_operator=None)
    monkeypatch.setitem(CELLS, "lstm", bare)
    with expect_refusal(UsageError, "for the cell lstm", hint='to="npz" writes'):
        export_model(make_model(make_history()), to)
