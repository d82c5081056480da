"""The house: modules stay short, say what they offer, and do nothing when they are imported."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import grilse

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "grilse"
MODULES = sorted(SOURCE.rglob("*.py"))
MAX_LINES = 400
HEAVY = ("numpy", "pyarrow", "duckdb", "yaml", "rich")

EVERY = pytest.mark.parametrize(
    "path", MODULES, ids=[str(path.relative_to(SOURCE)) for path in MODULES]
)


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@EVERY
def test_modules_are_short_and_say_what_they_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") < MAX_LINES
    assert ast.get_docstring(ast.parse(text)), "no docstring"


@EVERY
def test_what_is_offered_is_there(path: Path) -> None:
    module = import_module(name_of(path))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    offers = getattr(module, "__all__", None)
    if path.name == "__init__.py" and len(tree.body) == 1:
        return
    assert offers is not None, "no __all__"
    assert len(set(offers)) == len(offers)
    for name in offers:
        assert hasattr(module, name), name


@EVERY
def test_what_is_taken_from_another_module_is_offered_there(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("grilse"):
            offers = getattr(import_module(node.module or ""), "__all__", ())
            others = [alias.name for alias in node.names if alias.name not in offers]
            assert [name for name in others if not is_module(f"{node.module}.{name}")] == []


def is_module(name: str) -> bool:
    path = SOURCE.parent.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


@EVERY
def test_names_are_of_the_trade(path: Path) -> None:
    forbidden = r"engine|manager|orchestrator|helpers?|utils?"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [path.stem, *(n.name for n in ast.walk(tree) if isinstance(n, ast.ClassDef))]
    assert not [name for name in names if re.search(forbidden, name, re.IGNORECASE)]


def test_most_bodies_are_short() -> None:
    lengths = sorted(
        node.end_lineno - node.body[_docstring(node) :][0].lineno + 1
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.body[_docstring(node) :]
    )
    assert lengths[len(lengths) // 2] <= 8
    assert lengths[len(lengths) * 9 // 10] < 30


def _docstring(node: ast.FunctionDef) -> int:
    return 1 if ast.get_docstring(node) is not None else 0


@pytest.mark.parametrize("statement", ["import grilse", "import grilse.cli.main"])
def test_importing_loads_nothing_heavy(statement: str) -> None:
    program = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) & set(HEAVY) == set()


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys\nfrom grilse.cli.main import main\nmain(['--help'])\n"
        "print('LOADED', *sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.partition("LOADED")[2].split()) & set(HEAVY) == set()


def test_importing_writes_and_says_nothing(tmp_path: Path) -> None:
    names = [name_of(path) for path in MODULES if path.name != "__main__.py"]
    program = "import sys\n" + "\n".join(f"import {name}" for name in names)
    done = subprocess.run(
        [sys.executable, "-B", "-c", program], capture_output=True, text=True, check=True,
        cwd=tmp_path, env={"HOME": str(tmp_path), "PATH": ""},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_the_version_is_the_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == grilse.__version__
    change_log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {grilse.__version__}" in change_log


def test_the_lock_holds_what_the_project_asks_for_and_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    for requirement in wanted:
        name = re.split(r"[<>=!~ ;\[]", requirement)[0].lower()
        assert re.search(rf"^{re.escape(name)}==\S+ ", lock, re.MULTILINE), name
    assert not re.search(r"https?:|file:|--index|--find-links|--trusted-host", lock)
    entries = re.findall(r"^[a-z0-9._-]+==", lock, re.MULTILINE)
    assert len(re.findall(r"^[a-z0-9._-]+==.*\\\n    --hash=sha256:", lock, re.MULTILINE)) == len(
        entries
    )


def test_the_tests_names_are_unique() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(set(names)) == sorted(names)
