"""Extraction: one pure function of bytes, URL and publisher, and its twin for text that another tool extracted."""

from crawler.extract.article import extract
from crawler.extract.text import extract_from_text

__all__ = ["extract", "extract_from_text"]
