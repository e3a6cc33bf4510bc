"""Nothing that is read from a file can name code to run."""

import ast
from pathlib import Path

import pytest

import stockcast

ROOT = Path(stockcast.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
LOADERS = {"load_model", "load_weights", "deserialize_keras_object", "from_config", "import_module"}


def find_what_runs_code(text):
    """Yield each line's number and what is there that could run what a file says."""
    imported = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = {name.name.partition(".")[0] for name in node.names}
            yield from ((node.lineno, name) for name in names & FORBIDDEN_MODULES)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if module.partition(".")[0] in FORBIDDEN_MODULES:
                yield node.lineno, module
            if module == "stockcast.model.file":
                imported |= {name.asname or name.name for name in node.names}
            elif set(LOADERS) & {name.name for name in node.names}:
                yield node.lineno, module
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            last = called.rpartition(".")[2]
            if called in FORBIDDEN_CALLS or (last in LOADERS and called != last):
                yield node.lineno, called
            for word in node.keywords:
                if word.arg == "allow_pickle" and ast.unparse(word.value) != "False":
                    yield node.lineno, "allow_pickle"


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
        "importlib.import_module(name)",
        "np.load(path, allow_pickle=True)",
        "exec(text)",
    ],
)
def test_the_rule_finds_what_it_forbids(line):
    assert list(find_what_runs_code(line))


def test_our_own_reader_of_models_is_no_such_thing():
    text = "from stockcast.model.file import load_model\nload_model(path)"
    assert list(find_what_runs_code(text)) == []
