"""The bootstrap: what can be missing on a machine is told in one clear sentence, and never with a traceback."""

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE_PYTHON: str = getattr(sys, "_base_executable", sys.executable)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A clone as far as the bootstrap looks at it."""
    shutil.copytree(ROOT / "requirements", tmp_path / "tree" / "requirements")
    return tmp_path / "tree"


def install(tree: Path, *, python: str = BASE_PYTHON, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, str(tree / "requirements" / "install.py"), "run"],
        env={"PATH": os.defpath, "HOME": str(tree), "PIP_CONFIG_FILE": os.devnull, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that a failure may print."""
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("Kreis: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def as_module(tree: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("install_of_a_copy", tree / "requirements" / "install.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_old_python_can_read_the_file() -> None:
    ast.parse((ROOT / "requirements" / "install.py").read_text(), feature_version=(3, 6))


def test_old_python_is_refused(tree: Path) -> None:
    (tree / "sitecustomize.py").write_text("import sys\nsys.version_info = (3, 9, 2, 'final', 0)\n")
    words = sentence(install(tree, PYTHONPATH=str(tree), PATH=str(tree)))
    assert "This is Python 3.9, but 3.11 or newer is needed." in words


def test_old_python_goes_on_as_a_newer_one_on_the_path(tree: Path) -> None:
    (tree / "sitecustomize.py").write_text("import sys\nsys.version_info = (3, 9, 2, 'final', 0)\n")
    newer = tree / "python3.12"
    newer.write_text('#!/bin/sh\ntest "$1" = -c || echo "went on with $2"\n')
    newer.chmod(0o755)
    done = install(tree, PYTHONPATH=str(tree), PATH=f"{tree}:/bin:/usr/bin")
    assert done.stdout.strip() == "went on with run"


def test_missing_venv_module_is_told(tree: Path) -> None:
    (tree / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n")
    words = sentence(install(tree, PYTHONPATH=str(tree)))
    assert "sudo apt install python3-venv" in words


@pytest.mark.parametrize(
    "said",
    ["OSError: [Errno 28] No space left on device", "error: failed to write: Disk quota exceeded (os error 122)"],
)
def test_full_disk_is_told(tree: Path, said: str) -> None:
    (tree / "venv.py").write_text(f"raise SystemExit({said!r})\n")
    words = sentence(install(tree, PYTHONPATH=str(tree)))
    assert words.startswith("Kreis: The disk is full: installing needs about 500 MB")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_full_disk_in_truth(tree: Path) -> None:
    place = tree / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets not even root mount")
    try:
        shutil.copytree(tree / "requirements", place / "requirements")
        assert "The disk is full" in sentence(install(place))
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_missing_network_is_told(tree: Path) -> None:
    words = sentence(install(tree, PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0", NO_PROXY="*"))
    assert "registry could not be reached" in words


def test_half_made_environment_is_made_anew(tree: Path) -> None:
    """Killed while packages were installed: a marker stands, and so nothing in .venv is trusted."""
    (tree / ".venv" / "bin").mkdir(parents=True)
    (tree / ".venv" / "bin" / "python").symlink_to(BASE_PYTHON)
    module = as_module(tree)
    stamp = {"place": module.place(), "run": module.digest("run")}
    (tree / ".venv" / "kreis-installed.json").write_text(str(stamp).replace("'", '"'))
    assert module.is_installed("run")
    assert not module.is_installed("all")
    (tree / ".venv" / "kreis-unfinished").touch()
    assert not module.is_installed("run")
    (tree / "venv.py").write_text("import sys\nraise SystemExit(' '.join(sys.argv[1:]))\n")
    (tree / ".venv" / "rubbish").mkdir()
    done = install(tree, PYTHONPATH=str(tree))
    assert done.stderr.endswith(f"{tree}/.venv\n")
    assert [path.name for path in (tree / ".venv").iterdir()] == ["kreis-unfinished"]


def test_all_serves_run_until_the_lock_changes(tree: Path) -> None:
    (tree / ".venv" / "bin").mkdir(parents=True)
    (tree / ".venv" / "bin" / "python").symlink_to(BASE_PYTHON)
    module = as_module(tree)
    stamp = {"place": module.place(), "all": module.digest("all")}
    (tree / ".venv" / "kreis-installed.json").write_text(str(stamp).replace("'", '"'))
    assert module.is_installed("run")
    with (tree / "requirements" / "all.txt").open("a") as lock:
        lock.write("# changed\n")
    assert not module.is_installed("run")


def test_moved_tree_is_installed_anew(tree: Path) -> None:
    (tree / ".venv" / "bin").mkdir(parents=True)
    (tree / ".venv" / "bin" / "python").symlink_to(BASE_PYTHON)
    module = as_module(tree)
    stamp = {"place": module.place(), "run": module.digest("run")}
    (tree / ".venv" / "kreis-installed.json").write_text(str(stamp).replace("'", '"'))
    tree.rename(tree.with_name("moved"))
    assert not as_module(tree.with_name("moved")).is_installed("run")


def test_uv_asks_where_pip_asks(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = as_module(tree)
    for name in list(os.environ):
        if name.startswith(("UV_", "PIP_", "SSL_")):
            monkeypatch.delenv(name)
    settings = {
        "index-url": "https://a.example/simple",
        "extra-index-url": "file:///b file:///c",
        "find-links": "/d /e",
    }
    monkeypatch.setattr(module, "pip_settings", lambda: {**settings, "cert": "/f.pem"})
    environment = module.uv_environment()
    assert environment["UV_DEFAULT_INDEX"] == "https://a.example/simple"
    assert environment["UV_INDEX"] == "file:///b file:///c"
    assert environment["UV_FIND_LINKS"] == "/d,/e"
    assert environment["SSL_CERT_FILE"] == "/f.pem"
    monkeypatch.setenv("UV_INDEX", "https://own.example/simple")
    assert "UV_DEFAULT_INDEX" not in module.uv_environment()


def test_locks_name_no_index() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        words = lock.read_text()
        assert "--hash=sha256:" in words
        assert "://" not in words
