# Every target is one line over bootstrap.py, which does the work on every platform.
PYTHON ?= python3

.PHONY: render preview test test-full setup lock audit
render: ; @$(PYTHON) -I bootstrap.py render
preview: ; @$(PYTHON) -I bootstrap.py preview
test: ; @$(PYTHON) -I bootstrap.py test
test-full: ; @$(PYTHON) -I bootstrap.py test-full
setup: ; @$(PYTHON) -I bootstrap.py setup
lock: ; @$(PYTHON) -I bootstrap.py lock
audit: ; @$(PYTHON) -I bootstrap.py audit
