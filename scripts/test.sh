#!/usr/bin/env bash
# `make test`: sets up what is missing, then every check and every test; quick checks first.
# The first failure ends it. The last lines are nextest's and Playwright's own summaries.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"

# One selection of packages and features everywhere, so that all steps share what is compiled.
# The browser side never joins it: Leptos would get its server's and its browser's features at once.
SERVER_SIDE=(--workspace --exclude frontend --no-default-features)
BROWSER_SIDE=(--package frontend --no-default-features --target wasm32-unknown-unknown
  --target-dir target/front --profile wasm-dev)

# A fresh checkout is compiled once: what speeds up the next build only costs time there.
if [[ ${CI:-} == true ]]; then export CARGO_INCREMENTAL=0; fi

main() {
  # shellcheck disable=SC2046 # one word per process
  trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
  scripts/setup.sh rust
  stage "Formatting" cargo fmt --all --check
  stage "Set-up" scripts/setup.sh test
  # Picks up what the set-up may have left there.
  . scripts/env.sh
  stage "Types of the browser tests" npm run --silent types
  stage "Lints and unused dependencies" lint
  stage "Build" cargo leptos build
  stage "Tests (SQLite and PostgreSQL)" \
    scripts/postgres.sh with cargo nextest run "${SERVER_SIDE[@]}" --no-fail-fast
  stage "Browser tests" browser_tests
}

# stage TITLE COMMAND…
stage() {
  local title=$1
  shift
  say "── $title (after $SECONDS s)"
  "$@" || fail "'$title' failed (see above)."
}

# The two sides compile into different folders, so neither waits for the other.
lint() {
  local log=target/lint result=0 browser_side unused
  mkdir -p "$log"
  cargo machete --skip-target-dir >"$log/unused-dependencies.log" 2>&1 &
  unused=$!
  lint_browser_side >"$log/browser-side.log" 2>&1 &
  browser_side=$!
  cargo clippy "${SERVER_SIDE[@]}" --all-targets -- -D warnings || result=$?
  wait "$browser_side" || result=$?
  grep -vE '^ *(Compiling|Checking|Downloading|Downloaded|Blocking|Locking|Updating|Finished) ' "$log/browser-side.log" >&2 || true
  if ! wait "$unused"; then
    cat "$log/unused-dependencies.log" >&2
    result=1
  fi
  return "$result"
}

lint_browser_side() {
  if [[ -f $LOCAL/wasm-std/env ]]; then
    echo "The WebAssembly target comes from Debian's compiler, which has no clippy: the browser side is not linted here."
  else
    cargo clippy "${BROWSER_SIDE[@]}" -- -D warnings
  fi
}

browser_tests() {
  # npx would look for a package in the registry if there were none here; the installed program is called instead.
  (cd end2end && ../node_modules/.bin/playwright test)
}

main
