"""Exported .keras files, opened by Keras in a process that cannot import this package."""

import json
import subprocess
import sys

import numpy as np
import pytest

from stockcast.exporting.formats import export_model
from stockcast.model.file import load_model
from stockcast.networks.network import run_network
from tests.support import SAMPLES, write_untrained_model

pytestmark = pytest.mark.slow

OPEN = """
import json, sys
sys.modules["stockcast"] = None  # from here on it cannot be imported
import keras
import numpy as np
windows, found = np.load(sys.argv[1]), {}
for path in sys.argv[2:]:
    model = keras.models.load_model(path, safe_mode=True)
    found[path] = {
        "name": model.name,
        "layers": [f"{type(layer).__module__}.{layer.name}" for layer in model.layers],
        "dropout": [layer.rate for layer in model.layers if hasattr(layer, "rate")],
        "answers": model(windows).numpy().tolist(),
    }
print(json.dumps(found))
"""


def test_keras_opens_both_cells_without_this_package_and_answers_as_numpy_does(tmp_path):
    windows = np.random.default_rng(0).normal(size=(9, 20, 2)).astype(np.float32)
    np.save(tmp_path / "windows.npy", windows)
    files = {}
    for cell in ("lstm", "gru"):
        model = write_untrained_model(
            tmp_path / f"{cell}.safetensors",
            SAMPLES / "FB.csv",
            cell=cell,
            features=("close", "volume"),
            column="close",
            dropout=0.3,
        )
        path = model.with_suffix(".keras")
        path.write_bytes(export_model(load_model(model), "keras"))
        files[str(path)] = load_model(model)
    run = subprocess.run(
        [sys.executable, "-c", OPEN, tmp_path / "windows.npy", *files],
        capture_output=True,
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stderr.decode()
    found = json.loads(run.stdout.splitlines()[-1])
    for path, model in files.items():
        kind = model.recipe.cell
        names = [kind, "dropout", f"{kind}_1", "dropout_1", "dense"]
        assert [name.rpartition(".")[2] for name in found[path]["layers"]] == names
        assert all(name.startswith("keras.src.layers.") for name in found[path]["layers"])
        assert found[path]["dropout"] == [0.3, 0.3]
        for scaler in model.scalers:
            assert repr(scaler.deviation) in found[path]["name"]
        expected = run_network(windows, model.weights)
        np.testing.assert_allclose(found[path]["answers"], expected, atol=1e-5)
