import subprocess
import sys
from dataclasses import replace

import pytest

from stockcast.errors import MissingLibrary, UsageError
from stockcast.exporting.formats import export_model
from stockcast.model.file import save_model
from stockcast.networks.cells import CELLS


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


@pytest.mark.parametrize("with_scaling", [False, True])
def test_the_same_model_gives_the_same_graph(with_scaling, make_history, make_model):
    first, second = (
        export_model(make_model(make_history()), "onnx", with_scaling=with_scaling)
        for _ in range(2)
    )
    assert first == second


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
    assert "--to onnx needs the library onnx" in run.stderr
    assert "pip install '.[onnx]'" in run.stderr
    assert run.stdout == ""
    assert [file.name for file in tmp_path.iterdir()] == ["m.safetensors"]


@pytest.mark.parametrize("to", ["keras", "onnx"])
def test_a_cell_that_a_format_cannot_compute_is_refused_with_another(
    to, monkeypatch, make_history, make_model, expect_refusal
):
    bare = replace(CELLS["lstm"], keras_layer=None, onnx_operator=None)
    monkeypatch.setitem(CELLS, "lstm", bare)
    with expect_refusal(UsageError, "for the cell lstm", hint='to="npz"'):
        export_model(make_model(make_history()), to)
