"""The package as users get it: a wheel in an environment of its own, outside the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=_ROOT, check=True, capture_output=True)
    (found,) = folder.glob("grilse-*.whl")
    return found


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed command: of what is installed here, the environment shares all but Grilse.

    A folder that a .pth file names is searched for modules, but its own .pth files are not read:
    so the checkout that is installed here is not seen there.
    """
    folder = tmp_path_factory.mktemp("environment") / "venv"
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    install = [
        *(sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps"),
        *("--no-index", "--quiet", "--disable-pip-version-check", str(wheel)),
    ]
    subprocess.run(install, check=True, capture_output=True)
    site = next((folder / "lib").glob("python*/site-packages"))
    (site / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin" / "grilse"


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"grilse/py.typed", "grilse/biology/data/atlantic_salmon.yaml"} <= set(names)
    assert {name.partition("/")[0] for name in names} == {
        "grilse", f"{'-'.join(wheel.name.split('-')[:2])}.dist-info"
    }  # fmt: skip
    here = {p.relative_to(_ROOT / "src").as_posix() for p in (_ROOT / "src").rglob("*.py")}
    assert here <= set(names)


@pytest.mark.slow
def test_the_demo_runs_from_it_outside_the_checkout(command: Path, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}

    def said(*words: str) -> str:
        done = subprocess.run(
            [command, *words], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert said("--version").startswith("grilse, version ")
    told = said("demo", "--to", "salmon")
    assert "20 batches" in told
    where = "import grilse; print(grilse.__file__)"
    python = command.with_name("python")
    done = subprocess.run(
        [python, "-c", where], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert str(command.parents[1]) in done.stdout
