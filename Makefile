# The commands of this project. `make` alone lists them.
# Needed on the machine: Python 3.11 or newer, and make. Everything else goes into .venv.

PY := .venv/bin/python
BASE := .venv/.installed
DEV := .venv/.installed-dev
AUDIT := var/audit
PROOFS := proofs/*.py
# Those that measure; the others help them.
BENCHMARKS := benchmarks/country.py benchmarks/load_units.py benchmarks/opening.py benchmarks/tree.py
# A file's tests stay together, for some share what they have built.
CORES := -n auto --dist loadfile --no-loadscope-reorder

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test proof bench lint format check messages vendor audit clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(BASE)  ## the demonstration on http://127.0.0.1:8000 (PORT=… changes it)
	@DEMO=1 PYTHONUNBUFFERED=1 $(PY) manage.py demo
	@DEMO=1 PYTHONUNBUFFERED=1 exec $(PY) manage.py serve

# SQLite always; PostgreSQL too when DATABASE_URL names one, without what is marked `once`. A
# failure of the first run does not hide the second. ARGS is handed to pytest:
# make test ARGS="-k approve"
test: $(DEV)  ## the whole suite; on PostgreSQL and Redis too when their URLs are set
	@status=0; \
	echo "== Tests on SQLite =="; \
	env -u DATABASE_URL -u CELERY_BROKER_URL $(PY) -m pytest $(CORES) $(ARGS) || status=1; \
	case "$${DATABASE_URL:-}" in \
	postgres*) \
		echo "== Tests on PostgreSQL, broker: $$( \
			test -n "$${CELERY_BROKER_URL:-}" && echo "CELERY_BROKER_URL" || echo "in memory") =="; \
		$(PY) -m pytest $(CORES) --create-db -m "not once" $(ARGS) || status=1;; \
	*) \
		echo "== Tests on PostgreSQL and Redis: not run, DATABASE_URL names no PostgreSQL ==";; \
	esac; \
	exit $$status

# Each script stands alone and can be run again by itself; its result lies in docs/proofs/. A
# failure of one does not hide the others. make proof PROOFS=proofs/access.py asks for one.
proof: $(DEV)  ## the big probes in full; on PostgreSQL when its URL is set
	@status=0; \
	case "$${DATABASE_URL:-}" in postgres*) on="--database $$DATABASE_URL";; *) on=;; esac; \
	for script in $(PROOFS); do \
		echo "== $$script =="; \
		$(PY) $$script $$on || status=1; \
	done; \
	exit $$status

# Each script prints its medians and ratios and keeps them in docs/benchmarks/; one that breaks
# a limit does not hide the others. make bench BENCHMARKS=benchmarks/tree.py asks for one. The
# page benchmarks/README.md is written anew from all that is kept.
bench: $(BASE)  ## the ratios, measured on SQLite; on PostgreSQL too when its URL is set
	@status=0; \
	for script in $(BENCHMARKS); do \
		echo "== $$script on SQLite =="; \
		$(PY) $$script || status=1; \
		case "$${DATABASE_URL:-}" in postgres*) \
			echo "== $$script on PostgreSQL =="; \
			$(PY) $$script --database "$$DATABASE_URL" || status=1;; \
		esac; \
	done; \
	$(PY) benchmarks/table.py; \
	exit $$status

lint: $(DEV)  ## ruff, the floors, the scope rule
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/lint-imports
	$(PY) tools/check_scope.py

format: $(DEV)  ## put the code in order
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

# As in production, with a key that lives for this command only.
check: $(DEV)  ## migrations complete, production settings without a warning
	@export DEBUG=off DEMO=off ALLOWED_HOSTS=example.org BEHIND_PROXY=on \
		DATABASE_URL="$${DATABASE_URL:-sqlite://:memory:}" \
		CELERY_BROKER_URL="$${CELERY_BROKER_URL:-redis://127.0.0.1:6379/15}" \
		SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))')"; \
	$(PY) manage.py makemigrations --check --dry-run && \
	$(PY) manage.py check --deploy --fail-level WARNING

messages: $(DEV)  ## compile locale/vi, without the gettext tools
	$(PY) -c 'import pathlib, polib; [polib.pofile(str(po)).save_as_mofile(str(po.with_suffix(".mo"))) for po in pathlib.Path("locale").rglob("*.po")]'

vendor: $(DEV)  ## fetch Bootstrap, Chart.js and the font again, at their pinned versions (needs npm)
	$(PY) tools/vendor.py

# pip-audit says "No known vulnerabilities found" and exits 0 when it could look nothing up,
# so its words are not believed: its JSON is. Exit 1: something is known. Exit 2: not run.
define AUDIT_READER
import json, sys
try:
    rows = json.load(open("$(AUDIT)/report.json"))["dependencies"]
except (OSError, ValueError, KeyError):
    rows = []
skipped = [row["name"] for row in rows if "skip_reason" in row]
known = [(row, vuln) for row in rows for vuln in row.get("vulns", [])]
for row, vuln in known:
    print(row["name"], row["version"], vuln["id"], "fixed in", ", ".join(vuln["fix_versions"]) or "-")
if skipped or not rows:
    print(f"Audit: not run for {len(skipped)} of {len(rows)} packages", ", ".join(skipped))
else:
    print(f"Audit: {len(rows)} packages looked up, {len(known)} known vulnerabilities.")
sys.exit(1 if known else 2 if skipped or not rows else 0)
endef
export AUDIT_READER

audit: $(DEV)  ## known vulnerabilities of what is installed (needs the network)
	@test -x $(AUDIT)/bin/pip-audit || \
		{ $(PY) -m venv $(AUDIT) && $(AUDIT)/bin/python -m pip install --quiet pip-audit; } || \
		{ echo "Audit: not run, pip-audit could not be installed."; exit 2; }
	@rm -f $(AUDIT)/report.json
	@$(AUDIT)/bin/pip-audit --format json --output $(AUDIT)/report.json --progress-spinner off \
		--path "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" || true
	@$(PY) -c "$$AUDIT_READER"

clean:  ## remove caches and built static files; keeps .venv and var
	rm -rf .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage staticfiles
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# A stamp per list: nothing is installed, and no network is needed, until a list changes.
$(BASE): requirements.txt | .venv/bin/pip
	$(PY) -m pip install --quiet -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt requirements.txt | .venv/bin/pip
	$(PY) -m pip install --quiet -r requirements-dev.txt
	@touch $(BASE) $@

.venv/bin/pip:
	@for python in python3.11 python3 python; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		echo "Creating .venv with $$($$python --version)"; \
		exec $$python -m venv .venv; \
	done; \
	echo "Python 3.11 or newer was not found."; exit 1
