# The entry points of the project. Each brings the environment up to date first.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all coverage check fmt lint types layers rust-lint architecture sim sim-all mutants bench bench-peers docs lock clean

SEED ?= 1
ARGS ?=
X := ./bin/x
SIM := $(X) cargo run --quiet --profile simulation -p panshi-simulation --

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile

setup: ## make or update the environment and build the extension
	@$(X) true

demo: ## a day of real order flow through the gate (ARGS="--headless --json")
	@$(X) panshi demo $(ARGS)

test: check ## every check and the fast set of every test
	$(X) cargo test --workspace --quiet
	$(X) pytest -n 2 -m "not slow and not bench"
	$(X) python -m tests.unit.console.on_postgres -q -n 2 -m "not slow and not bench"

test-all: export HYPOTHESIS_PROFILE = nightly
test-all: export PANSHI_FUZZ_ITERS ?= 5000000
test-all: export PANSHI_SIM_SEEDS ?= 200
test-all: check ## every test with long fuzzing, many seeds and coverage
	$(X) cargo test --workspace
	@$(MAKE) --no-print-directory sim-all
	$(X) python -m tests.rust_coverage
	$(X) pytest -n 2 --cov --cov-report=term
	$(X) python -m tests.unit.console.on_postgres -q -n 2

coverage: ## line coverage of engine and wire by their tests; fails below 95 % (needs llvm-tools)
	$(X) python -m tests.rust_coverage

check: lint types layers rust-lint architecture ## everything that is decided without running the product

lint:
	$(X) ruff format --check .
	$(X) ruff check .

types:
	$(X) mypy
	$(X) python -m mypy.stubtest panshi._native

layers:
	$(X) lint-imports

rust-lint:
	$(X) cargo fmt --all --check
	$(X) cargo clippy --workspace --all-targets --quiet -- -D warnings

architecture:
	$(X) pytest -q tests/architecture

fmt: ## format every source file
	$(X) ruff format .
	$(X) ruff check --fix --select I .
	$(X) cargo fmt --all

sim: ## one simulated day with faults, and one random day through engine and twin (SEED=n, ARGS=-v)
	$(SIM) run $(SEED) $(ARGS)
	PANSHI_SIM_SEED=$(SEED) $(X) pytest -q tests/property/test_engine_twin.py

SIM_SEEDS ?= 10000
sim-all: ## many simulated days (SIM_SEEDS=n)
	$(SIM) sweep 1 $(SIM_SEEDS) --jobs 2 $(ARGS)

mutants: ## make each known mistake in a copy of the product and see that the simulator finds it
	$(X) python tests/simulation/mutants.py $(ARGS)

bench: setup ## all measurements into docs/bench, beside other systems' order checks where they install (ARGS=soak)
	-@$(MAKE) --no-print-directory bench-peers
	$(X) panshi bench record $(ARGS)

bench-peers: .venv-peers/installed ## install the order checks that `make bench` compares with (0.6 GB)

# One of them is published as source only; it is compiled here, in seconds.
.venv-peers/installed: locks/peers.txt
	@$(X) .tools/bin/uv venv --quiet --clear --python .venv/bin/python .venv-peers
	@$(X) .tools/bin/uv pip install --quiet --python .venv-peers/bin/python --no-deps --require-hashes \
	  --only-binary :all: --no-binary vnpy-riskmanager -r $<
	@touch $@

docs: ## documents that are generated from the code
	$(X) python -m panshi.cli.docs
	$(X) python -m tests.integration.conformance.page

COMPILE = .tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-header --no-annotate --no-emit-index-url --no-emit-find-links

# What vn.py declares for its windows and charts only.
WINDOWS = pyside6 pyside6-addons pyside6-essentials shiboken6 pyqtgraph qdarkstyle qtpy plotly narwhals \
  deap moocore nbformat jupyter-core jsonschema jsonschema-specifications fastjsonschema referencing \
  rpds-py traitlets platformdirs cffi pycparser win32-setctime colorama pyzmq attrs

lock: setup ## lock the newest versions that the declarations allow
	$(COMPILE) locks/uv.in -o locks/uv.txt
	$(COMPILE) pyproject.toml locks/dev.in -o locks/dev.txt
	npm install --prefix locks/npm --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts \
	  --no-audit --no-fund
	$(COMPILE) $(addprefix --no-emit-package ,$(WINDOWS)) locks/peers.in -o locks/peers.txt
