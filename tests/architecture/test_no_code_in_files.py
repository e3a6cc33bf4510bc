"""Nothing that is read from a file can name code to run."""

import ast
from pathlib import Path

import pytest

import stockcast
from tests.architecture.syntax import list_nodes

ROOT = Path(stockcast.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
LOADERS = {"load_model", "load_weights", "deserialize_keras_object", "from_config"}


def find_what_runs_code(text):
    """Yield what is in a module that could run what a file says."""
    for node in list_nodes(text):
        if isinstance(node, ast.Import):
            yield from {name.name.partition(".")[0] for name in node.names} & FORBIDDEN_MODULES
        elif isinstance(node, ast.ImportFrom):
            yield from {(node.module or "").partition(".")[0]} & FORBIDDEN_MODULES
            if node.module != "stockcast.model.file":
                yield from {name.name for name in node.names} & LOADERS
        elif isinstance(node, ast.Call):
            yield from find_in_call(node)


def find_in_call(node):
    called = ast.unparse(node.func)
    yield from {called} & FORBIDDEN_CALLS
    if "." in called:
        yield from {called.rpartition(".")[2]} & LOADERS
    for word in node.keywords:
        if word.arg == "allow_pickle" and ast.unparse(word.value) != "False":
            yield "allow_pickle"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_reads_what_could_run_code(path):
    assert list(find_what_runs_code(path.read_text())) == []


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "import joblib.numpy_pickle",
        "from pickle import loads",
        "keras.models.load_model(path)",
        "from keras.models import load_model",
        "np.load(path, allow_pickle=True)",
        "exec(text)",
    ],
)
def test_the_rule_finds_what_it_forbids(line):
    assert list(find_what_runs_code(line))


def test_our_own_reader_of_models_is_no_such_thing():
    text = "from stockcast.model.file import load_model\nload_model(path)"
    assert list(find_what_runs_code(text)) == []
