# `make run` and `make test` are all a newcomer needs: each adds what the machine lacks (see scripts/setup.sh).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# More arguments for the program or the tests, for instance: make run ARGS="--console-addr 127.0.0.1:4000"
ARGS ?=
# One benchmark instead of all, for instance: make bench BENCH=users_move ARGS="--users 10000"
BENCH ?=

.PHONY: help run test watch bench fmt

help: ## lists these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## builds and starts a console with sample billers and the sandbox; ends with its address
	@scripts/run.sh $(ARGS)

test: ## runs every check and every test
	@scripts/test.sh

watch: ## like run, and rebuilds and reloads the page on every change
	@scripts/setup.sh run
	@source scripts/env.sh; cargo leptos watch -- serve --sandbox --samples --data-dir .local/data $(ARGS)

bench: ## runs the benchmarks and weighs the first page (release builds)
	@scripts/setup.sh test
	@source scripts/env.sh; scripts/postgres.sh with \
	  cargo bench --workspace --exclude frontend --no-default-features --bench '$(or $(BENCH),*)' -- $(ARGS)
	@$(if $(BENCH),,scripts/weight.sh)

fmt: ## formats the Rust sources
	@scripts/setup.sh rust
	@source scripts/env.sh; cargo fmt --all
