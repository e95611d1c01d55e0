#!/usr/bin/env bash
# Where rustup cannot add the wasm32-unknown-unknown target: builds Rust's standard library for it from Debian's
# sources, with Debian's compiler for the web (packages rustc-web and rust-web-src), and leaves a small `rustc`
# in .local/wasm-std that uses that compiler for everything under target/front and the ordinary one for the rest.
# The packages are only unpacked into .local/wasm-std, not installed. Needs Debian 12 or newer with its security
# archive; about 3 minutes and 1 GB.
#
# scripts/env.sh picks the result up. What remains different: clippy cannot check the browser side (clippy belongs
# to the ordinary compiler), so scripts/test.sh leaves that one step out and says so.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

TARGET=wasm32-unknown-unknown
DIR=$LOCAL/wasm-std
SYS=$DIR/system/usr # what the packages would put under /usr
PACKAGES=(rustc-web rust-web-src libstd-rust-web-dev rust-web-llvm)

main() {
  has apt-get || fail "apt-get is missing. Add the target by hand: rustup target add $TARGET"
  rm -rf "$DIR"
  mkdir -p "$DIR/packages/partial" "$DIR/bin"
  unpack_packages
  write_web_rustc
  build_std
  write_rustc
  finish
}

unpack_packages() {
  local linker package
  apt_get update || true
  linker=$(apt-cache search --names-only '^lld-[0-9]+$' | cut -d' ' -f1 | sort --version-sort | tail -n 1)
  if [[ -z $linker ]]; then fail "Debian offers no lld package here. Add the target by hand: rustup target add $TARGET"; fi
  say "Fetching Debian's Rust for the web (${PACKAGES[*]} $linker)"
  apt_get -o "Dir::Cache::Archives=$DIR/packages" \
    install --yes --no-install-recommends --reinstall --download-only "${PACKAGES[@]}" "$linker"
  for package in "$DIR"/packages/*.deb; do
    dpkg-deb --extract "$package" "$DIR/system"
  done
  rm -rf "$DIR/packages"
  WASM_LD=$SYS/bin/wasm-ld-${linker#lld-}
  [[ -x $WASM_LD ]] || fail "the package $linker holds no wasm-ld. Add the target by hand: rustup target add $TARGET"
}

write_web_rustc() {
  LIBS=$(dirname "$(find "$SYS/lib" -name 'librustc_driver*.so' -print -quit)")
  LIBS=$LIBS:$(dirname "$(find "$SYS/lib" -name 'libLLVM*.so*' -print -quit)")
  write_program web-rustc <<WRAPPER
#!/bin/sh
LD_LIBRARY_PATH="$LIBS\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}" exec "$SYS/bin/rustc" "\$@"
WRAPPER
  write_program wasm-ld <<WRAPPER
#!/bin/sh
LD_LIBRARY_PATH="$LIBS" exec "$WASM_LD" "\$@"
WRAPPER
  "$DIR/bin/web-rustc" --version >&2
}

# The compiler finds the library's sources where cargo's build-std looks for them.
build_std() {
  local sources seed=$DIR/seed libraries
  sources=$(printf '%s\n' "$SYS"/src/rustc-* | tail -n 1)
  mkdir -p "$SYS/lib/rustlib/src"
  ln -sfn "$sources" "$SYS/lib/rustlib/src/rust"
  mkdir -p "$seed/src"
  printf '[package]\nname = "seed"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n[profile.release]\npanic = "abort"\n' >"$seed/Cargo.toml"
  : >"$seed/src/lib.rs"
  say "Building the standard library for $TARGET (2 minutes)"
  # RUSTC_BOOTSTRAP allows build-std with a stable compiler; it is set for this one build only.
  (cd "$seed" && env -u RUSTFLAGS RUSTC="$DIR/bin/web-rustc" RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$seed/target" \
    cargo build --release --target "$TARGET" -Z build-std=std,panic_abort,proc_macro)
  libraries=$SYS/lib/rustlib/$TARGET/lib
  mkdir -p "$libraries"
  cp "$seed/target/$TARGET"/release/deps/*.rlib "$libraries"/
  rm -rf "$libraries"/libseed-*.rlib "$seed" "$SYS/lib/rustlib/src" "$SYS/src"
}

# Both compilers must never meet in one target folder: their libraries do not fit together. The browser side,
# with its own macros, has a folder of its own, and its paths are on every command line of its compilations.
write_rustc() {
  write_program rustc <<WRAPPER
#!/bin/sh
case " \$* " in
  */target/front/* | *" $TARGET "* | *=$TARGET*) exec "$DIR/bin/web-rustc" "\$@" ;;
  *) exec "$(command -v rustc)" "\$@" ;;
esac
WRAPPER
}

# write_program NAME: makes its input an executable file.
write_program() {
  cat >"$DIR/bin/$1"
  chmod +x "$DIR/bin/$1"
}

# Last, so that a kill on the way leaves nothing that would be used.
finish() {
  cat >"$DIR/env" <<VARIABLES
export RUSTC="$DIR/bin/rustc"
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$DIR/bin/wasm-ld"
VARIABLES
  say "The WebAssembly target is ready (from Debian's sources)"
}

main "$@"
