"""The base of every publisher's spider."""

from typing import ClassVar

import scrapy

from crawler.publisher import Publisher


class PublisherSpider(scrapy.Spider):
    """A spider that is all data: it crawls the sources of its `publisher` and fetches the articles they announce."""

    publisher: ClassVar[Publisher]
