# Every target is one line over bootstrap.py, which does the work on every platform.
PYTHON ?= python3

.PHONY: render test test-full setup lock audit
render: ; @$(PYTHON) bootstrap.py render
test: ; @$(PYTHON) bootstrap.py test
test-full: ; @$(PYTHON) bootstrap.py test-full
setup: ; @$(PYTHON) bootstrap.py setup
lock: ; @$(PYTHON) bootstrap.py lock
audit: ; @$(PYTHON) bootstrap.py audit
