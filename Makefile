# Dateline: what a person types. `make` alone lists the targets.
PYTHON ?= python3
ARCHIVE ?= $(or $(DATELINE_ARCHIVE),./data)
DEMO_ARCHIVE ?= ./demo
PORT ?= 8001
SPIDERS ?=
SETS ?=
COUNT ?= 10000
DAYS ?= 30
SEED ?= 0

BIN := .venv/bin
# Tests start hundreds of interpreters: byte code is kept, also where the environment says it shall not be.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help setup demo crawl serve test test-slow bench-extraction bench-cost names train-blocks bench-hostile bench-durability bench-simulation bench-alarms bench-import bench-throughput bench-memory bench-verify bench-network-faults lint format replay-env wacz-env axe-env scrapyd-env newsplease-env fundus-env try-deploy machines-env test-machines bench-scale lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(READY)  ## make the virtual environment from the lock file (PYTHON=python3.12 chooses)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else f"Dateline needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}. Try make PYTHON=python3.12")'
	@echo "Setting up .venv (once; a minute or two) …"
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY)  ## crawl the offline web's five publishers into ./demo (no network needed)
	@DATELINE_ARCHIVE="$(DEMO_ARCHIVE)" $(BIN)/python -m tests.web.run $(BIN)/scrapy crawlall
	@echo "Read it:  make serve ARCHIVE=$(DEMO_ARCHIVE)    then open http://127.0.0.1:$(PORT)/"

crawl: $(READY)  ## crawl the live web into ./data: all publishers, or SPIDERS="rt sputnik"
	@DATELINE_ARCHIVE="$(ARCHIVE)" $(BIN)/scrapy crawlall $(foreach spider,$(SPIDERS),--publisher $(spider))

serve: $(READY)  ## open the archive in Datasette: make serve ARCHIVE=./demo PORT=8001
	@$(BIN)/archive serve --archive "$(ARCHIVE)" --port $(PORT)

# Three processes for two cores: one in three waits for a crawl, a browser or Redis.
test: $(READY) replay-env wacz-env axe-env  ## everything: ruff, mypy, import-linter, pytest
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) --numprocesses 3 --dist loadfile --no-loadscope-reorder -m "not slow"

test-slow: $(READY)  ## the tests that take their time: crawls at a real pace, crawls of the past, kills, deployments
	$(PYTEST) --numprocesses 2 --dist loadfile -m slow

# pywb brings a module that clashes with Scrapy's brotli, so it lives apart. Where it cannot be installed
# (it compiles brotlipy) the replay tests say so and are skipped.
replay-env: .venv-pywb/ready  ## make the environment with pywb, for replaying WARC files

.venv-pywb/ready: Makefile
	@test -x .venv-pywb/bin/pip || $(PYTHON) -m venv --clear .venv-pywb
	@.venv-pywb/bin/python -m pip install -qq --disable-pip-version-check pywb==2.10.0 'setuptools<81' \
		|| echo "pywb could not be installed: the replay tests will be skipped"
	@touch $@

# cdxj-indexer and wacz have wishes of their own as to versions; where they cannot be installed their tests are skipped.
wacz-env: .venv-wacz/ready  ## make the environment with cdxj-indexer and wacz, for packing WARC files

.venv-wacz/ready: Makefile
	@test -x .venv-wacz/bin/pip || $(PYTHON) -m venv --clear .venv-wacz
	@.venv-wacz/bin/python -m pip install -qq --disable-pip-version-check wacz==0.6.0 cdxj-indexer==1.5.0 \
		|| echo "wacz could not be installed: the packaging tests will be skipped"
	@touch $@

# axe-core is a script that looks for what keeps people out of a page. Where npm is missing those tests are skipped.
axe-env: .axe/ready  ## fetch axe-core, for the tests of accessibility

.axe/ready: Makefile
	@mkdir -p .axe
	@npm install --prefix .axe --silent --no-audit --no-fund --ignore-scripts axe-core@4.14.1 \
		|| echo "axe-core could not be installed: the tests of accessibility will be skipped"
	@touch $@

# scrapyd imports pkg_resources, which newer setuptools no longer have, so it gets an environment of its own, with the
# project in it.
scrapyd-env: .venv-scrapyd/ready  ## make the environment with scrapyd, for starting spiders over HTTP

.venv-scrapyd/ready: Makefile requirements.lock
	@test -x .venv-scrapyd/bin/pip || $(PYTHON) -m venv --clear .venv-scrapyd
	@.venv-scrapyd/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@.venv-scrapyd/bin/python -m pip install -qq --disable-pip-version-check scrapyd==1.6.0 'setuptools<81'
	@PYTHONWARNINGS=ignore .venv-scrapyd/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

try-deploy: $(READY) scrapyd-env  ## what lies in deploy/, for real: units, a cron daemon (as root), scrapyd, backup
	@DATELINE_TRY_DEPLOY=1 $(PYTEST) tests/test_deploy.py

# Dask, s3fs and a server that speaks S3 are extras: they come into an environment of their own that has the project's, too.
machines-env: .venv-machines/ready  ## make the environment with Dask, s3fs and moto's S3 server

.venv-machines/ready: $(READY) Makefile
	@test -x .venv-machines/bin/pip || $(PYTHON) -m venv --clear .venv-machines
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > \
		"$$(.venv-machines/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/project.pth"
	@.venv-machines/bin/python -m pip install -qq --disable-pip-version-check 'distributed>=2025.1' 's3fs>=2025.2' 'moto[server]>=5'
	@touch $@

