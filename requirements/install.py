"""Make or mend `.venv`, then be the program asked for: `install.py run|all [arguments for .venv's python]`.

`install.py lock` compiles the locks from pyproject.toml; UPGRADE=1 takes the newest versions it allows.

Runs before anything is installed, on any Python: it must parse on 3.6 to be able to say that 3.6 is too old.
What it installs is pinned with hashes in run.txt and all.txt beside it; uv, which is quick, in uv.txt.
Where uv cannot be had, pip alone installs the same.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec

MINIMUM = (3, 11)
NEWER = ["python3.14", "python3.13", "python3.12", "python3.11"]
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
UV = os.path.join(VENV, "bin", "uv")
STAMP = os.path.join(VENV, "kreis-installed.json")
# Stands while something is being installed; found at start, it says that the last time was cut short.
UNFINISHED = os.path.join(VENV, "kreis-unfinished")
LOG = os.path.join(VENV, "kreis-install.log")
HELD: "list[int]" = []  # the lock, while it is ours

DISK_FULL = re.compile(
    r"no space left on device|disk quota exceeded|errno 28\b|os error 28\b|errno 122\b", re.IGNORECASE
)
TOO_LITTLE_BYTES = 4 * 1024 * 1024  # not everybody says why they stopped
NO_NETWORK = re.compile(
    r"name resolution|name or service not known|nodename nor servname|dns error|failed to lookup address|"
    r"newconnectionerror|connection refused|network is unreachable|no route to host|connecttimeout|timed out|"
    r"error sending request|failed to fetch|client error \(connect\)|proxyerror|tunnel error",
    re.IGNORECASE,
)
WRONG_HASH = re.compile(r"do not match the hashes|hash mismatch", re.IGNORECASE)


class Problem(Exception):
    """One sentence for the person in front of the terminal."""


class Failed(Exception):
    """A program said no; `words` are the last it said."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def main(arguments: "list[str]") -> None:
    want_python()
    kind, rest = arguments[0], arguments[1:]
    try:
        if kind == "lock":
            install_once("all")
            lock()
        else:
            install_once(kind)
    except OSError as error:
        raise explained(str(error)) from error
    if rest:
        os.environ["PATH"] = os.path.join(VENV, "bin") + os.pathsep + os.environ.get("PATH", os.defpath)
        sys.stdout.flush()
        os.execv(PYTHON, [PYTHON, *rest])  # nosec B606


# ---- which Python ------------------------------------------------------------------------------------------


def want_python() -> None:
    """Go on as a newer Python where this one is too old and another is there; else say what is missing."""
    if sys.version_info < MINIMUM:
        for name in NEWER:
            path = shutil.which(name)
            if path and answers(path):
                os.execv(path, [path, *sys.argv])  # nosec B606
        raise Problem(
            f"This is Python {sys.version_info[0]}.{sys.version_info[1]}, but 3.11 or newer is needed. "
            "Install one, or name it: make run PYTHON=/path/to/python3.12"
        )


