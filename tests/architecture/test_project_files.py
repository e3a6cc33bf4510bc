"""What stands around the program parses, calls what there is, and says the same everywhere."""

import json
import re
import tomllib

import pytest
import yaml

import stockcast
from tests.support import ROOT

if not (ROOT / ".github").is_dir():
    pytest.skip(
        "a source distribution has the program and its tests alone", allow_module_level=True
    )

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
YAMLS = [
    ROOT / "CITATION.cff",
    *sorted(path for path in (ROOT / ".github").rglob("*.yml")),
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = {
    name
    for names in re.findall(r"^\.PHONY: (.+)", MAKEFILE, re.MULTILINE)
    for name in names.split()
}
ELSEWHERE = {"colorama"}  # of systems that the constraints are not for
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))


def list_pins(path):
    """Return name and version of each `name==version` line of a file of requirements."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pins = (re.match(r"([\w.-]+)==([^\s;]+)", line) for line in lines)
    return {re.sub(r"[-_.]+", "-", pin[1]).lower(): pin[2] for pin in pins if pin}


def read_yaml(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def list_steps(path):
    return [step for job in read_yaml(path)["jobs"].values() for step in job["steps"]]


def test_there_are_workflows_and_forms():
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "release.yml"]
    assert len(YAMLS) >= 7


@pytest.mark.parametrize("path", YAMLS, ids=lambda path: path.name)
def test_a_yaml_file_parses(path):
    assert read_yaml(path)


def test_the_development_container_parses():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert container["postCreateCommand"].removeprefix("make ") in TARGETS


@pytest.mark.parametrize("path", [*WORKFLOWS, *PAGES], ids=lambda path: path.name)
def test_a_make_target_that_is_named_exists(path):
    text = path.read_text(encoding="utf-8")
    if path in WORKFLOWS:
        text = "\n".join(step.get("run", "") for step in list_steps(path))
        named = re.findall(r"^make ([a-z][a-z-]+)", text, re.MULTILINE)
        assert named
    else:
        named = re.findall(r"`(?:[A-Z_]+=\S+ )*make ([a-z][a-z-]+)", text)
    assert set(named) <= TARGETS


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_an_action_is_pinned_to_a_commit_and_a_job_may_do_no_more_than_it_says(path):
    workflow = read_yaml(path)
    used = [step["uses"] for step in list_steps(path) if "uses" in step]
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one)] == []
    assert workflow["permissions"] == {}
    assert all(job["permissions"] for job in workflow["jobs"].values())


def test_ci_runs_the_pythons_that_are_promised():
    pythons = read_yaml(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["tests"]["strategy"]
    promised = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert pythons["matrix"]["python"] == promised


def test_versions_agree():
    headings = re.findall(
        r"^## \[(.+?)\](?: - \d{4}-\d\d-\d\d)?$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    newest = next(one for one in headings if one != "Unreleased")
    assert newest == stockcast.__version__
    assert read_yaml(ROOT / "CITATION.cff")["version"] == stockcast.__version__


def test_the_locked_file_has_the_versions_of_the_constraints():
    constraints = list_pins(ROOT / "constraints.txt")
    locked = list_pins(ROOT / ".github" / "requirements-ci.txt")
    assert len(locked) > 100
    assert locked.keys() - constraints.keys() <= ELSEWHERE
    assert {
        name for name in locked.keys() & constraints if locked[name] != constraints[name]
    } == set()


@pytest.mark.parametrize("name", ["requirements-ci.txt", "requirements-tools.txt"])
def test_a_locked_file_has_hashes_and_no_address(name):
    text = (ROOT / ".github" / name).read_text(encoding="utf-8")
    pinned = re.split(r"\n(?=\S)", text.strip())
    assert [one for one in pinned if "--hash=sha256:" not in one] == []
    assert "://" not in text


def test_the_locked_file_has_all_that_the_tests_need():
    locked = list_pins(ROOT / ".github" / "requirements-ci.txt")
    extras = PROJECT["optional-dependencies"]
    wanted = [
        *PROJECT["dependencies"],
        *extras["dev"],
        *extras["tensorflow"],
        "hatchling",
        "editables",
    ]
    names = {re.match(r"[\w-]+", one)[0].replace("_", "-").lower() for one in wanted}
    assert names - {PROJECT["name"]} <= set(locked)
