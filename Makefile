# Thin on purpose: every target is one command a person could type. See README.md.
PYTHON ?= python3
VENV_PYTHON = .venv/bin/python
SETUP = $(PYTHON) -I htx_portal/setup_env.py
# `make run` shows the demo set unless told otherwise: make run DEMO=0
DEMO ?= 1

.PHONY: setup setup-dev run test check bench messages lock clean

setup:
	@$(SETUP)

setup-dev:
	@$(SETUP) --dev --browser

run: export DEMO := $(DEMO)
run: setup
	@$(VENV_PYTHON) -m htx_portal.launcher

# Arguments for pytest: make test ARGS="-k lookup -x"
test: setup-dev
	@$(VENV_PYTHON) -m tests $(ARGS)

check: setup-dev
	@$(VENV_PYTHON) -m tests.check

bench: setup-dev
	@$(VENV_PYTHON) -m tests.bench $(ARGS)

messages: setup-dev
	@$(VENV_PYTHON) manage.py collect_messages
	@$(VENV_PYTHON) manage.py compile_catalogues

# Keeps the locked versions; newer ones by: make lock ARGS=--upgrade
lock: setup
	@$(VENV_PYTHON) -m venv --clear .venv/lock
	@.venv/lock/bin/python -m pip install --quiet --disable-pip-version-check pip-tools
	@for name in requirements requirements-dev requirements-browser; do \
		.venv/lock/bin/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links \
			--no-emit-trusted-host --strip-extras --no-annotate --no-header --allow-unsafe $(ARGS) \
			--output-file $$name.txt $$name.in || exit 1; \
	done

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
