#!/usr/bin/env bash
# benches/evaluate/grow.sh [PROGRAM [COUNT …]]: what an evaluation in one process costs and how that grows, for 50, 500 and
# 5000 pictures or as many as are asked for (the samples, again and again): seconds, the most memory, and the size of the
# results. One method with coarse curves, so that what is measured is more than the method alone.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=$(realpath "${1:-target/release/igoscope}")
counts=("${@:2}")
[[ ${#counts[@]} -gt 0 ]] || counts=(50 500 5000)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
samples=(assets/samples/*.jpg)
for count in "${counts[@]}"; do
  mkdir "$place/$count"
  for ((number = 0; number < count; number++)); do
    cp "${samples[number % ${#samples[@]}]}" "$place/$count/$(printf %05d "$number").jpg"
  done
  start=$(date +%s%N)
  "$program" evaluate "$place/$count" --out "$place/$count-out" --method grad-cam --curve-steps 10 --random-orders 1 \
    --second-judge=false >/dev/null 2>"$place/log" &
  peak=0
  while kill -0 $! 2>/dev/null; do
    now=$(awk '/VmHWM/ { print $2 }' "/proc/$!/status" 2>/dev/null || true)
    ((${now:-0} > peak)) && peak=$now
    sleep 0.1
  done
  wait $!
  took=$((($(date +%s%N) - start) / 1000000))
  echo "$count pictures: $((took / 1000)).$((took % 1000 / 100)) s, $((took / count)) ms each;" \
    "$((peak / 1024)) MiB of memory at most; $(du -sm "$place/$count-out" | cut -f1) MiB of results"
done
