"""Machines of their own, as far as the network goes: namespaces joined to this one by a virtual cable each."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import pytest

from tests.conftest import ROOT


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


class Host:
    """A namespace whose loopback leads to the ports of this machine's, by a relay at each end of the cable."""

    def __init__(self, number: int, ports: Sequence[int]) -> None:
        self.name = f"dateline-{os.getpid()}-{number}"
        self._cable = f"dl{os.getpid() % 100000}x{number}"
        self._here, self._there = f"10.203.{number}.1", f"10.203.{number}.2"
        self._ports = ports
        self._relays: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        if os.geteuid() != 0 or shutil.which("ip") is None:
            pytest.skip("network namespaces need root and ip(8)")
        try:
            _ip("netns", "add", self.name)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no network namespace can be made here: {error.stderr.strip()}")
        _ip("link", "add", self._cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        _ip("address", "add", f"{self._here}/24", "dev", self._cable)
        _ip("link", "set", self._cable, "up")
        for command in (
            ["address", "add", f"{self._there}/24", "dev", "eth0"],
            ["link", "set", "eth0", "up"],
            ["link", "set", "lo", "up"],
        ):
            _ip("-n", self.name, *command)
        self._relay([], *(place for port in self._ports for place in (f"{self._here}:{port}", f"127.0.0.1:{port}")))
        there = (place for port in self._ports for place in (f"127.0.0.1:{port}", f"{self._here}:{port}"))
        self._relay(self.within, *there)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for relay in self._relays:
            relay.kill()
            relay.communicate()
        _ip("netns", "delete", self.name)
        subprocess.run(["ip", "link", "delete", self._cable], check=False, capture_output=True)

    @property
    def within(self) -> list[str]:
        """What a command begins with that is to run on this host."""
        return ["ip", "netns", "exec", self.name]

    def pull_the_cable(self) -> None:
        """From now on nothing reaches the host, and it reaches nothing."""
        _ip("link", "set", self._cable, "down")

    def _relay(self, within: Sequence[str], *places: str) -> None:
        command = [*within, sys.executable, "-m", "tests.network.relay", *places]
        relay = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self._relays.append(relay)
        assert relay.stdout is not None
        assert relay.stdout.readline() == "listening\n"
