"""How long networks in ONNX files take: igoscope beside PyTorch and ONNX Runtime, one thread each, in turn.

    cargo build --release --bench onnx
    python benches/onnx/speed.py --peer target/release/deps/onnx-… [--rounds 5] [NAME …]

Names are as sweep.py's; weights are random and lively. A round is every side once, ours first, each in a warm process of its
own or a warm session; numbers are medians of rounds, and a ratio is the median of the rounds' ratios: below 1 igoscope is
faster. ONNX Runtime has no gradients. PyTorch is what exported the file, batch normalisation folded, in inference mode where it
goes forward only.
"""

import argparse
import contextlib
import io
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time
import warnings

import numpy as np
import onnxruntime
import torch
import torch.fx.experimental.optimization

import sweep

NETWORKS = """
timm:tf_efficientnet_lite0:224 tv:resnet50:224 tv:mobilenet_v3_large:224 tv:regnet_y_800mf:224 tv:swin_t:224
tv:convnext_tiny:224 timm:vit_small_patch16_224:224
""".split()

# Of one side in one round.
REPEATS = 3


def seconds(work):
    """Return the median seconds of some repeats."""
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def folded(model, picture):
    """Return the model with batch normalisation folded into convolutions, if PyTorch can trace it."""
    try:
        traced = torch.fx.experimental.optimization.fuse(model)
        traced(picture)
        return traced
    except Exception:  # noqa: BLE001 What cannot be traced stays as it is.
        return model


def compare(name, peer, rounds, folder):
    """Return what one network takes."""
    model, side = sweep.made(name)
    picture = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(2))
    path, given, output = folder / "network.onnx", folder / "input.f32", folder / "output.f32"
    with contextlib.redirect_stdout(io.StringIO()):
        why = sweep.exported(model, picture, name, path)
    if why:
        raise SystemExit(f"{name}: {why}")
    given.write_bytes(picture.numpy().astype("<f4").tobytes())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: picture.numpy()}
    model = folded(model, picture)
    for parameter in model.parameters():
        parameter.requires_grad_(False)

    def forward():
        with torch.inference_mode():
            model(picture)

    def gradient():
        x = picture.clone().requires_grad_(True)
        model(x).max().backward()

    forward(), gradient(), session.run(None, feed)
    rows, kind = [], ""
    for _ in range(rounds):
        command = [str(peer), str(path), str(side), str(given), str(output), str(REPEATS)]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        lines = dict(line.split(" ", 1) for line in text.splitlines() if " " in line)
        kind = lines.get("as", "").split(",")[0]
        own = [float(value) for value in lines["times"].split()]
        rows.append((*own, seconds(lambda: session.run(None, feed)), seconds(forward), seconds(gradient)))
    columns = np.array(rows)
    ratio = lambda a, b: float(np.median(columns[:, a] / columns[:, b]))
    return {
        "name": name, "as": kind, "seconds": np.median(columns, 0).tolist(),
        "forward / ONNX Runtime": ratio(0, 2), "forward / PyTorch": ratio(0, 3), "gradient / PyTorch": ratio(1, 4),
    }


def main():
    """Compare, and print the table."""
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", type=pathlib.Path, required=True, help="the bench `onnx`")
    parser.add_argument("--rounds", type=int, default=5, help="of every side [default: %(default)s]")
    parser.add_argument("--json", type=pathlib.Path, help="where to write the numbers")
    parser.add_argument("names", nargs="*", default=NETWORKS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    print(f"one thread; load {os.getloadavg()[0]:.1f}; PyTorch {torch.__version__}, ONNX Runtime {onnxruntime.__version__}\n")
    print("| network | computed as | forward s | / ONNX Runtime | / PyTorch | with gradient s | / PyTorch |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    results = []
    for name in options.names:
        with tempfile.TemporaryDirectory() as folder:
            row = compare(name, options.peer, options.rounds, pathlib.Path(folder))
        results.append(row)
        forward, gradient = row["seconds"][:2]
        print(
            f"| {name} | {row['as']} | {forward:.3f} | {row['forward / ONNX Runtime']:.2f} | {row['forward / PyTorch']:.2f} "
            f"| {gradient:.3f} | {row['gradient / PyTorch']:.2f} |", flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
