"""Set-up in a folder of its own: from locks that hold, with pip alone, and not from others.

The short tests take their one package from a folder; only the slow one asks the registry.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

NAME: Final = "onlyhere"
FOLDERS: Final = ("bin", "locks", "native", "src")
NOT_COPIED: Final = shutil.ignore_patterns("__pycache__", "*.so", "target")


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """Make a package that no registry has, in a folder that installers look into."""
    path = tmp_path / "wheels" / f"{NAME}-1.0-py3-none-any.whl"
    path.parent.mkdir()
    about = f"{NAME}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(f"{NAME}.py", "")
        packed.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n")
        packed.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        packed.writestr(f"{about}/RECORD", "")
    return path


@pytest.fixture
def copy(repo_root: Path, tmp_path: Path) -> Path:
    """Copy what set-up reads, without anything that it has made."""
    folder = tmp_path / "copy"
    for name in FOLDERS:
        shutil.copytree(repo_root / name, folder / name, ignore=NOT_COPIED)
    for path in repo_root.iterdir():
        if path.is_file() and (path.suffix in {".toml", ".md", ".lock"} or path.name == "LICENSE"):
            shutil.copy(path, folder)
    return folder


def lock_of(wheel: Path, digest: str = "") -> str:
    found = digest or hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f"{NAME}==1.0 \\\n    --hash=sha256:{found}\n"


def set_up(
    copy: Path, *command: str, wheels: Path | None = None, pip_only: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run a command through `bin/x` of the copy, on the interpreter that runs the tests."""
    settings = {**os.environ, "PYTHON": sys.executable}
    settings.pop("X_NO_UV", None)
    if pip_only:
        settings["X_NO_UV"] = "1"
    if wheels is not None:
        folder = str(wheels)
        settings |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": folder}
        settings |= {"UV_NO_INDEX": "1", "UV_FIND_LINKS": folder, "UV_CACHE_DIR": f"{folder}/cache"}
    return subprocess.run(
        [copy / "bin" / "x", *command], capture_output=True, text=True, check=False, env=settings
    )


def installed(copy: Path) -> bool:
    return any(copy.glob(f".venv/lib/python*/site-packages/{NAME}.py"))


def test_a_package_with_the_hash_of_the_lock_is_installed_by_pip_alone(
    copy: Path, wheel: Path
) -> None:
    (copy / "locks/dev.txt").write_text(lock_of(wheel), encoding="utf-8")
    done = set_up(copy, "true", wheels=wheel.parent)
    assert "with pip, because uv is not to be had" in done.stderr
    assert installed(copy)
    assert not (copy / ".tools").exists()
    # So short a lock has nothing that builds the extension: the stage after it fails, and says so.
    assert done.returncode == 2
    assert "failed: .venv/bin/python -m pip install" in done.stderr.splitlines()[-1]
    assert (copy / ".venv/locks_hash").exists()


def test_pip_refuses_a_package_with_another_hash(copy: Path, wheel: Path) -> None:
    (copy / "locks/dev.txt").write_text(lock_of(wheel, "0" * 64), encoding="utf-8")
    done = set_up(copy, "true", wheels=wheel.parent)
    assert done.returncode == 2
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert f"Expected sha256 {'0' * 64}" in done.stderr
    assert "-r locks/dev.txt" in done.stderr.splitlines()[-1]
    assert not installed(copy)
    assert not (copy / ".venv/locks_hash").exists(), "the next run must try again"


def test_uv_refuses_a_package_with_another_hash(copy: Path, wheel: Path, repo_root: Path) -> None:
    if not (repo_root / ".tools/bin/uv").exists():
        pytest.skip("this environment was set up with pip alone")
    shutil.copytree(repo_root / ".tools", copy / ".tools")
    (copy / "locks/dev.txt").write_text(lock_of(wheel, "0" * 64), encoding="utf-8")
    done = set_up(copy, "true", wheels=wheel.parent, pip_only=False)
    assert done.returncode == 2
    assert f"Hash mismatch for `{NAME}==1.0`" in done.stderr
    assert "failed: .tools/bin/uv pip install" in done.stderr.splitlines()[-1]
    assert not installed(copy)
    assert not (copy / ".venv/locks_hash").exists(), "the next run must try again"


def test_a_uv_with_another_hash_is_not_used(copy: Path, wheel: Path) -> None:
    (copy / "locks/uv.txt").write_text(lock_of(wheel, "0" * 64), encoding="utf-8")
    (copy / "locks/dev.txt").write_text(lock_of(wheel), encoding="utf-8")
    done = set_up(copy, "true", wheels=wheel.parent, pip_only=False)
    assert "DO NOT MATCH THE HASHES" in (copy / ".stamps/uv.log").read_text(encoding="utf-8")
    assert not (copy / ".tools").exists()
    assert "with pip, because uv is not to be had" in done.stderr
    assert installed(copy), "by pip, from the lock that holds"


@pytest.mark.slow
def test_pip_alone_sets_the_whole_project_up(copy: Path) -> None:
    done = set_up(copy, "panshi", "gate", "codes", "--json")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "with pip, because uv is not to be had" in done.stderr
    assert not (copy / ".tools").exists()
    assert done.stdout.startswith(("{", "["))
    assert set_up(copy, "pip", "check").returncode == 0
    # Nothing has changed, so the second run makes nothing.
    again = set_up(copy, "true")
    assert (again.returncode, again.stderr) == (0, "")
