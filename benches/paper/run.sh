#!/usr/bin/env bash
# The paper's tables again: deletion and insertion of every method on grids of 7 to 224 cells a side, with 95 % intervals
# and a row of random orders, the objective of I-GOS for every mask, and seconds, as Markdown on standard output.
# README.md says how to read them.
#
#   benches/paper/run.sh [--pictures DIR] [--models "NAME|FILE …"] [--grids "7 14 28 112 224"] [--entries "all"]
#                        [--threads N] [--profile bench|dev]
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
cd "$root"
pictures="assets/samples" models="efficientnet-lite0" grids="7 14 28 112 224" entries="random all igos:no-path" threads=0
profile="bench"
while [[ $# -gt 0 ]]; do
    case "$1" in
    --pictures) pictures="$2" ;;
    --models) models="$2" ;;
    --grids) grids="$2" ;;
    --entries) entries="$2" ;;
    --threads) threads="$2" ;;
    # What the tests were built with: some percent slower, and built in seconds where they are.
    --profile) profile="$2" ;;
    *) echo "unknown: $1" >&2 && exit 2 ;;
    esac
    shift 2
done

folder="${CARGO_TARGET_DIR:-target}/paper"
mkdir -p "$folder"
for model in $models; do
    # Each map is made once and judged on every grid.
    # shellcheck disable=SC2086
    cargo bench --quiet --profile "$profile" --bench quality -- --pictures "$pictures" --model "$model" --baselines blur --grids $grids \
        --threads "$threads" --entries $entries --out "$folder/$(basename "$model").jsonl"
done
