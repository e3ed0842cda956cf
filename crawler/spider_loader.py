"""Finding the spiders: all that can be imported. Scrapy's loader stops at the first file that cannot."""

import logging

from scrapy.spiderloader import SpiderLoader

from crawler.publisher import spider_modules

logger = logging.getLogger(__name__)


class PublisherLoader(SpiderLoader):
    """Scrapy's, over the modules of `spider_modules`. `broken` holds the errors of the others, by the file's name."""

    def _load_all_spiders(self) -> None:
        modules, self.broken = spider_modules()
        for module in modules:
            self._load_spiders(module)
        self._check_name_duplicates()
