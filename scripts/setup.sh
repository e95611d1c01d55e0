#!/usr/bin/env bash
# Adds what this machine lacks, from the ordinary registries only (rustup, crates.io, npm, Debian).
#
#   scripts/setup.sh rust   the Rust toolchain's own parts (clippy, rustfmt)
#   scripts/setup.sh run    what `make run` needs
#   scripts/setup.sh test   that, and what `make test` needs besides
#
# Says what it does and how long it takes. Does nothing, in well under a second, when nothing is missing.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
. "$(dirname "${BASH_SOURCE[0]}")/jobs.sh"
cd "$ROOT"

# Versions measured to work together. 0.3.11 of cargo-leptos needs a newer Rust than ours.
CARGO_LEPTOS=0.3.10
CARGO_NEXTEST=0.9.143
CARGO_MACHETE=0.9.2
WASM_BINDGEN=$(pinned wasm-bindgen) # the program must equal the crate
NODE=20

WASM=wasm32-unknown-unknown

main() {
  require_rust
  ensure_rust_parts
  case ${1:-} in
    rust) return ;;
    run | test) ;;
    *) fail "usage: scripts/setup.sh rust|run|test" ;;
  esac
  require_node
  find_missing "$1"
  if ((${#MISSING[@]} > 0)); then
    one_at_a_time "$1"
    add_missing
  fi
}

# --- what must be there already ---

require_rust() {
  if ! has cargo || ! has rustc; then
    fail "Rust is missing. Install it with rustup (https://rustup.rs; on Debian 13: apt-get install rustup && rustup default stable)."
  fi
  local want have
  want=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
  have=$(rustc --version | cut -d' ' -f2)
  at_least "$want" "$have" || fail "this project needs Rust $want, here is $have. Run: rustup update stable"
  SYSROOT=$(rustc --print sysroot)
}

require_node() {
  if ! has node || ! has npm; then fail "Node.js is missing. Install version $NODE or newer with npm (https://nodejs.org)."; fi
  local have
  have=$(node --version)
  at_least "$NODE" "${have#v}" || fail "this project needs Node.js $NODE or newer, here is $have."
}

# at_least WANT HAVE: compares versions.
at_least() { [[ $(printf '%s\n%s\n' "$1" "$2" | sort --version-sort | head -n 1) == "$1" ]]; }

# --- what is missing ---

ensure_rust_parts() {
  if [[ -x $SYSROOT/bin/cargo-clippy && -x $SYSROOT/bin/rustfmt ]]; then return; fi
  has rustup || fail "clippy and rustfmt are missing and there is no rustup to add them. Install them beside rustc."
  say "Adding clippy and rustfmt to the Rust toolchain (10 s)"
  rustup component add clippy rustfmt >&2
}

# find_missing run|test: fills MISSING with the names of the parts to add.
find_missing() {
  MISSING=()
  local part parts=(compiler node_modules wasm_target wasm_bindgen cargo_leptos)
  if [[ $1 == test ]]; then parts+=(cargo_nextest cargo_machete chromium fonts postgres); fi
  for part in "${parts[@]}"; do
    "there_is_$part" || MISSING+=("$part")
  done
}

there_is_compiler() { has cc; }
there_is_wasm_target() { [[ -d $SYSROOT/lib/rustlib/$WASM/lib || -f $LOCAL/wasm-std/env ]]; }
there_is_wasm_bindgen() { [[ $(wasm-bindgen --version 2>/dev/null) == "wasm-bindgen $WASM_BINDGEN" ]]; }
there_is_cargo_leptos() { [[ $(cargo-leptos --version 2>/dev/null) == "cargo-leptos $CARGO_LEPTOS" ]]; }
there_is_cargo_nextest() { has cargo-nextest; }
there_is_cargo_machete() { has cargo-machete; }
there_is_chromium() { [[ -x ${CHROMIUM_PATH:-/usr/bin/chromium} ]]; }
there_is_fonts() { [[ -d /usr/share/fonts/truetype/liberation || -d /usr/share/fonts/truetype/liberation2 ]]; }
there_is_postgres() { "$ROOT/scripts/postgres.sh" programs >/dev/null 2>&1; }

# npm leaves a copy of the lock file's content behind only when it has finished; ours is compared as a whole.
there_is_node_modules() { cmp -s package-lock.json node_modules/.installed-package-lock.json; }

is_missing() { [[ " ${MISSING[*]} " == *" $1 "* ]]; }

# --- adding it ---

# one_at_a_time run|test: two set-ups at once would undo each other's work. The lock falls with the last process
# that holds it.
one_at_a_time() {
  mkdir -p "$LOCAL"
  exec 9>"$LOCAL/setup.lock"
  if ! flock --nonblock 9; then
    say "Another set-up is at work in this folder; waiting for it"
    flock 9
    find_missing "$1"
  fi
}

add_missing() {
  if ((${#MISSING[@]} == 0)); then return; fi
  say "Setting up what is missing, side by side; this happens once (about 5 minutes on two cores if all is missing):"
  trap stop_all EXIT
  trap 'exit 130' INT TERM
  if is_missing node_modules; then begin npm "packages from npm (10 s)" add_node_modules; fi
  find_build_packages
  if ((${#BUILD_PACKAGES[@]} > 0)); then
    begin debian-build "${BUILD_PACKAGES[*]} from Debian (30 s)" add_packages "${BUILD_PACKAGES[@]}"
  fi
  if is_missing compiler; then finish debian-build; fi
  if is_missing wasm_target; then begin wasm-target "Rust's WebAssembly target (10 s)" add_wasm_target; fi
  if is_missing wasm_bindgen || is_missing cargo_nextest || is_missing cargo_machete; then
    begin cargo-tools "$(small_tools), compiled (1 to 3 minutes)" add_small_tools
  fi
  if [[ -v JOB_PID[debian-build] ]]; then finish debian-build; fi
  if is_missing cargo_leptos; then
    begin cargo-leptos "the build program, compiled from about 550 crates (3 to 4 minutes on two cores)" add_cargo_leptos
  fi
  add_test_packages
  finish_all
  trap - EXIT
}

add_node_modules() {
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund
  cp package-lock.json node_modules/.installed-package-lock.json
}

add_wasm_target() {
  if has rustup && rustup target add "$WASM"; then return; fi
  echo "rustup could not add $WASM; building its standard library from Debian's Rust sources instead."
  "$ROOT/scripts/wasm-std-fallback.sh"
}

# What the Rust programs need while they compile comes first. With OpenSSL from Debian, cargo-leptos need not
# compile its own: 2 minutes of processor time less.
find_build_packages() {
  BUILD_PACKAGES=()
  if is_missing compiler; then BUILD_PACKAGES+=(build-essential); fi
  if is_missing cargo_leptos && has apt-get && ! system_openssl; then BUILD_PACKAGES+=(pkg-config libssl-dev); fi
}

add_test_packages() {
  local packages=()
  if is_missing chromium; then packages+=(chromium); fi
  if is_missing fonts; then packages+=(fonts-liberation); fi
  if is_missing postgres; then packages+=(postgresql); fi
  if ((${#packages[@]} > 0)); then
    begin debian "${packages[*]} from Debian (1 minute)" add_packages "${packages[@]}"
  fi
}

system_openssl() { has pkg-config && pkg-config --exists openssl; }

add_packages() {
  has apt-get || fail "apt-get is missing: install these packages by your system's own means: $*"
  local keep_out=/etc/postgresql-common/createcluster.d/ciam-console.conf
  export DEBIAN_FRONTEND=noninteractive
  apt_get update || echo "apt-get update reported problems; going on with what is known"
  if [[ " $* " == *" postgresql "* ]]; then
    # The package would otherwise make and start a database server of its own.
    as_root mkdir -p "$(dirname "$keep_out")"
    echo "create_main_cluster = false" | as_root tee "$keep_out"
  fi
  local result=0
  apt_get install --yes --no-install-recommends "$@" || result=$?
  as_root rm -f "$keep_out"
  return "$result"
}

# --- Rust programs, with a quick profile: the heavy work is done by rustc and by what they call ---

small_tools() {
  local names=()
  if is_missing wasm_bindgen; then names+=(wasm-bindgen); fi
  if is_missing cargo_nextest; then names+=(cargo-nextest); fi
  if is_missing cargo_machete; then names+=(cargo-machete); fi
  echo "${names[*]}"
}

# One after the other in one build folder: they share crates.
add_small_tools() {
  local build=$LOCAL/setup/build-tools
  # Its own lock file names crates that not every registry mirror has, so wasm-bindgen is resolved afresh.
  if is_missing wasm_bindgen; then
    install_program "$build" wasm-bindgen wasm-bindgen-cli --version "$WASM_BINDGEN" --bin wasm-bindgen
  fi
  if is_missing cargo_machete; then
    install_program "$build" cargo-machete cargo-machete --version "$CARGO_MACHETE" --locked
  fi
  # Without its self-update it is smaller, and never reaches for the network.
  if is_missing cargo_nextest; then
    install_program "$build" cargo-nextest cargo-nextest --version "$CARGO_NEXTEST" --locked \
      --no-default-features --features default-no-update
  fi
  rm -rf "$build"
}

# no_downloads: a missing program is then an error at once, never a download.
add_cargo_leptos() {
  local build=$LOCAL/setup/build-leptos
  if system_openssl; then export OPENSSL_NO_VENDOR=1; fi
  install_program "$build" cargo-leptos cargo-leptos --version "$CARGO_LEPTOS" --locked --features no_downloads
  rm -rf "$build"
}

# install_program BUILD_FOLDER PROGRAM CRATE ARGUMENTS…: a program of another version that is already there stays
# as it is; ours then goes to .local/tools, which comes first in the scripts' PATH.
install_program() {
  local build=$1 program=$2 root
  shift 2
  root=$(dirname "$CARGO_BIN")
  if has "$program"; then root=$LOCAL/tools; fi
  env -u RUSTC -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS \
    CARGO_TARGET_DIR="$build" \
    CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 \
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
    CARGO_PROFILE_RELEASE_DEBUG=0 \
    cargo install --root "$root" "$@"
}

main "$@"