test-machines: machines-env  ## what spreads over machines, for real: a Dask cluster, an S3 server, merged crawls
	PYTHONDONTWRITEBYTECODE= PYTHONPATH=. .venv-machines/bin/python -m pytest tests/crawler/test_cluster.py tests/archive/test_offload.py tests/archive/merging

# The peers are measured in the project's own environment; they are no part of it.
bench-extraction: $(READY)  ## clean text against gold, beside other extractors (needs a folder of real pages)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check newspaper4k==0.9.6 readability-lxml==0.9
	@$(BIN)/python -m benchmarks.extraction $(SETS)

bench-cost: $(READY)  ## CPU milliseconds a page, known and unknown publishers, beside trafilatura on the same pages
	@$(BIN)/python -m benchmarks.extraction_cost

bench-hostile: $(READY)  ## 10,000 mutated pages through the workers: crashes, limits, what is still found (COUNT=1000)
	@$(BIN)/python -m benchmarks.hostile --count $(COUNT)

names: $(READY)  ## write the file of names that articles are searched for (after a change of vocabulary or gazetteer)
	@$(BIN)/python -m crawler.enrich.names.compiler

train-blocks: $(READY)  ## grow the trees that judge an unknown page's blocks (needs a folder of real pages; 10 minutes)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check lightgbm==4.7.0
	@$(BIN)/python -m benchmarks.train_blocks --cross-validate 4

# COUNT kills, twice as many power cuts and so on; COUNT=500 is a few minutes.
bench-durability: COUNT = 5000
bench-durability: $(READY)  ## kills, power cuts, failing disks, planted bugs: is anything lost that was acknowledged?
	@$(BIN)/python -m benchmarks.durability --count $(COUNT)

bench-simulation: $(READY)  ## thirty days of edits, removals, outages and kills against an archive (DAYS=7 SEED=1)
	@$(BIN)/python -m benchmarks.simulation --days $(DAYS) --seed $(SEED)

bench-import: $(READY)  ## import of foreign WARC without extraction, beside a plain warcio loop: responses a second
	@$(BIN)/python -m benchmarks.importing

# Other projects' crawlers have wishes of their own as to versions; where they cannot be installed they are left out.
newsplease-env: .venv-newsplease/ready  ## make the environment with news-please, to be measured beside this project

.venv-newsplease/ready: Makefile
	@test -x .venv-newsplease/bin/pip || $(PYTHON) -m venv --clear .venv-newsplease
	@.venv-newsplease/bin/python -m pip install -qq --disable-pip-version-check \
		news-please==1.6.16 readability-lxml==0.8.1 newspaper4k==0.9.3.1 \
		|| echo "news-please could not be installed: it will not be measured"
	@touch $@

fundus-env: .venv-fundus/ready  ## make the environment with Fundus, to be measured beside this project

.venv-fundus/ready: Makefile
	@test -x .venv-fundus/bin/pip || $(PYTHON) -m venv --clear .venv-fundus
	@.venv-fundus/bin/python -m pip install -qq --disable-pip-version-check fundus==0.5.7 curl_cffi==0.14.0 \
		|| echo "Fundus could not be installed: it will not be measured"
	@touch $@

bench-throughput: $(READY) newsplease-env fundus-env  ## articles a second on a local web, beside five other crawlers (six minutes)
	@$(BIN)/python -m benchmarks.throughput --readme

# FOLDER keeps the archive for the next time; without one it is the user's cache.
bench-query: COUNT = 1000000
bench-query: $(READY)  ## searches and pages at a million articles, made up once in 45 minutes and kept: milliseconds
	@$(BIN)/python -m benchmarks.query --count $(COUNT) $(if $(FOLDER),--folder $(FOLDER)) $(if $(JSON),--json $(JSON)) $(if $(INSERT),--insert) $(if $(README),--readme $(README))

bench-memory: COUNT = 30000
bench-memory: $(READY)  ## a crawl of 30,000 pages: memory and open files a thousand pages (COUNT=5000)
	@$(BIN)/python -m benchmarks.throughput.memory --pages $(COUNT)

bench-verify: $(READY)  ## `archive verify` over two archives of 220 MB: megabytes a second of CPU
	@$(BIN)/python -m benchmarks.fixity

bench-scale: $(READY)  ## what merging, rebuilding and storing cost, computed to 10 million articles a month
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'fsspec>=2025.2'
	@$(BIN)/python -m benchmarks.scale

bench-alarms: MONTHS = 240
bench-alarms: $(READY)  ## simulated months, quiet and with troubles: false alarms, what is found and when (MONTHS=240)
	@$(BIN)/python -m benchmarks.alarms --months $(MONTHS)

bench-network-faults: $(READY)  ## a crawl of every way the network misbehaves, beside healthy hosts: memory, pace, endings
	@$(BIN)/python -m tests.network.bench

lint: $(READY)  ## ruff, mypy and import-linter only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(READY)  ## write requirements.lock anew from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --no-emit-find-links --quiet -o requirements.lock

clean:  ## remove environments and caches (archives stay)
	rm -rf .venv .venv-pywb .venv-wacz .venv-scrapyd .axe .venv-newsplease .venv-fundus build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
