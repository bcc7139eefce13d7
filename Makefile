# `make demo` and `make test` need Rust, Python 3 with pip and a C compiler; they fetch the rest.

PREFIX ?= $(HOME)/.local
CARGO ?= cargo
PYTHON ?= python3

.PHONY: help demo test setup build install dist lint loaders trainers browser terminal bench-encoder clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: build ## Score the examples and close the loop once: queue, labels, training data
	@scripts/demo.sh

test: setup ## Run all tests
	@scripts/test.sh

setup: ## Fetch the pinned ONNX Runtime library
	@$(PYTHON) scripts/fetch_onnxruntime.py

build: setup ## Build the release binary
	@$(CARGO) build --release --locked -p rewardctl

install: build ## Install a working tree under PREFIX
	@scripts/install.sh "$(PREFIX)"

dist: build ## Pack a release into dist/: a tarball, a wheel for pip, their checksums
	@CARGO="$(CARGO)" $(PYTHON) scripts/dist.py

lint: ## Run what CI runs beside the tests
	@scripts/lint.sh

loaders: build ## Load every export with the real loaders of the trainers
	@$(PYTHON) tests/loaders/run.py

trainers: build ## Train a tiny model for a few steps with TRL on exported files; fetches 6 GB
	@$(PYTHON) tests/loaders/run.py train

browser: build ## Review in a real Chromium; needs websocket-client, and axe-core-python for accessibility
	@$(PYTHON) tests/browser/review.py target/release/rewardctl

terminal: build ## Review in a real terminal, and compare what is kept with the API
	@$(PYTHON) tests/terminal/review.py target/release/rewardctl

bench-encoder: build ## Compare the text encoder with its peers, in one run
	@scripts/bench_encoder.sh

clean: ## Remove what was built; the fetched library stays
	@$(CARGO) clean
