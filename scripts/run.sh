#!/usr/bin/env bash
# `make run`: sets up what is missing, builds, and starts a console on sample billers against the embedded sandbox.
# Its data are in .local/data and stay; delete that folder to begin anew. More arguments go to `serve`.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"

scripts/setup.sh run
# Picks up what the set-up may have left there.
. scripts/env.sh

if [[ ! -x target/debug/ciam-console ]]; then
  say "Building for the first time (4 to 7 minutes on two cores; seconds from then on)"
fi
cargo leptos build

export LEPTOS_OUTPUT_NAME=ciam-console LEPTOS_SITE_ROOT=target/site LEPTOS_SITE_PKG_DIR=pkg
export LEPTOS_SITE_ADDR=127.0.0.1:3000
exec target/debug/ciam-console serve --sandbox --samples --data-dir .local/data "$@"
