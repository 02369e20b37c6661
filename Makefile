# One environment, made from the lock files: every target below stands on it.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PY := .venv/bin/python
STAMP := .make
RUST := fraud_check/rust
export PYTHONDONTWRITEBYTECODE :=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help env env-batch demo up test test-long check format bench bench-graph bench-graph-others bench-hub bench-ledger bench-overload lock clean

help: ## what one can type here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

env: $(STAMP)/extension $(STAMP)/npm ## the environment: Python packages, Rust extension, chain binary

# A stamp says that something was made once; what has been removed since is made again.
again = $(if $(wildcard $(1)),,again)
.PHONY: again

$(STAMP)/venv: requirements.lock $(call again,.venv/bin/pip)
	@mkdir -p $(STAMP)
	@./sandbox/environment.sh venv
	@touch $@

$(STAMP)/extension: $(STAMP)/venv pyproject.toml $(shell find $(RUST) -name '*.rs' -o -name 'Cargo.*' 2>/dev/null | grep -v target) \
  $(call again,fraud_check/engine/_engine.*.so) $(call again,fraud_check/tokens/_oprf.*.so)
	@./sandbox/environment.sh extension
	@touch $@

env-batch: $(STAMP)/batch ## and what the Spark job needs: 600 MB that nothing else uses

$(STAMP)/batch: requirements-batch.lock $(STAMP)/venv
	@./sandbox/environment.sh batch
	@touch $@

$(STAMP)/npm: package-lock.json $(STAMP)/venv $(call again,node_modules/@foundry-rs/anvil-*)
	@./sandbox/environment.sh npm
	@touch $@

demo: env ## a person in Taiwan opens an account abroad (JSON=1: one JSON document)
	@$(PY) -m sandbox demo $(if $(JSON),--json)

up: env ## keep the same world running until interrupted
	@$(PY) -m sandbox up

test: env env-batch ## every test in its short form: Python, Rust, Solidity
	@./tests/run short

test-long: env env-batch ## the same tests with full counts; writes docs/long-run.md
	@./tests/run long

check: env ## the one gate: format, lint, types, import rules; Rust and Solidity as well
	@./sandbox/elapsed.sh format .venv/bin/ruff format --check .
	@./sandbox/elapsed.sh lint .venv/bin/ruff check .
	@./sandbox/elapsed.sh types .venv/bin/mypy .
	@./sandbox/elapsed.sh "import rules" .venv/bin/lint-imports --no-cache
	@./sandbox/elapsed.sh "Rust format" cargo fmt --manifest-path $(RUST)/Cargo.toml --all --check
	@./sandbox/elapsed.sh "Rust lint" cargo clippy --manifest-path $(RUST)/Cargo.toml --locked --workspace --all-targets --quiet -- -D warnings
	@./sandbox/elapsed.sh "Solidity format" ./contracts/forge fmt --check

format: env ## bring the code into the house format
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .
	@cargo fmt --manifest-path $(RUST)/Cargo.toml --all
	@./contracts/forge fmt

bench: env ## machine time of the journey, 20 runs; writes docs/performance-journey.md
	@$(PY) -m benchmarks.journey

bench-graph: env env-batch ## the money-flow graph beside its peers; writes docs/performance-graph.md
	@GLIBC_TUNABLES=glibc.malloc.hugetlb=1 $(PY) -m benchmarks.graph --scale $(or $(SCALE),M)

bench-graph-others: env ## graph systems that answer another question, once; writes docs/performance-graph-others.md
	@[ -x .peers/bin/python ] || $(PY) -m venv .peers
	@.peers/bin/python -m pip install --quiet --progress-bar off --require-hashes --no-deps -r benchmarks/others/requirements.lock
	@GLIBC_TUNABLES=glibc.malloc.hugetlb=1 $(PY) -m benchmarks.others --scale $(or $(SCALE),S)

bench-hub: env ## signed verdicts, and checks of one account, transfers streaming in
	@checks=0; verdicts=0; $(PY) -m benchmarks.hub_checks || checks=$$?; \
	  $(PY) -m benchmarks.hub_verdicts || verdicts=$$?; exit $$(( checks || verdicts ))

bench-overload: env ## issuer, verifier and hub at three times what they can; writes docs/performance-overload.md
	@$(PY) -m benchmarks.overload $(if $(SECONDS_AT_EACH),--seconds $(SECONDS_AT_EACH)) $(if $(POSTGRESQL),--postgresql)

bench-ledger: env ## anchors, reads and replay, beside web3
	@$(PY) -m benchmarks.ledger

lock: ## renew the hash-pinned lock from pyproject.toml
	@.venv/bin/python -m pip -q install uv
	@.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --extra dev pyproject.toml -o requirements.lock
	@.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header requirements-batch.in -o requirements-batch.lock
	@.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header requirements-node.in -o requirements-node.lock
	@.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header benchmarks/others/requirements.in -o benchmarks/others/requirements.lock

clean: ## remove everything that make built
	rm -rf .venv .peers .make build node_modules contracts/out contracts/cache $(RUST)/target
