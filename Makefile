# Two commands do everything on a fresh machine:
#   make demo    the main job on a sample mailbox, no account and no server needed
#   make test    installs what the tests need (Debian packages too, when run as root) and runs all of them

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# So many tests run at once, each with servers of its own. One at a time, as for a debugger: WORKERS=0
WORKERS ?= 2
DEBIAN_PACKAGES := dovecot-imapd dovecot-lmtpd postfix postgresql chromium fonts-noto-cjk fonts-wqy-zenhei fonts-wqy-microhei \
	fonts-arphic-ukai fonts-arphic-uming fonts-arphic-gkai00mp fonts-lxgw-wenkai systemd

.PHONY: demo test debian-packages benchmark-desk benchmark-fetch benchmark-forms manual clean

demo: $(VENV)/installed
	$(BIN)/baosong demo

test: debian-packages $(VENV)/installed-for-tests
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

benchmark-desk: $(VENV)/installed-for-tests
	$(BIN)/python -m benchmarks.desk

benchmark-fetch: debian-packages $(VENV)/installed-for-tests
	$(BIN)/python -m benchmarks.fetch

benchmark-forms: debian-packages $(VENV)/installed-for-tests
	$(BIN)/python -m benchmarks.forms

manual: debian-packages $(VENV)/installed-for-tests
	$(BIN)/python -m docs.screenshots

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "baosong needs Python 3.11 or newer; name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/installed-for-tests: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@ $(VENV)/installed

# Servers and a browser for the tests. Without root they must be there already; a test that misses one says so.
debian-packages:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		for package in $(DEBIAN_PACKAGES); do \
			dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
		done; \
		if [ -n "$$missing" ]; then \
			echo "installing Debian packages:$$missing"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
		fi; \
	fi

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
