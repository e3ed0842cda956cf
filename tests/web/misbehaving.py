"""`*.faults.example`: a site of invented reports whose every host answers well, until a fault is switched on for it."""

from hashlib import sha256
from urllib.parse import urlsplit

from tests.web.messages import Reply, Request

DOMAIN = "faults.example"
PLACES = ("Lesk", "Orvany", "Tamarin", "Velo", "Harsk", "Dunmara", "Ostrel", "Pelaya", "Korvath", "Minsa")
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def owns(host: str) -> bool:
    """Whether a host belongs to this site."""
    return host.endswith(f".{DOMAIN}")


def respond(request: Request) -> Reply:
    """An article for every path below `/news/`, a robots.txt that allows all, and 404 for the rest."""
    path = urlsplit(request.target).path
    if path == "/robots.txt":
        return _reply(200, "text/plain", b"User-agent: *\nDisallow: /forbidden/\n")
    if path.startswith("/news/"):
        return _reply(200, "text/html; charset=utf-8", article(request.host + path))
    return _reply(404, "text/plain", b"Nothing is here.\n")


def article(seed: str) -> bytes:
    """A page about fighting at places that follow from `seed`."""
    numbers = sha256(seed.encode()).digest()
    here, there = PLACES[numbers[0] % len(PLACES)], PLACES[numbers[1] % len(PLACES)]
    day, dead, count = WEEK[numbers[2] % len(WEEK)], 2 + numbers[3] % 9, int.from_bytes(numbers[4:8])
    headline = f"Shelling of {here} kills {dead} as truce number {count} fails"
    paragraphs = (
        f"At least {dead} civilians were killed when artillery shells hit the market of {here} on {day}, doctors said.",
        f"The army and the rebels accused each other of breaking ceasefire {count}, signed at {there} a month ago.",
        f"Residents of {there} said that fighting went on through the night and that the road was under mortar fire.",
        f"A convoy with {count % 90 + 3} lorries of flour and medicine turned back at the front line before dawn.",
    )
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    head = f'<meta charset="utf-8"><title>{headline}</title><meta property="og:type" content="article">'
    page = (
        f'<!DOCTYPE html><html lang="en"><head>{head}</head><body><article><h1>{headline}</h1>{text}</article></body>'
    )
    return f"{page}</html>\n".encode()


def _reply(status: int, content_type: str, body: bytes) -> Reply:
    return Reply(status=status, headers=(("Server", "nginx"), ("Content-Type", content_type)), body=body)
