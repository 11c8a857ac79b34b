#!/usr/bin/env bash
# Compare igoscope's speed and memory with PyTorch's; README.md says how. Arguments go to compare.py.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
cd "$root"
build="${CARGO_TARGET_DIR:-target}"
venv="$build/compare/venv"

if [[ ! -e "$venv/complete" ]]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet -r benches/compare/requirements.txt
    touch "$venv/complete"
fi

cargo build --release
peer="$(cargo bench --no-run --bench peer --message-format=json | "$venv/bin/python" -c '
import json, sys

for line in sys.stdin:
    message = json.loads(line) if line.startswith("{") else {}
    if message.get("executable") and message["target"]["name"] == "peer":
        print(message["executable"])
')"

exec "$venv/bin/python" benches/compare/compare.py \
    --peer "$peer" --program "$build/release/igoscope" --folder "$build/compare" "$@"
