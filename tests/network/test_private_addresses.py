"""No connection is made to a private address, however it is written and whatever a name resolves to.

The crawl runs in a network namespace where every address of IPv4 and IPv6 is served, so that the first connection that
should not be made is seen. Skipped where the system lets nobody make such a namespace.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.network.addresses import PUBLIC, spellings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]  # half a minute each on two idle processors

NAMESPACE = ["unshare", "--net", "--map-root-user"]


@pytest.fixture
def _namespaces() -> None:
    if not (shutil.which("unshare") and shutil.which("ip")):
        pytest.skip("needs unshare(1) and ip(8)")
    probe = subprocess.run([*NAMESPACE, "ip", "link", "set", "lo", "up"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip(f"no network namespace can be made here: {probe.stderr.decode().strip()}")


def crawl(folder: Path, *settings: str) -> dict[str, Any]:
    """What `tests.network.namespace` reports."""
    done = subprocess.run(
        [*NAMESPACE, sys.executable, "-m", "tests.network.namespace", str(folder), *settings],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


@pytest.mark.usefixtures("_namespaces")
def test_only_the_public_address_is_connected_to(tmp_path: Path) -> None:
    assert len(spellings()) > 200
    report = crawl(tmp_path)
    assert report["reached"] == [PUBLIC], report["output"]
    assert report["connections"] > 3
    assert report["output"].count("address refused") > 100
    assert "http://rebinding.dns.example/admin resolves to 10.0.0.7" in report["output"], "public first, private then"


@pytest.mark.usefixtures("_namespaces")
def test_the_trial_sees_what_it_looks_for(tmp_path: Path) -> None:
    report = crawl(tmp_path, "TWISTED_DNS_RESOLVER=scrapy.resolver.CachingThreadedResolver")
    assert {"127.0.0.1", "10.0.0.7", "169.254.169.254"} < set(report["reached"])
