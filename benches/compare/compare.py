"""Compare igoscope's speed and memory with PyTorch's on this machine; `run.sh` builds what it needs and starts it.

`README.md` says what is measured and how to read it. The report goes to standard output, progress to standard error.
"""

import argparse
import os
import platform
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch
from safetensors.torch import save_file

import ours
import theirs

SEARCHES = {"end-point": 2, "path-shared": 2, "path": 1}
ITERATIONS, SAMPLES, SIDE = 15, 20, 28
PICTURES = 20


@dataclass
class Subject:
    """A network to compare: its class, how many pictures at once, PyTorch's batches, and work for one picture."""

    name: str
    label: int
    pictures: int
    chunks: tuple
    gradient_flops: float


SUBJECTS = {
    subject.name: subject
    for subject in (
        Subject("efficientnet-lite0", 967, 20, (5, 10, 20), 1.6e9),
        Subject("resnet50", 0, 20, (5, 10, 20), 16.4e9),
        Subject("vgg19", 0, 8, (4, 8), 78e9),
    )
}


@dataclass
class Pairs:
    """Times of the same work, measured in turn."""

    ours: list
    theirs: list

    def ratio(self):
        """Return the median ratio of a pair, and the range if there are several."""
        ratios = sorted(ours / theirs for ours, theirs in zip(self.ours, self.theirs))
        spread = f" ({ratios[0]:.2f}–{ratios[-1]:.2f})" if len(ratios) > 1 else ""
        return f"{median(ratios):.2f}{spread}"


@dataclass
class Search:
    """Seconds of a whole run by a line search, and of a pass in it."""

    name: str
    ours: float
    theirs: float
    our_pass: float
    their_pass: float


class Notes:
    """What is printed below the table."""

    def __init__(self):
        """Begin without any."""
        self.values, self.peak, self.scaling, self.passes = [], [], [], []


def main():
    """Compare, and print the report."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options = parse()
    theirs.set_up(options.threads)
    options.folder.mkdir(parents=True, exist_ok=True)
    pictures = theirs.inputs(PICTURES)
    pictures.numpy().astype("<f4").tofile(options.folder / "inputs.f32")
    print(f"{machine()}; {options.threads} threads; PyTorch {torch.__version__}, {cpu_capability()}\n")
    print_row("model", "batch", "work", "passes", "igoscope s", "PyTorch s", "ratio", "PyTorch's best", "our peak MB")
    print_row("---", "---:", "---", "---:", "---:", "---:", "---:", "---", "---:")
    notes = Notes()
    for name in options.models:
        compare(SUBJECTS[name], pictures, options, notes)
    print_notes(notes)
    if options.program is not None:
        print_program(options.program)


def parse():
    """Read the command line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", type=Path, required=True, help="our peer program")
    parser.add_argument("--program", type=Path, help="igoscope; without it its memory and start are left out")
    parser.add_argument("--folder", type=Path, default=ours.ROOT / "target" / "compare", help="for inputs and weights")
    parser.add_argument("--pairs", type=positive, default=5, help="measurements of each side [default: %(default)s]")
    parser.add_argument("--threads", type=positive, default=cores, help="of both sides [default: %(default)s]")
    parser.add_argument("--models", nargs="+", choices=SUBJECTS, default=list(SUBJECTS), metavar="MODEL")
    parser.add_argument("--skip-igos", action="store_true", help="compare passes only, no whole runs")
    parser.add_argument("--quick", action="store_true", help="small batches, short runs, one pair: only to see it work")
    options = parser.parse_args()
    options.pairs = 1 if options.quick else options.pairs
    return options


def positive(text):
    """Read a positive number."""
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


def compare(subject, pictures, options, notes):
    """Compare everything about one network."""
    count, chunks = (2, (1, 2)) if options.quick else (subject.pictures, subject.chunks)
    progress(f"{subject.name}: load")
    network = theirs.load(subject.name, pictures[:4])
    weights = None
    if subject.name != "efficientnet-lite0":
        weights = options.folder / f"{subject.name}.safetensors"
        save_file(theirs.weights(network), weights)
    folded = theirs.fold(network)
    runner = theirs.Runner(folded, pictures[:count], subject.label)

    def peer(threads):
        """Start our peer with this network."""
        path = options.folder / "inputs.f32"
        return ours.Peer(options.peer, subject.name, weights, path, subject.label, threads)

    with peer(options.threads) as our:
        notes.values.append((subject.name, *differences(our, network, folded, pictures[:1], subject.label, options)))
        flops = our.ask("matmul")["gflops"] * 1e9
        for work, title in (("forward", "forward"), ("gradient", "forward + input gradient")):
            progress(f"{subject.name}: {work}, PyTorch's best way")
            runner.tune(work, chunks)
            progress(f"{subject.name}: {work}, pairs")
            pairs = measure(lambda: our.seconds(work, count), lambda: runner.seconds(work), options.pairs)
            passes = f"{count}+{count if work == 'gradient' else 0}"
            report(subject.name, count, title, passes, pairs, runner, our)
        flops = max(flops, our.ask("matmul")["gflops"] * 1e9)
        speeds = [subject.gradient_flops * count / median(times) for times in (pairs.ours, pairs.theirs)]
        notes.peak.append((subject.name, flops, *(speed / flops for speed in speeds)))
        if subject.name == "efficientnet-lite0" and not options.skip_igos:
            notes.passes += compare_runs(subject, our, runner, options)
        if options.threads > 1:
            progress(f"{subject.name}: threads")
            with peer(1) as alone:
                pairs = measure(
                    lambda: alone.seconds("gradient", count), lambda: our.seconds("gradient", count), options.pairs
                )
            notes.scaling.append((subject.name, *scaling(pairs, options.threads)))


