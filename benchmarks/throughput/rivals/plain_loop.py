"""A loop of requests and trafilatura, with an article a line of JSON: what a notebook does."""

import json
import sys
from pathlib import Path

import requests
from trafilatura import bare_extraction


def main():
    """Fetch and extract one after the other."""
    session = requests.Session()
    with (Path(sys.argv[2]) / "articles.jsonl").open("w") as lines:
        for url in Path(sys.argv[1]).read_text().split():
            document = bare_extraction(session.get(url, timeout=30).text, url=url, with_metadata=True)
            if document is not None:
                fields = {"url": url, "title": document.title, "date": document.date, "text": document.text}
                lines.write(json.dumps(fields) + "\n")


if __name__ == "__main__":
    main()
