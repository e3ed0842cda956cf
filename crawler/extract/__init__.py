"""Extraction: one pure function of bytes, URL and publisher."""
