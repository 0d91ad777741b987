# Sourced by every script: where things are, and the pinned tools first on PATH.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${HOME:?HOME is not set: tools and build results are kept below it}"
tools=$HOME/.cache/slipway/tools
# One folder per working copy: cargo tells sources apart by their age, not by where they are.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$HOME/.cache/slipway/target-$(printf '%s' "$root" | cksum | cut -d ' ' -f 1)}
export PATH="$tools/bin:$root/node_modules/.bin:$PATH:$HOME/.cargo/bin"
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
# Cargo's progress is for people who watch it, not for logs.
[ -t 2 ] || export CARGO_TERM_QUIET=true

# Says one thing on a line of its own.
say() { printf '%s\n' "$*"; }

# Says what is wrong and what to do next, and stops.
stop() {
  printf 'slipway: %s\n' "$*" >&2
  exit 1
}

# A value of package.json, the one place where versions are pinned: `pinned rust`, `pinned cargoTools cargo-leptos version`.
pinned() {
  node -e '
    const value = process.argv.slice(2).reduce((from, key) => from?.[key], require(process.argv[1]));
    process.stdout.write(value === undefined ? "" : String(value));
  ' "$root/package.json" "$@"
}

# The pinned Rust, when another one is the default.
use_pinned_rust() {
  local version
  version=$(sed -n 's/^  "rust": "\(.*\)",$/\1/p' "$root/package.json")
  rustc --version 2>/dev/null | grep -q "^rustc $version " || export RUSTUP_TOOLCHAIN=$version
}
use_pinned_rust

# Runs one phase of a longer job: prints its name, then how long it took. Its exit status is the phase's.
phase() {
  local name=$1 began=$SECONDS status=0
  shift
  printf '\n== %s\n' "$name"
  "$@" || status=$?
  local took=$((SECONDS - began))
  printf -- '-- %s: %s in %d:%02d\n' "$name" "$([ "$status" = 0 ] && echo done || echo FAILED)" $((took / 60)) $((took % 60))
  return "$status"
}
