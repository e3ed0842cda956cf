"""Templates and the filters they use: times as each publisher prints them, inline marks, PHP's var_dump."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup, escape

from tests.web.pages import LAYOUTS, Story, WebPage, hash_of, picture_url, plain

TEMPLATES = Path(__file__).parent / "templates"
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
ARABIC_DAYS = ("الإثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")
ARABIC_MONTHS = (
    "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر",
)  # fmt: skip
RUSSIAN_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
    "декабря",
)  # fmt: skip
# The 47 titles of the sprite that stands first in the body of RT's pages of 2017–20.
RT_ICONS = (
    "bookmark-b", "bookmark", "camera", "check", "chevron down", "chevron left", "chevron right", "chevron up",
    "close", "v-compress", "download", "edit", "v-expand", "fb", "file", "filter", "flag ru", "full chevron down",
    "full chevron left", "full chevron right", "full chevron up", "gp", "ins", "mail", "move", "-music", "muted",
    "nomuted", "ok", "v-pause", "v-play", "search", "share", "sign in", "sign up", "stepback", "stepfor",
    "swipe down", "tag", "tags", "tg", "trash", "tw", "vk", "yt", "wt", "fm",
)  # fmt: skip
# .NET counts ticks of 100 ns from the year 1; this many seconds lie between that and the Unix epoch.
DOTNET_EPOCH = 62135596800


@cache
def environment() -> jinja2.Environment:
    """The template environment: everything is escaped, an unknown name is an error."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        arabic_digits=lambda value: str(value).translate(ARABIC_DIGITS),
        at=at,
        epoch=lambda when: int(when.timestamp()),
        inline=inline,
        plain=plain,
        rfc822=lambda when: format_datetime(when.astimezone(UTC)),
        rfc822_moscow=lambda when: format_datetime(at(when, "Europe/Moscow")),
        time=lambda when, pattern: when.strftime(pattern),
        utc=lambda when: when.astimezone(UTC),
    )
    env.globals.update(
        arabic_days=ARABIC_DAYS,
        arabic_months=ARABIC_MONTHS,
        icons=RT_ICONS,
        number=lambda text, below: hash_of(text) % below,
        picture_url=picture_url,
        russian_months=RUSSIAN_MONTHS,
        var_dump=var_dump,
    )
    return env


def render(template: str, **context: Any) -> str:
    """A template below `templates/`, filled in."""
    return environment().get_template(template).render(**context)


def render_page(page: WebPage, **context: Any) -> str:
    """A page in its layout's template. The template sees `page`, its zone's times and what `context` adds."""
    zone = LAYOUTS[page.layout].zone
    modified = page.expected_modified_at
    return render(
        f"{page.layout}.html",
        page=page,
        extra=page.extra,
        published=at(page.published_at, zone),
        modified=at(modified, zone) if modified else None,
        zone=zone,
        **context,
    )


def at(when: datetime, zone: str) -> datetime:
    """The same instant on the clock of an IANA zone."""
    return when.astimezone(ZoneInfo(zone))


def inline(text: str) -> Markup:
    """Inline marks as HTML: *emphasis*, **strong**, [text](url); everything else is escaped."""
    html = str(escape(text))
    html = re.sub(r"\[([^\]]*)\]\(([^)]*)\)", r'<a href="\2" target="_blank" rel="noopener">\1</a>', html)
    html = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", html)
    html = re.sub(r"\*([^*]+)\*", r"<em>\1</em>", html)
    return Markup(html)


def var_dump(stories: Sequence[Story]) -> str:
    """What PHP's var_dump prints of the JSON of related stories: `string(N) "[…]"`, N in bytes."""
    objects = []
    for number, story in enumerate(stories):
        ident = re.search(r"/news/(\d+)", story.url)
        assert ident is not None, story.url
        seed = hash_of(story.url)
        ticks = (1456000000 + seed % 2_000_000 + DOTNET_EPOCH) * 10**7 + seed % 10**7
        day = datetime.fromtimestamp(ticks // 10**7 - DOTNET_EPOCH, UTC)
        ending = "mp4" if story.title.startswith("VIDEO") else "jpg"
        entry = {
            "id": ident[1],
            "sort": str(3501083 + number),
            "contenttypeid": "21",
            "pic": f"/{day:%Y/%m/%d}/alalam_{ticks}_25f_4x3.{ending}",
            "title": story.title,
        }
        objects.append(json.dumps(entry, ensure_ascii=False, separators=(",", ":")))
    dumped = "[" + " ,".join(objects) + " ]"
    return f'string({len(dumped.encode())}) "{dumped}"'