def differences(our, network, folded, picture, label, options):
    """Return relative differences of logits and gradient: ours from PyTorch's, and PyTorch's from its own in f64."""
    path = options.folder / "check.f32"
    our.ask("check", path.resolve())
    values = torch.from_numpy(np.fromfile(path, "<f4"))
    path.unlink()
    mine = values.split([1000, picture.numel()])
    theirs_32 = theirs.logits_and_gradient(folded, picture, label)
    network.double()
    theirs_64 = theirs.logits_and_gradient(network, picture.double(), label)
    network.float()
    return [
        float((a.double() - b.double()).norm() / b.double().norm())
        for a, b in (*zip(mine, theirs_32), *zip(theirs_32, theirs_64))
    ]


def measure(first, second, count):
    """Time two sides in turn, after one warm-up each; each returns its seconds."""
    first(), second()
    times = [(first(), second()) for _ in range(count)]
    return Pairs(*map(list, zip(*times)))


def compare_runs(subject, our, runner, options):
    """Compare whole runs of I-GOS by each search, and return their times."""
    shape = (SAMPLES, SIDE)
    notes = []
    for search, count in SEARCHES.items():
        progress(f"{subject.name}: I-GOS, {search}")
        our.ask("igos", search, 1, *shape)
        runner.igos(search, 1, *shape)
        count, iterations = (1, 2) if options.quick else (count, ITERATIONS)
        words = (search, iterations, *shape)
        runs = [(our.ask("igos", *words), runner.igos(*words)) for _ in range(count)]
        pairs = Pairs(*([run["seconds"] for run in side] for side in zip(*runs)))
        passes = ["{forward}+{backward}".format(**run) for run in runs[0]]
        title = f"I-GOS, {search}, {iterations} iterations"
        report(subject.name, SAMPLES, title, " / ".join(dict.fromkeys(passes)), pairs, runner, our)
        costs = [median(run["seconds"] / (run["forward"] + run["backward"]) for run in side) for side in zip(*runs)]
        notes.append(Search(search, *map(median, (pairs.ours, pairs.theirs)), *costs))
    return notes


def scaling(pairs, threads):
    """Return the times with one thread and with all, and the efficiency."""
    efficiency = median(alone / (threads * all_of_them) for alone, all_of_them in zip(pairs.ours, pairs.theirs))
    return median(pairs.ours), median(pairs.theirs), efficiency


def report(name, count, work, passes, pairs, runner, our):
    """Print a row of the table."""
    seconds = (f"{median(times):.3f}" for times in (pairs.ours, pairs.theirs))
    memory = our.ask("memory")["peak_bytes"]
    print_row(name, count, work, passes, *seconds, pairs.ratio(), runner.way(), megabytes(memory))


def print_notes(notes):
    """Print what is not in the table."""
    if notes.passes:
        print("\nI-GOS, for a pass forward or backward (noise differs, and with it the number of trials):\n")
        for search in notes.passes:
            mine, other = search.our_pass, search.their_pass
            times = f"igoscope {mine * 1e3:.1f} ms, PyTorch {other * 1e3:.1f} ms"
            print(f"* {search.name}: {times}, ratio {mine / other:.2f}")
        runs = {search.name: search for search in notes.passes}
        ratio = runs["path-shared"].ours / runs["path"].theirs
        print(f"* igoscope's default, path-shared, against PyTorch by the authors' path: ratio {ratio:.2f}")
    print("\nRelative difference of picture 0, logits and input gradient:\n")
    for name, logits, gradient, own_logits, own_gradient in notes.values:
        print(
            f"* {name}: ours to PyTorch {logits:.1e} and {gradient:.1e}, "
            f"PyTorch to itself in f64 {own_logits:.1e} and {own_gradient:.1e}"
        )
    print("\nShare of the matrix peak, forward + input gradient:\n")
    for name, peak, mine, other in notes.peak:
        print(f"* {name}: peak {peak / 1e9:.0f} GFLOP/s, igoscope {mine:.0%}, PyTorch {other:.0%}")
    if notes.scaling:
        print("\nOur threads, forward + input gradient:\n")
    for name, alone, together, efficiency in notes.scaling:
        print(f"* {name}: one thread {alone:.3f} s, all {together:.3f} s, efficiency {efficiency:.0%}")


def print_program(program):
    """Print the program's size, its memory and how it starts."""
    progress("the program's memory")
    few, many = (ours.peak_of_explaining(program, count) for count in (20, 100))
    print("\nThe program:\n")
    print(f"* {megabytes(program.stat().st_size)} MB on disk")
    print(
        f"* explaining with I-GOS holds at most {megabytes(few)} MB with 20 points of the path, "
        f"{megabytes(many)} MB with 100: {many / few:.2f} times as much",
        flush=True,
    )
    progress("the program's window")
    for line in ours.start_up(program):
        print(f"* {line}")


def print_row(*cells):
    """Print a row of a Markdown table."""
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def progress(text):
    """Say what is being done."""
    print(text, file=sys.stderr, flush=True)


def megabytes(count):
    """Write bytes as megabytes."""
    return f"{count / 1e6:.0f}"


def machine():
    """Return the processor's name, the number of cores, and how busy they were before."""
    name = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), name)
    return f"{name}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def cpu_capability():
    """Return the vector unit that PyTorch uses."""
    return torch.backends.cpu.get_cpu_capability()


if __name__ == "__main__":
    main()
