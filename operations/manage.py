"""`make manage ARGS="invite tidewater"`: a command of `manage.py`, in the house that `make run` started."""

import os
import shlex
import sys

from operations.embedded.failure import StartError
from operations.running import ROOT, enter_house


def main() -> str:
    """Become `manage.py`, or return the sentence that says why not."""
    os.chdir(ROOT)
    environment = dict(os.environ)
    try:
        enter_house(environment)
        words = shlex.split(environment.get("ARGS", ""))
    except StartError as error:
        return f"Kreis: {error}"
    except ValueError as error:
        return f"Kreis: ARGS cannot be read as words of a command line: {error}."
    command = [sys.executable, "manage.py", *words, *sys.argv[1:]]
    return os.execve(sys.executable, command, environment)  # noqa: S606  # nosec B606


if __name__ == "__main__":
    sys.exit(main())
