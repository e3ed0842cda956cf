"""How many articles a second: this project, the naive crawler, and the field's other crawlers, on one local web."""
