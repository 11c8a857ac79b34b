#!/usr/bin/env bash
# How good the maps are, on pictures that nothing was tuned on; README.md says how.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
cd "$root"
folder="${CARGO_TARGET_DIR:-target}/quality"
threads=0
quick=
while [ $# -gt 0 ]; do
  case "$1" in
    --threads) threads="$2"; shift 2 ;;
    --quick) quick=1; shift ;;
    *) echo "unknown: $1 (--threads N, --quick)" >&2; exit 2 ;;
  esac
done

mkdir -p "$folder"
if [ ! -e "$folder/complete" ]; then
  python3 -m venv "$folder/venv"
  "$folder/venv/bin/pip" install --quiet numpy h5py safetensors matplotlib
  "$folder/venv/bin/python" benches/quality/fetch.py "$folder"
  "$folder/venv/bin/python" benches/quality/models.py "$folder"
  touch "$folder/complete"
fi

# measure RESULTS MODEL ENTRY … -- JUDGE …
measure() {
  local results="$1" model="$2" entries=() judges=()
  shift 2
  while [ "$1" != -- ]; do entries+=("$1"); shift; done
  shift
  judges=("$@")
  local pictures=("$folder/eval")
  [ -z "$quick" ] || mapfile -t pictures < <(find "$folder/eval" -type f | sort | head -3)
  cargo bench --quiet --bench quality -- --pictures "${pictures[@]}" --model "$model" --entries "${entries[@]}" \
    --judges "${judges[@]}" --threads "$threads" --out "$folder/$results.jsonl"
}

ours=(random grad-cam integrated-gradients igos curve-descent:fast curve-descent)
authors=igos:paper-path,noise=0.045,noise-unit=white
measure lite0 efficientnet-lite0 "${ours[@]}" igos:paper igos:paper-path "$authors" rise greedy \
  -- "$folder/squeezenet1_1.safetensors" "$folder/efficientnet-lite2.pth"
measure lite2 "$folder/efficientnet-lite2.pth" "${ours[@]}" "$authors" -- efficientnet-lite0
measure squeezenet "$folder/squeezenet1_1.safetensors" "${ours[@]}" "$authors" -- efficientnet-lite0
"$folder/venv/bin/python" benches/quality/figure.py "$folder/lite0.jsonl" "$folder/quality.png"
