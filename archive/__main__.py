"""`python -m archive`: the command `archive`, also where no script is installed."""

from archive.cli import main

main(prog_name="archive")
