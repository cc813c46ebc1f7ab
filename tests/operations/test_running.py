"""`manage.py` beside the house that runs: its settings, and one sentence where there is none."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from operations.embedded import processes
from operations.embedded.failure import StartError
from operations.house import House, occupied
from operations.running import ENVIRONMENT, enter_house, foreign, note_environment

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def var(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path


def call(var: Path, *words: str, module: str = "", **given: str) -> "subprocess.CompletedProcess[str]":
    """`manage.py`, or the module, in a shell that knows nothing of Kreis but the folder."""
    program = ["-m", module] if module else ["manage.py"]
    environment = {**foreign(os.environ), "VAR": str(var), "KREIS_SITE_NAME": "of the shell", **given}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [sys.executable, *program, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def is_one_sentence(words: str) -> bool:
    return words.startswith("Kreis: ") and words.count("\n") == 1 and words.endswith(".\n")


def test_file_is_for_its_account_alone_and_holds_only_ours(var: Path) -> None:
    note_environment(var, {"DATABASE_URL": "a", "REDIS_URL": "b", "KREIS_DEBUG": "1", "HOME": "/home/x"})
    assert stat.S_IMODE((var / ENVIRONMENT).stat().st_mode) == 0o600
    noted = json.loads((var / ENVIRONMENT).read_text())
    assert noted["environment"] == {"DATABASE_URL": "a", "REDIS_URL": "b", "KREIS_DEBUG": "1"}


def test_settings_of_the_house_count_and_none_of_the_shell(var: Path) -> None:
    note_environment(var, {"DATABASE_URL": "house", "KREIS_DEBUG": "1"})
    shell = {"VAR": str(var), "KREIS_DEBUG": "0", "KREIS_TEST": "1", "REDIS_URL": "shell", "HOME": "/home/x"}
    enter_house(shell)
    assert shell == {"VAR": str(var), "DATABASE_URL": "house", "KREIS_DEBUG": "1", "HOME": "/home/x"}


def test_passwords_for_the_set_up_come_from_the_shell_and_stand_in_no_file(var: Path) -> None:
    given = {"KREIS_SETUP_PASSWORD": "vier ruhige Worte", "KREIS_SETUP_MAIL_PASSWORD": "stille Post"}
    note_environment(var, given | {"KREIS_SITE_NAME": "of the house"})
    assert "ruhige" not in (var / ENVIRONMENT).read_text()
    environment = given | {"VAR": str(var)}
    enter_house(environment)
    assert environment.items() >= given.items()


@pytest.mark.parametrize("pid", [os.getpid(), 2**22 + 1], ids=["somebody else", "nobody"])
def test_file_of_a_killed_house_is_not_believed(var: Path, pid: int) -> None:
    """Also where its number has been given to somebody else since."""
    words = {"pid": pid, "started": "long ago", "environment": {"DATABASE_URL": "gone"}}
    (var / ENVIRONMENT).write_text(json.dumps(words))
    shell = {"VAR": str(var)}
    with pytest.raises(StartError, match="was killed and runs no more"):
        enter_house(shell)
    assert shell == {"VAR": str(var)}


@pytest.mark.parametrize("words", ["", "{}", "[]", '{"pid": 1, "started": "x"}', '{"pid": "x", "started": null}'])
def test_file_that_says_nothing_is_told(var: Path, words: str) -> None:
    (var / ENVIRONMENT).write_text(words)
    with pytest.raises(StartError, match="cannot be read"):
        enter_house({"VAR": str(var)})


def test_file_goes_with_the_house(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / ENVIRONMENT).write_text("left behind")
    with occupied(tmp_path):
        assert not (tmp_path / ENVIRONMENT).exists()
        note_environment(tmp_path, {})
    assert not (tmp_path / ENVIRONMENT).exists()


@pytest.mark.parametrize("module", ["", "operations.manage"])
def test_no_house_is_told_in_one_sentence(var: Path, module: str) -> None:
    done = call(var, "members", "circle", module=module)
    assert done.returncode == 1
    assert done.stderr == f"Kreis: no house runs from {var}: start it with `make run`, or set DATABASE_URL.\n"
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"DATABASE_URL": "postgres://x/y"}, "KREIS_SECRET_KEY is not set."),
        ({"DATABASE_URL": "mysql://x/y", "KREIS_DEBUG": "1"}, "DATABASE_URL must look like"),
        ({"DATABASE_URL": "postgres://x/y", "KREIS_DEBUG": "maybe"}, "KREIS_DEBUG must be 1 or 0"),
    ],
)
def test_missing_and_wrong_settings_are_told_in_one_sentence(var: Path, given: dict[str, str], says: str) -> None:
    done = call(var, "members", "circle", **given)
    assert done.returncode == 1
    assert is_one_sentence(done.stderr), done.stderr
    assert says in done.stderr


def test_words_that_cannot_be_parsed_are_told(var: Path) -> None:
    note_environment(var, {"DATABASE_URL": "postgres://x/y"})
    done = call(var, module="operations.manage", ARGS="invite 'circle")
    assert done.returncode == 1
    assert is_one_sentence(done.stderr), done.stderr


def test_commands_act_in_the_house(var: Path) -> None:
    """`make manage`: ARGS as typed, the settings of the house, also where the shell has others of the same name."""
    house = {
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "REDIS_URL": os.environ.get("REDIS_URL", ""),
        "KREIS_TEST": "1",
        "KREIS_SITE_NAME": "of the house",
        "KREIS_BASE_URL": "http://localhost:8123",
    }
    note_environment(var, house)
    ask = "from django.conf import settings as s; print(s.SITE_NAME, s.BASE_URL)"
    arguments = {"ARGS": f'shell --no-imports -c "{ask}"', "DATABASE_URL": "postgres://nowhere.invalid/none"}
    done = call(var, module="operations.manage", **arguments)
    assert done.stdout == "of the house http://localhost:8123\n", done.stderr
    plain = call(var, "shell", "--no-imports", "-c", ask)
    assert plain.stdout == done.stdout, plain.stderr


# ---- What the programs of the house are told ----


def test_choices_of_the_house_give_way_to_what_is_given(tmp_path: Path) -> None:
    given = {"KREIS_DEBUG": "0", "KREIS_BASE_URL": "https://x.example", "HOME": "/home/x"}
    given |= {"KREIS_SECRET_KEY": "given", "KREIS_SEAL_KEY": "given, too"}
    found = House(tmp_path).environment(given, port=8123)
    assert given.items() <= found.items()
    assert found["KREIS_DEMO"] == "0"
    assert not (tmp_path / "secrets").exists()


def test_empty_values_say_nothing(tmp_path: Path) -> None:
    """`KREIS_SECRET_KEY= make run` ran with an empty key: the given emptiness came last."""
    found = House(tmp_path).environment({"KREIS_SECRET_KEY": "", "KREIS_DEBUG": " ", "EMPTY": ""}, port=8123)
    assert found["KREIS_SECRET_KEY"] == (tmp_path / "secrets" / "secret_key").read_text().strip()
    assert (found["KREIS_DEBUG"], found["KREIS_DEMO"], found["EMPTY"]) == ("1", "1", "")
    assert found["KREIS_BASE_URL"] == "http://localhost:8123"


def test_the_callers_shell_does_not_say_which_house_it_is(tmp_path: Path) -> None:
    given = {"KREIS_VAR": "/other", "KREIS_TEST": "1", "DJANGO_SETTINGS_MODULE": "of.another.project"}
    found = House(tmp_path).environment(given, port=8123)
    assert found["KREIS_VAR"] == str(tmp_path)
    assert found["KREIS_TEST"] == "0"
    assert found["DJANGO_SETTINGS_MODULE"] == "config.settings"


def test_our_own_start_time_is_known() -> None:
    """Else every house would pass for killed."""
    assert processes.start_time(os.getpid())
