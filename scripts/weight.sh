#!/usr/bin/env bash
# What a browser fetches for its first page, in a release build: WebAssembly and JavaScript, raw and under brotli.
# Prints a Markdown table. Part of `make bench`; the first build takes 3 to 5 minutes on two cores.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"

# A site of its own: a running console goes on serving the one that `make run` built.
export LEPTOS_SITE_ROOT=target/site-release LEPTOS_SITE_PKG_DIR=pkg
cargo leptos build --release --frontend-only >&2

node - "$LEPTOS_SITE_ROOT/$LEPTOS_SITE_PKG_DIR/ciam-console" <<'SCRIPT'
const { readFileSync } = require("node:fs");
const { brotliCompressSync, constants } = require("node:zlib");

// What the server does by itself on the way, which the bar is for, and what a build can compress in advance.
const QUALITIES = [6, 11];
const LIMIT = 100_000;

const sizes = (content) => [
  content.length,
  ...QUALITIES.map(
    (quality) => brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }).length,
  ),
];
const row = (name, bytes) => console.log(`| ${name} | ${bytes.join(" | ")} |`);

console.log("\n## First page: WebAssembly and JavaScript\n");
console.log("| file | bytes | brotli 6 | brotli 11 |");
console.log("|---|--:|--:|--:|");
const sum = [0, 0, 0];
for (const kind of ["wasm", "js"]) {
  const bytes = sizes(readFileSync(`${process.argv[2]}.${kind}`));
  bytes.forEach((n, place) => (sum[place] += n));
  row(kind, bytes);
}
row("together", sum);
const kept = (bytes) => (bytes <= LIMIT ? "kept" : "MISSED");
console.log(`\nBar: ${sum[1]} bytes under brotli 6, wanted ≤ ${LIMIT}: ${kept(sum[1])} (brotli 11: ${kept(sum[2])}).`);
SCRIPT
