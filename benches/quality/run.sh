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

pictures=("$folder/eval")
[ -z "$quick" ] || mapfile -t pictures < <(find "$folder/eval" -type f | sort | head -3)

bench() {
  cargo bench --quiet --bench quality -- --pictures "${pictures[@]}" --threads "$threads" "$@"
}

# measure RESULTS MODEL JUDGE BASELINES ENTRY …
measure() {
  local results="$folder/$1.jsonl" model="$2" judge="$3" baselines="$4"
  shift 4
  # shellcheck disable=SC2086
  bench --out "$results" --model "$model" --judges "$judge" --baselines $baselines --entries "$@"
}

lite2="$folder/efficientnet-lite2.pth"
squeezenet="$folder/squeezenet1_1.safetensors"
ours=(random grad-cam integrated-gradients igos curve-descent:fast curve-descent)
peers=(igos:paper-path,noise=0.045,noise-unit=white rise greedy)
measure lite0 efficientnet-lite0 "$squeezenet" "blur grey black noise" "${ours[@]}" "${peers[@]}"
measure squeezenet "$squeezenet" efficientnet-lite0 "blur grey" "${ours[@]}"
measure lite2 "$lite2" efficientnet-lite0 "blur grey" "${ours[@]}"
bench --waits
"$folder/venv/bin/python" benches/quality/figure.py "$folder/lite0.jsonl" "$folder/quality.png"
