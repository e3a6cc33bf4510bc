"""Every generated file by its path."""

from __future__ import annotations

from pathlib import Path

from manual.commands import read_program
from manual.completions import write_bash, write_fish, write_zsh
from manual.man_pages import write_command_manual, write_program_manual
from manual.pages import (
    write_command_page,
    write_decisions_page,
    write_environment_page,
    write_exit_codes_page,
    write_overview_page,
    write_recipe_page,
)

PAGES = "docs/reference"
SHARE = "manual/share"


def generate(root: Path) -> dict[str, str]:
    """Return path in the project to text, of every generated file."""
    program = read_program()
    readme = (root / "README.md").read_text(encoding="utf-8")
    texts = {
        f"{PAGES}/index.md": write_overview_page(program),
        f"{PAGES}/recipe.md": write_recipe_page(root),
        f"{PAGES}/exit-codes.md": write_exit_codes_page(readme),
        f"{PAGES}/environment.md": write_environment_page(program),
        "docs/decisions/index.md": write_decisions_page(root / "docs/decisions"),
        f"{SHARE}/man/man1/stockcast.1": write_program_manual(program, root),
        f"{SHARE}/bash-completion/completions/stockcast": write_bash(program),
        f"{SHARE}/zsh/site-functions/_stockcast": write_zsh(program),
        f"{SHARE}/fish/vendor_completions.d/stockcast.fish": write_fish(program),
    }
    for command in program.commands:
        texts[f"{PAGES}/{command.name}.md"] = write_command_page(command)
        manual = write_command_manual(command, program, root)
        texts[f"{SHARE}/man/man1/stockcast-{command.name}.1"] = manual
    return texts


def write_all(root: Path) -> list[Path]:
    """Write every generated file, and remove those of commands that are gone."""
    texts = {root / path: text for path, text in generate(root).items()}
    for folder in (PAGES, SHARE):
        for path in (root / folder).rglob("*"):
            if path.is_file() and path not in texts:
                path.unlink()
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return sorted(texts)
