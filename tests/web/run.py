"""`python -m tests.web.run COMMAND …`: run a command while the offline web is up, pointed at it.

Ends with the command's exit code. This is what `make demo` does.
"""

import os
import subprocess
import sys

from tests.web.offline import OfflineWeb


def main() -> int:
    """Serve, run the command of the command line to its end, and say how it ended."""
    command = sys.argv[1:]
    if not command:
        sys.exit("usage: python -m tests.web.run COMMAND [ARGUMENT …]")
    with OfflineWeb() as web:
        return subprocess.run(command, env={**os.environ, **web.env()}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
