"""Finding articles: how text is folded for the index, what a reader's query means, and which names are one."""
