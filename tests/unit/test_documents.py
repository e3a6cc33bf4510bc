"""What README and configs say is what the program does."""

import re
from typing import get_type_hints

import pytest

from stockcast import errors
from stockcast.cli.app import COMMANDS, load_command
from stockcast.recipe import PRESETS, Recipe, load_recipe
from tests.support import CONFIGS, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_every_config_is_a_preset_and_every_preset_a_config():
    assert sorted(path.stem for path in (ROOT / "configs").glob("*.toml")) == sorted(PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_a_presets_config_is_the_preset(name):
    assert load_recipe(ROOT / "configs" / f"{name}.toml") == PRESETS[name] == load_recipe(name)


@pytest.mark.parametrize("name", PRESETS)
def test_readme_says_what_each_preset_is(name):
    recipes = README.partition("## Recipes")[2].partition("\n## ")[0]
    assert re.search(rf"^- \*\*.*`{name}`.*\*\*: ", recipes, re.MULTILINE)


def test_the_default_config_explains_every_field():
    text = (CONFIGS / "default.toml").read_text(encoding="utf-8")
    for field in Recipe.model_fields:
        assert re.search(rf"^{field} = ", text, re.MULTILINE), field


def test_readme_lists_every_exit_code_of_an_error_and_no_other():
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    raised = {
        value.exit_code
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.StockcastError)
    }
    assert listed - {0} == raised


def list_flags(command):
    """Return the long flags of a command's function."""
    hints = get_type_hints(command, include_extras=True).values()
    options = [option for hint in hints for option in getattr(hint, "__metadata__", ())]
    # Inside Annotated, Typer takes the first name for the default and puts it right later.
    return {name for option in options for name in (option.default, *(option.param_decls or ()))}


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_every_flag_of_a_command_line_is_one_of_its_command(path):
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    found = 0
    for command, rest in re.findall(rf"stockcast ({'|'.join(COMMANDS)})\b([^|\n`]*)", text):
        flags = set(re.findall(r"--[a-z-]+", rest))
        assert flags <= list_flags(load_command(command)), command
        found += len(flags)
    assert found or path.name != "README.md"


@pytest.mark.parametrize("command", COMMANDS)
def test_readme_has_every_command_in_its_table(command):
    assert re.search(rf"^\| `stockcast {command}\b", README, re.MULTILINE)


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_every_link_to_a_file_of_the_project_leads_to_one(path):
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8"))
    for link in links:
        assert link.startswith("https://") or (path.parent / link).exists(), link


def test_no_text_tells_anyone_to_install_the_other_project_of_this_name():
    texts = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("stockcast/**/*.py")]
    assert len(texts) > 40
    for path in texts:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"pip install\s+['\"]?stockcast\b(?!-lstm)", text), path
