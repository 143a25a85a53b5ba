# One command each; each does its own set-up. Only Python 3.11 or newer and make are asked for.
PYTHON ?= python3
PORT ?= 8000
SEED ?= $(shell date +%s)
OPS ?= 20000
EVERY ?= 0
# uv is fast but does not read pip's own configuration: INSTALLER=pip uses pip alone.
INSTALLER ?= uv

VENV := .venv
BIN := $(VENV)/bin
DEVSTACK := PYTHONPATH=platform:. $(BIN)/python -m marketplace.config.devstack
# What production would be given: enough for its checks, and nobody's secret.
PRODUCTION := DJANGO_SETTINGS_MODULE=marketplace.config.settings.prod SITE_URL=https://jinqiao.example ALLOWED_HOSTS=jinqiao.example \
	SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(60))') LEDGER_ORIGIN=jinqiao.example/ledger \
	DATABASE_URL=postgres://app@db/jinqiao REDIS_URL=redis://redis:6379/0 OPENER_PUBLIC_KEY=$$(printf '0%.0s' $$(seq 64))
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export PYTHONUNBUFFERED := 1
# Many processes begin here, and one that may not keep what it compiled takes three times as long to begin.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help install demo demo-reset test prove soak story lint lock bench bench-ledger bench-matching bench-treasury bench-import wheel
.DEFAULT_GOAL := help

help: ## what can be done here
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# --- set-up -----------------------------------------------------------------------------------------------------------------
$(VENV)/.uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 demo / 需要 Python 3.11 以上版本")'
	@echo "准备 Python 环境…… Making the Python environment (about a minute, once) …"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { \
	echo "未能建立 Python 环境，原因见上。Debian 与 Ubuntu 请先运行 apt install python3-venv，然后重试。"; \
	echo "The Python environment could not be made; the reason stands above. On Debian and Ubuntu: apt install python3-venv, then try again."; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

define install_locked
	@echo "安装 Installing $(1) …"
	@if [ "$(INSTALLER)" = pip ]; then $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1); \
	else $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) \
	|| { echo "uv 未能安装，改用 pip。 uv could not install; trying pip."; $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1); }; fi
	@touch $@
endef

$(VENV)/.runtime: $(VENV)/.uv requirements/runtime.txt
	$(call install_locked,requirements/runtime.txt)

$(VENV)/.dev: $(VENV)/.uv requirements/dev.txt
	$(call install_locked,requirements/dev.txt)
	@touch $(VENV)/.runtime

install: $(VENV)/.dev ## the environment with everything for development

# --- running ----------------------------------------------------------------------------------------------------------------
demo: $(VENV)/.runtime ## the whole platform on this machine, until Ctrl-C (PORT=8000)
	@$(DEVSTACK) demo --port $(PORT)

demo-reset: $(VENV)/.runtime ## throw the demonstration's data away
	@$(DEVSTACK) reset

# --- proving ----------------------------------------------------------------------------------------------------------------
test: $(VENV)/.dev ## every test at a small size, with a printed seed (SEED=…, E2E=required to insist on a browser)
	@PROOF_SEED=$(SEED) $(BIN)/python -m pytest -q -n 2 --dist worksteal --hypothesis-seed=$(SEED)

prove: $(VENV)/.dev ## the proofs at full size, resumable, written to docs/proof.md
	@$(BIN)/python tests/prove.py

soak: $(VENV)/.dev ## random operations of many actors until the first fault; with its SEED it goes on where it stopped (OPS=20000, SEED=…, EVERY=… between two checks of all books)
	@$(DEVSTACK) servers $(BIN)/python -m tests.soak.run --operations $(OPS) --seed $(SEED) --every $(EVERY)

story: $(VENV)/.dev ## one demand from publication to settlement, on a whole platform of its own
	@$(DEVSTACK) story $(BIN)/python tests/story/run.py

bench: $(VENV)/.dev ## measure on this machine: all of the next four, written to build/bench/
	@$(DEVSTACK) servers $(BIN)/python bench/run.py

bench-ledger bench-matching bench-treasury bench-import: $(VENV)/.dev ## one measurement alone (ARGS=… is given to it)
	@$(DEVSTACK) servers $(BIN)/python bench/run.py $(@:bench-%=%) $(ARGS)

wheel: $(VENV)/.dev ## build the wheel and prove it in a clean environment
	@$(BIN)/python tests/wheel.py

# --- checking ---------------------------------------------------------------------------------------------------------------
lint: $(VENV)/.dev ## style, types, import contracts, migrations, deployment, API document, known weaknesses
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@PYTHONPATH=platform:. $(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/bandit --quiet --severity-level medium --recursive --configfile pyproject.toml platform ledger matching
	@$(BIN)/python -W "ignore:Got an error checking:RuntimeWarning" manage.py makemigrations --check --dry-run --verbosity 0 --settings marketplace.config.settings.dev
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

lock: $(VENV)/.uv ## resolve the dependencies again; the lock files hold hashes and no address
	@for name in uv runtime dev; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --upgrade requirements/$$name.in --output-file requirements/$$name.txt || exit 1; done
	@! grep -nE '://|^-' requirements/*.txt
