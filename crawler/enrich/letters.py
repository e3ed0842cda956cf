"""Letters as they are compared: of a text only those that differ are touched, each once."""

from collections.abc import Callable

_FEW = 30  # letters that are quicker replaced one by one than looked up at each place of a text


class Letters(dict[str, str]):
    """What each letter is written as, by a rule that is asked once a letter; there are no more than Unicode has.

    The rule gives for a letter what none of its results is changed from again: "é" may become "e", which stays "e".
    """

    def __init__(self, rule: Callable[[str], str]) -> None:
        self._rule = rule

    def __missing__(self, letter: str) -> str:
        plain = self[letter] = self._rule(letter)
        return plain

    def of(self, text: str) -> str:
        """`text` with each letter as the rule has it. A page's text has a hundred letters, of which few change."""
        changed = [(letter, plain) for letter in set(text) if (plain := self[letter]) != letter]
        if len(changed) > _FEW:
            return text.translate({ord(letter): plain for letter, plain in changed})
        for letter, plain in changed:
            text = text.replace(letter, plain)
        return text
