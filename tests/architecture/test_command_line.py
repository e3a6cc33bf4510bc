"""The command line: no state in its modules, and below workflows only what is named here."""

import ast

import pytest

from stockcast.cli.app import COMMANDS, load_command
from tests.architecture.import_graph import MODULES, list_imports

CLI = {name: path for name, path in MODULES.items() if name.startswith("stockcast.cli")}
# What may stand in a module under a name that is no constant's.
MADE_ONCE = {"ContextVar", "option_group", "typer.Typer"}
# Below workflows cli/ imports values, what words and writes them, and nothing that does the work.
VALUES = {
    "stockcast",  # the version
    "stockcast.backtesting.cutoffs",  # CutoffOptions
    "stockcast.durations",
    "stockcast.errors",
    "stockcast.evaluation.baselines",  # names for --help
    "stockcast.exporting.formats",  # names for --to
    "stockcast.files",  # -o is written whole, and no input is overwritten
    "stockcast.files.tables",  # rows as text
    "stockcast.fleet.cluster",  # Address
    "stockcast.fleet.executor",  # Executor
    "stockcast.imports",  # whether another project's files stand here
    "stockcast.model.file",  # whether a model is pooled
    "stockcast.model.listing",  # models
    "stockcast.plurals",
    "stockcast.prices.csv.options",  # ReadOptions
    "stockcast.prices.names",  # what a model is called that is made of a file
    "stockcast.progress",
    "stockcast.recipe",
    "stockcast.report.backtest_wording",
    "stockcast.report.model_wording",
    "stockcast.report.page",  # whether a page can be written, before any work
    "stockcast.report.reading_wording",
    "stockcast.report.skill_wording",
    "stockcast.report.sparkline",
    "stockcast.report.tail_wording",
    "stockcast.report.wording",
}


def find_state(text):
    """Yield each place of a module where it keeps what changes, or changes what another keeps."""
    tree = ast.parse(text)
    imported = {
        one.asname or one.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("stockcast")
        for one in node.names
    } - {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        is_set = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del)
        if isinstance(node, ast.Global) or (is_set and ast.unparse(node.value) in imported):
            yield ast.unparse(node)
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            maker = ast.unparse(node.value.func) if isinstance(node.value, ast.Call) else ""
            # A constant and a type begin with a capital letter.
            names = [one.id.lstrip("_") for one in targets if isinstance(one, ast.Name)]
            if maker not in MADE_ONCE and any(name[:1].islower() for name in names):
                yield ast.unparse(node)


@pytest.mark.parametrize("name", CLI)
def test_no_module_keeps_state(name):
    assert list(find_state(CLI[name].read_text())) == []


@pytest.mark.parametrize(
    "line",
    [
        "quiet = False",
        "bar: int | None = None",
        "_console = None",
        "def f():\n    global quiet",
        "from stockcast.cli.output import console\ndef f():\n    console.quiet = True",
    ],
)
def test_the_rule_finds_state(line):
    assert list(find_state(line))


@pytest.mark.slow
def test_the_command_line_imports_workflows_and_the_values_that_are_named_here():
    used = {one for path in CLI.values() for one in list_imports(path.read_text())}
    below = {one for one in used if not one.startswith(("stockcast.cli", "stockcast.workflows"))}
    assert below == VALUES


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_the_common_options_in_one_order_and_reads_none_itself(name):
    import inspect

    options = list(inspect.signature(load_command(name)).parameters)
    common = ["quiet", "verbose", "log_format", "debug"]
    assert [one for one in options if one in common] == common
    source = ast.parse(CLI[f"stockcast.cli.commands.{name}"].read_text())
    (function,) = (
        one for one in source.body if isinstance(one, ast.FunctionDef) and one.name == name
    )
    read = {one.id for one in ast.walk(function) if isinstance(one, ast.Name)}
    taken = [one.arg for one in [*function.args.args, *function.args.kwonlyargs]]
    assert [one for one in taken if one not in read] == []
