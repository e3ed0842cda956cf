"""news-please by its own command: its Download crawler, its extractors, HTML and JSON files as it stores them."""

import json
import os
import re
import sys
from pathlib import Path

import newsplease
from newsplease.__main__ import NewsPleaseLauncher

# The configuration that it comes with, but for these lines: its crawler for given addresses, and no waiting
CHANGED = {
    "default": "Download",
    "working_path": "{folder}/",
    "number_of_parallel_crawlers": "1",
    "number_of_parallel_daemons": "0",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "16",
    "ROBOTSTXT_OBEY": "False",
    "LOG_LEVEL": "WARNING",
}

# It runs its crawlers as processes of their own. newspaper4k would fetch every picture of a page from its host.
PICTURES = """
from newspaper.extractors.image_extractor import ImageExtractor
ImageExtractor._fetch_image = lambda *_: None
"""


def main():
    """Write the configuration, start it."""
    urls, folder = Path(sys.argv[1]).read_text().split(), Path(sys.argv[2]).resolve()
    config = folder / "config"
    config.mkdir()
    text = (Path(newsplease.__file__).parent / "config" / "config.cfg").read_text()
    for name, value in CHANGED.items():
        line = f"{name} = {value.format(folder=folder)}"
        text, count = re.subn(rf"(?m)^{name} *=.*$", lambda _, line=line: line, text)
        assert count, name
    (config / "config.cfg").write_text(text)
    (config / "sitelist.hjson").write_text(json.dumps({"base_urls": [{"url": urls, "crawler": "Download"}]}))
    (config / "sitecustomize.py").write_text(PICTURES)
    os.environ["PYTHONPATH"] = str(config)
    NewsPleaseLauncher(f"{config}/", False, False, False, False, False, False, False)


if __name__ == "__main__":
    main()
