"""axe-core, which `make axe-env` fetches: what of a page keeps people out, https://github.com/dequelabs/axe-core."""

import json

from tests.chromium import Browser
from tests.conftest import ROOT

AXE = ROOT / ".axe" / "node_modules" / "axe-core" / "axe.min.js"


def findings(browser: Browser) -> list[str]:
    """What axe finds serious or critical in the page that is shown, a line each."""
    browser.run(AXE.read_text(encoding="utf-8") + "; 0")
    told = browser.run(
        "axe.run({resultTypes: ['violations']}).then(found => JSON.stringify(found.violations.map("
        "rule => [rule.impact, rule.id, rule.nodes.map(node => node.html.slice(0, 200))])))"
    )
    return [
        f"{impact} {rule}: {places}" for impact, rule, places in json.loads(told) if impact in {"serious", "critical"}
    ]
