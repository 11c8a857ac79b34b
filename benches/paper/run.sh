#!/usr/bin/env bash
# The paper's tables again: deletion and insertion of every method on grids of 7 to 224 cells a side, with 95 % intervals
# and a row of random orders, as Markdown on standard output. README.md says how to read them.
#
#   benches/paper/run.sh [--pictures DIR] [--grids "7 14 28 112 224"] [--methods all] [FLAG OF igoscope evaluate …]
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
cd "$root"
build="${CARGO_TARGET_DIR:-target}"
pictures="assets/samples" grids="7 14 28 112 224" methods="all"
while [[ $# -gt 0 ]]; do
    case "$1" in
    --pictures) pictures="$2" && shift 2 ;;
    --grids) grids="$2" && shift 2 ;;
    --methods) methods="$2" && shift 2 ;;
    *) break ;;
    esac
done

cargo build --release >&2
out="$(mktemp -d "${TMPDIR:-/tmp}/igoscope-paper.XXXXXX")"
trap 'rm -rf "$out"' EXIT

for grid in $grids; do
    "$build/release/igoscope" evaluate "$pictures" --method "$methods" --curve-grid "$grid" --out "$out/$grid" "$@" >&2
    echo "## $grid × $grid cells"
    echo
    # Its own title is of no use in a row of them.
    sed '1{/^# /d}' "$out/$grid/summary.md"
    echo
done
