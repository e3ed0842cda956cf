"""The other crawlers, each a program of its own: `python <file> ADDRESSES FOLDER`, addresses a line.

Those of other projects run in environments of their own, so these files import nothing of this one.
"""