def answers(path: str) -> bool:
    """A shim of a version manager may stand on the PATH with nothing behind it."""
    check = f"import sys; sys.exit(sys.version_info < {MINIMUM})"
    return subprocess.call([path, "-c", check], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def want_venv_module() -> None:
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise Problem(
            "Python's venv module is missing. On Debian and Ubuntu it is a package of its own: "
            f"sudo apt install python3-venv (or python3.{sys.version_info[1]}-venv); then start again."
        )


# ---- is there anything to do? ------------------------------------------------------------------------------


def is_installed(kind: str) -> bool:
    """Whether what stands in .venv is what the lock says. `all` holds `run`."""
    if os.path.exists(UNFINISHED) or not os.access(PYTHON, os.X_OK):
        return False
    stamp = read_stamp()
    if stamp.get("place") != place():
        return False
    return stamp.get(kind) == digest(kind) or stamp.get("all") == digest("all")


def read_stamp() -> "dict[str, str]":
    try:
        with open(STAMP) as file:
            stamp = json.load(file)
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def place() -> str:
    """The folder, because scripts hold its path; the interpreter, because packages are made for it."""
    return VENV + " " + os.path.realpath(PYTHON)


def digest(kind: str) -> str:
    with open(os.path.join(HERE, kind + ".txt"), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


# ---- install -----------------------------------------------------------------------------------------------


def install_once(kind: str) -> None:
    """One at a time: `make run` and `make test` may be started together.

    The programs that install hold the lock too: after a kill -9 of this one they may still be at work.
    """
    if is_installed(kind):
        return
    held = os.open(HERE, os.O_RDONLY)
    HELD.append(held)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("waiting for another installation to end …")
        fcntl.flock(held, fcntl.LOCK_EX)
    try:
        if not is_installed(kind):
            install(kind)
    finally:
        os.close(HELD.pop())


def install(kind: str) -> None:
    started = time.time()
    say("installing what it needs into .venv (the first time takes a moment) …")
    anew = os.path.exists(UNFINISHED) or not is_usable()
    os.makedirs(VENV, exist_ok=True)
    open(UNFINISHED, "w").close()
    if anew:
        make_venv()
    stamp = read_stamp() if read_stamp().get("place") == place() else {}
    install_packages(kind)
    stamp.update({"place": place(), kind: digest(kind)})
    if kind == "run" and stamp.get("all") != digest("all"):
        stamp.pop("all", None)
    with open(STAMP + ".new", "w") as file:
        json.dump(stamp, file)
    os.replace(STAMP + ".new", STAMP)
    os.remove(UNFINISHED)
    say(f"installed in {time.time() - started:.0f} s.")


def is_usable() -> bool:
    """A .venv made by hand stays and is brought up to date; one of another Python or place is made anew."""
    stamp = read_stamp()
    moved = bool(stamp) and stamp.get("place") != place()
    return not moved and os.access(PYTHON, os.X_OK) and answers(PYTHON)


def make_venv() -> None:
    want_venv_module()
    python = getattr(sys, "_base_executable", None) or sys.executable
    for entry in list(os.scandir(VENV)):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        elif entry.path != UNFINISHED:
            os.remove(entry.path)
    try:
        run([python, "-m", "venv", VENV], log=False)
    except Failed as failed:
        raise explained(failed.words, "Python could not make the folder .venv.") from failed


def install_packages(kind: str) -> None:
    locked = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", os.path.join(HERE, kind + ".txt")]
    if not os.environ.get("KREIS_NO_UV") and has_uv():
        try:
            run([UV, "pip", "install", "--python", PYTHON, *locked], environment=uv_environment())
            return
        except Failed as failed:
            if DISK_FULL.search(failed.words) or WRONG_HASH.search(failed.words):
                raise explained(failed.words) from failed
            say("uv could not do it; pip tries the same.")
    try:
        run([*pip(), "install", *locked])
    except Failed as failed:
        raise explained(failed.words, f"The packages could not be installed; see {LOG}.") from failed


def has_uv() -> bool:
    lock = os.path.join(HERE, "uv.txt")
    try:
        run(
            [
                *pip(),
                "install",
                "--quiet",
                "--retries",
                "2",
                "--require-hashes",
                "--only-binary",
                ":all:",
                "-r",
                lock,
            ]
        )
    except Failed as failed:
        if DISK_FULL.search(failed.words) or NO_NETWORK.search(failed.words):
            raise explained(failed.words) from failed
        return False
    return True


def pip() -> "list[str]":
    command = [PYTHON, "-m", "pip", "--disable-pip-version-check"]
    if subprocess.call([*command, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        try:
            run([PYTHON, "-m", "ensurepip"])
        except Failed:
            want_venv_module()
            raise
    return command


def lock() -> None:
    """No address of an index may get into the files: everybody has another."""
    if not os.access(UV, os.X_OK) and not has_uv():
        raise Problem("Locks are compiled by uv, which could not be installed.")
    command = [UV, "pip", "compile", "--python-version", "3.11", "--universal", "--generate-hashes", "--no-header"]
    command += ["--no-emit-index-url", "--no-emit-find-links", *(["--upgrade"] if os.environ.get("UPGRADE") else [])]
    os.chdir(ROOT)
    for kind, source in {
        "run": ["pyproject.toml", "--extra", "embedded"],
        "all": ["pyproject.toml", "--extra", "embedded", "--extra", "development"],
        "uv": ["--no-annotate", "requirements/uv.in"],
    }.items():
        run([*command, *source, "-o", f"requirements/{kind}.txt"], environment=uv_environment())
        say(f"requirements/{kind}.txt is compiled.")


# ---- uv asks where pip is told to ask ----------------------------------------------------------------------


def uv_environment() -> "dict[str, str]":
    """pip's settings (files and variables) in uv's words; nothing where uv has settings of its own."""
    environment = dict(os.environ, UV_PYTHON_DOWNLOADS="never", UV_NO_PROGRESS="1")
    own = [
        "UV_DEFAULT_INDEX",
        "UV_INDEX_URL",
        "UV_INDEX",
        "UV_EXTRA_INDEX_URL",
        "UV_FIND_LINKS",
        "UV_CONFIG_FILE",
    ]
    if any(os.environ.get(name) for name in own):
        return environment
    settings = pip_settings()
    translated = {
        "UV_DEFAULT_INDEX": settings.get("index-url"),
        "UV_INDEX": " ".join(settings.get("extra-index-url", "").split()),
        "UV_FIND_LINKS": ",".join(settings.get("find-links", "").split()),
        "UV_INSECURE_HOST": " ".join(settings.get("trusted-host", "").split()),
        "UV_NO_INDEX": "1" if settings.get("no-index", "").lower() in ("1", "true", "yes", "on") else "",
        "SSL_CERT_FILE": os.environ.get("SSL_CERT_FILE") or settings.get("cert"),
        "HTTPS_PROXY": os.environ.get("HTTPS_PROXY") or settings.get("proxy"),
        "UV_HTTP_TIMEOUT": os.environ.get("UV_HTTP_TIMEOUT") or settings.get("default-timeout"),
        # As pip does: all indexes count alike. The hashes decide what may come from them.
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }
    environment.update({name: value for name, value in translated.items() if value})
    return environment


def pip_settings() -> "dict[str, str]":
    """Shape: lines like global.index-url='…'; a command's setting beats the general, a variable both."""
    listing = subprocess.run([*pip(), "config", "list"], stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, str] = {}
    for source in ("global.", "install.", ":env:."):
        for line in listing.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(source):
                found[name[len(source) :]] = value.strip("'\"").replace("\\n", " ")
    return found


# ---- programs and words ------------------------------------------------------------------------------------


def run(command: "list[str]", environment: "dict[str, str] | None" = None, log: bool = True) -> None:
    """What the program says goes to the log; only where it fails do its last words reach the terminal."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment or dict(os.environ),
        pass_fds=HELD,
    )
    said = process.communicate()[0].decode("utf-8", "replace")
    if log:
        with open(LOG, "a") as file:
            file.write(f"$ {' '.join(command)}\n{said}\n")
    if process.returncode:
        raise Failed(said)


def explained(words: str, sentence: str = "Kreis could not be installed.") -> Problem:
    if DISK_FULL.search(words) or shutil.disk_usage(ROOT).free < TOO_LITTLE_BYTES:
        return Problem(f"The disk is full: installing needs about 500 MB in {ROOT}. Free some and start again.")
    if WRONG_HASH.search(words):
        return Problem(f"A package is not the one that was locked: its hash differs. Details stand in {LOG}.")
    if NO_NETWORK.search(words):
        return Problem("The package registry could not be reached: is there a network? (pip's settings are used.)")
    return Problem(sentence + "\n" + "\n".join(words.strip().splitlines()[-15:]))


def say(sentence: str) -> None:
    print("Kreis: " + sentence, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Problem as problem:
        sys.exit(f"Kreis: {problem}")
    except Failed as failed:
        sys.exit(f"Kreis: {explained(failed.words)}")
    except KeyboardInterrupt:
        sys.exit(130)
