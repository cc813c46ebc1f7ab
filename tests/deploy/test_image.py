"""What goes into the images."""

import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DOCKERFILE = (ROOT / "Dockerfile").read_text()
IGNORED = (ROOT / ".dockerignore").read_text().splitlines()
#: Of the folders that are tracked, those that no program needs.
OUTSIDE = {".ci", "bench", "docs", "tests"}


def test_nothing_gets_in_that_is_not_named() -> None:
    assert next(line for line in IGNORED if line and not line.startswith("#")) == "*"
    named = {line[1:] for line in IGNORED if line.startswith("!")}
    assert not any(name.startswith((".", "var")) for name in named)
    assert "**/.*" in IGNORED


def test_every_folder_of_the_site_gets_in() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folders = {line.partition("/")[0] for line in listed.splitlines() if "/" in line} - OUTSIDE
    named = {line[1:].partition("/")[0] for line in IGNORED if line.startswith("!")}
    assert folders <= named


def test_the_last_stages_are_slim_and_nobody_is_root() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    bases = [stage.split()[0] for stage in stages]
    assert bases == ["python:${PYTHON}-slim-trixie", "python:${PYTHON}-slim-trixie", "caddy:2"]
    version = re.search(r"^ARG PYTHON=(\d+)\.(\d+)$", DOCKERFILE, re.MULTILINE)
    assert version is not None
    assert (int(version[1]), int(version[2])) >= (3, 11)
    for stage in stages[1:]:
        [user] = re.findall(r"^USER (\d+):(\d+)$", stage, re.MULTILINE)
        assert min(map(int, user)) >= 10000
        assert not re.search(r"apt-get|pip |gcc|build-essential", stage)


def test_packages_are_pinned_and_what_is_left_out_is_there_to_be_left_out() -> None:
    assert "--require-hashes" in DOCKERFILE
    assert "--only-binary :all:" in DOCKERFILE
    left_out = re.search(r"\^\(([\w|-]+)\)==", DOCKERFILE)
    assert left_out is not None
    lock = (ROOT / "requirements" / "run.txt").read_text()
    for name in left_out[1].split("|"):
        assert re.search(rf"^{name}==", lock, re.MULTILINE), name


def test_the_image_is_made_without_a_database(tmp_path: Path) -> None:
    environment = {"DATABASE_URL": "postgres:///none", "KREIS_DEBUG": "1", "KREIS_VAR": str(tmp_path), "PATH": ""}
    command = [sys.executable, "manage.py", "prepare", "--files"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "static" / "staticfiles.json").exists()


def test_a_program_that_does_not_exist_is_named_in_a_sentence() -> None:
    command = [sys.executable, "-m", "operations.programs", "cook"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "Kreis: there is no program 'cook', only web, worker, beat.\n"
