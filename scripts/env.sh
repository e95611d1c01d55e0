# shellcheck shell=bash
# Sourced by every script: where the project is, where its programs are, and how the scripts speak.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
LOCAL=$ROOT/.local
CARGO_BIN=${CARGO_HOME:-${HOME:-/root}/.cargo}/bin

# Programs of this project first (.local/tools holds those whose version differs from the user's own).
export PATH="$LOCAL/tools/bin:$ROOT/node_modules/.bin:$PATH:$CARGO_BIN"

# Written by scripts/wasm-std-fallback.sh, only where rustup could not add the WebAssembly target.
if [[ -f $LOCAL/wasm-std/env ]]; then
  # shellcheck source=/dev/null
  . "$LOCAL/wasm-std/env"
fi

# say TEXT: one line for the person watching; standard output stays free for results.
say() { printf '%s\n' "$*" >&2; }

# fail TEXT: what is wrong and what to do about it.
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# has PROGRAM: whether it can be run.
has() { command -v "$1" >/dev/null 2>&1; }

# as_root COMMAND…: runs it as root, by sudo where that is needed and possible.
as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif has sudo && sudo -n true 2>/dev/null; then
    sudo -n "$@"
  else
    fail "root is needed for: $*
  Run that command as root (or this one again with root rights)."
  fi
}

# apt_get ARGUMENTS…: one at a time, waiting for other users of apt; services it may start inherit no lock of ours.
apt_get() {
  mkdir -p "$LOCAL"
  (
    flock 8
    as_root apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" 8>&- 9>&-
  ) 8>"$LOCAL/apt.lock"
}

# pinned CRATE: the exact version Cargo.toml asks for (crate = "=1.2.3").
pinned() { sed -n "s/^$1 = \"=\\([0-9.]*\\)\"\$/\\1/p" "$ROOT/Cargo.toml"; }
