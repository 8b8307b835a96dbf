# Needs Python 3.11 or later and make. Everything is installed into .venv, with the versions of constraints.txt.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# Tunix and TRL ask for versions of one library that exclude one another.
TUNIX_VENV := .venv-tunix
OUT ?= results
# Other releases may ask for another CUDA than the machine has, and are no smaller for the CPU.
TORCH ?= torch==2.13.0

.PHONY: help install bench test test-training test-trl test-tunix containers lint check speed validity durability tasks pictures constraints clean

help:  ## Show this list.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; found $$($(PYTHON) --version). Try: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	@touch $@

install: $(VENV)/installed  ## Set up .venv.

bench: install  ## Have the baseline assessed over A2A on the held-out set, and print the table.
	$(BIN)/dipg-gym bench --a2a --out $(OUT)

test: install  ## Run the tests that need neither torch nor jax nor a GPU.
	$(BIN)/pytest -m "not gpu and not docker and not training and not tunix" -n 2 --dist loadfile

$(VENV)/training: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[trl]"
	@touch $@

test-training: test-trl test-tunix  ## Run the tests that load and train models, on the CPU; installs torch and jax.

test-trl: $(VENV)/training  ## Those with TRL alone.
	OMP_NUM_THREADS=1 $(BIN)/pytest -m training

# Without all versions pip tries combinations for a quarter of an hour.
$(TUNIX_VENV)/installed: pyproject.toml constraints-tunix.txt
	$(PYTHON) -m venv $(TUNIX_VENV)
	$(TUNIX_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints-tunix.txt \
		--editable ".[server,agents,tunix]" pytest
	@touch $@

test-tunix: $(TUNIX_VENV)/installed  ## Those with Tunix alone, in an environment of their own.
	OMP_NUM_THREADS=1 $(TUNIX_VENV)/bin/pytest -m tunix tests/test_grpo_tunix.py

containers: install  ## Build the images, start them, and look at what they do; needs a Docker engine.
	$(BIN)/pytest -m docker

lint: install  ## Style.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The repository root is the package, so the type checker sees it through a link of that name. The link lies in
# .venv because OpenEnv's validator takes no package that holds links.
check: install  ## Types, and OpenEnv's static validation.
	@mkdir -p $(VENV)/types && ln -sfn ../.. $(VENV)/types/dipg_safety_gym
	cd $(VENV)/types && ../bin/mypy --config-file ../../pyproject.toml --package dipg_safety_gym
	$(BIN)/openenv validate . --level static

speed: install  ## Measure scores, requests, the leaderboard and an assessment against their floors.
	$(BIN)/python -m benchmarks.scoring --out benchmarks/results/scoring.json
	$(BIN)/python -m benchmarks.serving --out benchmarks/results/serving.json
	$(BIN)/python -m benchmarks.leaderboard --out benchmarks/results/leaderboard.json
	$(BIN)/python -m benchmarks.assessment --out benchmarks/results/assessment.json
	$(BIN)/python -m benchmarks.generation --counts 1000 10000 --out benchmarks/results/generation.json

validity: install  ## Measure what the scorer accepts and rejects; see benchmarks/results/validity.md.
	$(BIN)/python -m benchmarks.validity
	$(BIN)/python -m benchmarks.preservation --out benchmarks/results/preservation.json
	$(BIN)/python -m benchmarks.change_filter --out benchmarks/results/change_filter.json

durability: install  ## Kill the server while clients submit, and count what is left.
	$(BIN)/python -m benchmarks.durability --out benchmarks/results/durability.json

tasks: install  ## Compose the shipped sets again.
	$(BIN)/dipg-gym tasks compose --split train
	$(BIN)/dipg-gym tasks compose --split eval
	$(BIN)/dipg-gym tasks compose --split train --as sft
	$(BIN)/dipg-gym tasks compose --split train --as prompts
	$(BIN)/dipg-gym tasks schema > datasets/DATA_SCHEMA.md
	for set in dipg-train dipg-eval dipg-sft-v1; do $(BIN)/dipg-gym tasks picture $$set --out datasets/pictures/$$set.svg; done

pictures: install  ## Take the pictures of the pages again; needs Chromium.
	$(BIN)/python docs/screenshots.py

constraints: install  ## Record the versions now installed.
	$(BIN)/python -m pip freeze --exclude-editable > constraints.txt

clean:  ## Remove what make made.
	rm -rf $(VENV) $(TUNIX_VENV) build results .mypy_cache .pytest_cache .ruff_cache
