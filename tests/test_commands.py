"""A command that is forked is like one that was started: environment, input, exit code, and that it can be killed."""

import os
import subprocess

import pytest

from tests.commands import run


def test_each_has_an_environment_of_its_own() -> None:
    for contact in ("https://example.org/one", "https://example.org/two"):
        told = run("scrapy", "settings", "--get", "CONTACT", env={**os.environ, "DATELINE_CONTACT": contact})
        assert (told.returncode, told.stdout.strip()) == (0, contact), told.stderr


@pytest.mark.parametrize("more", [{}, {"PYTHONHASHSEED": "7"}], ids=["forked", "started"])
def test_input_output_and_exit_code_are_its_own(more: dict[str, str]) -> None:
    env = {**os.environ, **more}
    formatted = run("json.tool", "--compact", env=env, stdin=b'{"a":  1}')
    assert (formatted.returncode, formatted.stdout, formatted.stderr) == (0, '{"a":1}\n', "")
    refused = run("json.tool", env=env, stdin=b"{")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Expecting property name" in refused.stderr


def test_one_that_does_not_end_is_killed_and_the_next_is_run() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run("http.server", "0", env=os.environ, timeout=0.5)
    assert run("json.tool", env=os.environ, stdin=b"1").returncode == 0
