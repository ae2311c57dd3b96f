# Starting, testing and checking Laurel. `make` alone prints what there is.
#
# Needs make and Python 3.11 or newer, nothing else: the first target that needs the dependencies installs them
# into .venv (config/bootstrap.py). Another Python: make demo PYTHON=/path/to/python3.12

PYTHON ?= python3
ARGS ?=
RUN := .venv/bin/python

# The first of these that runs at all; it looks itself for a newer one when it is too old (config/bootstrap.py).
PYTHONS := "$(PYTHON)" python3.14 python3.13 python3.12 python3.11 /usr/bin/python3
define bootstrap
for python in $(PYTHONS); do \
  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 7))' 2>/dev/null && exec "$$python" config/bootstrap.py $(1); \
done; \
echo "Laurel needs Python 3.11 or newer: install it, or name one: make $@ PYTHON=/path/to/python3.11" >&2; exit 1
endef

.PHONY: help demo demo-reset test check verifiers bench locks runtime development
.DEFAULT_GOAL := help

help:
	@echo "make demo         start Laurel with a filled demo organization, on http://127.0.0.1:8000"
	@echo "make demo-reset   the same, from anew: what the demo holds is deleted first"
	@echo "make test         all tests: on SQLite, and on PostgreSQL when one is reachable"
	@echo "                  (some of them: make test ARGS='tests/config -k serve')"
	@echo "make check        style, types, migrations, deployment settings, locks"
	@echo "make verifiers    install the verifiers of others that the conformance tests use (needs Node)"
	@echo "make bench        measure; results are explained in docs/benchmarks.md"
	@echo "make locks        write the requirements*.lock files anew (newest versions: make locks ARGS=--upgrade)"

demo: runtime
	@exec $(RUN) manage.py demo $(ARGS)

demo-reset: runtime
	@exec $(RUN) manage.py demo --reset $(ARGS)

test: development
	@exec $(RUN) -m tests.run $(ARGS)

check: development
	@exec $(RUN) .ci/check.py $(ARGS)

verifiers: development
	@exec $(RUN) tests/conformance/install.py $(ARGS)

bench: development
	@exec $(RUN) -m benchmarks $(ARGS)

locks: development
	@exec $(RUN) .ci/locks.py $(ARGS)

runtime:
	@$(call bootstrap,)

development:
	@$(call bootstrap,--dev)
