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
PAGES = sorted(
    path
    for folder in (".", "docs", "docs/decisions", "docs/reference", "benchmarks", "sample_data")
    for path in (ROOT / folder).glob("*.md")
)


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


def read_prose(path):
    """Return a page without its blocks of code and code in lines, where a bracket is no link."""
    text = re.sub(r"^(```|~~~).*?^\1", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"(`+).+?\1", "", text)


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_a_link_of_the_site_is_called_like_its_page_and_not_like_a_file(path):
    assert re.findall(r"\[[\w/-]+\.md\]\(", read_prose(path.resolve())) == []


def list_anchors(path):
    """Return the anchors of a page's headings, as GitHub names them and the site too."""
    text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    anchors, seen = set(), {}
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower().strip()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        count = seen[anchor] = seen.get(anchor, -1) + 1
        anchors.add(f"{anchor}-{count}" if count else anchor)
    return anchors


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_every_anchor_to_a_heading(path):
    links = re.findall(r"\]\(<?([^)\s>]+)>?[^)]*\)|(?:href|src)=\"([^\"]+)\"", read_prose(path))
    for link in map("".join, links):
        if re.match(r"https?://", link):
            continue
        file, _, anchor = link.partition("#")
        # What a link in a page that lies elsewhere too is relative to is the page itself.
        target = (path.resolve().parent / file) if file else path
        assert target.exists(), link
        assert not anchor or anchor in list_anchors(target), link


def test_every_image_says_what_it_shows():
    images = [one for path in PAGES for one in re.findall(r"!\[([^]]*)\]\(", read_prose(path))]
    assert len(images) > 5
    assert [one for one in images if len(one) < 20] == []


@pytest.mark.slow
def test_every_page_that_the_program_names_is_there():
    files = [*ROOT.glob("stockcast/**/*.py"), *ROOT.glob("stockcast/**/*.toml"), ROOT / "Makefile"]
    named = [
        (str(path.relative_to(ROOT)), page, anchor)
        for path in [*files, *PAGES]
        for page, anchor in re.findall(
            r"\b(docs/[\w/-]+\.(?:md|png|svg))(?:#([\w-]+))?", path.read_text("utf-8")
        )
    ]
    assert len(named) > 40
    for path, page, anchor in named:
        assert (ROOT / page).exists(), f"{path} names {page}"
        assert not anchor or anchor in list_anchors(ROOT / page), f"{path} names {page}#{anchor}"


def test_the_site_has_every_page_and_no_other():
    text = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:")[2]
    listed = re.findall(r"^ +- (?:[\w ]+: )?([\w/-]+\.md)$", text, re.MULTILINE)
    docs = ROOT / "docs"
    there = {str(path.relative_to(docs)) for path in docs.rglob("*.md")}
    # The decisions are listed on a page of their own.
    there -= {one for one in there if re.match(r"decisions/\d", one)}
    assert len(listed) == len(set(listed))
    assert set(listed) == there


def test_no_text_tells_anyone_to_install_the_other_project_of_this_name():
    texts = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("stockcast/**/*.py")]
    assert len(texts) > 40
    for path in texts:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"pip install\s+['\"]?stockcast\b(?!-lstm)", text), path
