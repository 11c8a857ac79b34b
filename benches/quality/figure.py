"""Draw insertion less deletion against seconds, a point a method: `figure.py RESULTS.jsonl … FIGURE.png`.

Filled points are judged on the baseline that the maps were made with, hollow ones are the mean over those they were
not made with: grey, black and noise. The grey line is random orders.
"""

import fileinput
import json
import statistics
import sys
from collections import defaultdict

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

NAMES = {
    "grad-cam": "Grad-CAM",
    "integrated-gradients": "Integrated gradients",
    "rise": "RISE, 4000 masks",
    "greedy": "Greedy squares",
    "igos": "I-GOS",
    "igos:paper": "I-GOS, paper",
    "igos:paper-path": "I-GOS, authors’ program, noise as in theirs",
    "igos:paper-path,noise=0.045,noise-unit=white": "I-GOS, authors’ program",
    "curve-descent": "Curve descent",
    "curve-descent:fast": "Curve descent, fast",
}
OWN = {"curve-descent", "curve-descent:fast", "igos"}
LEAST_SECONDS = 0.01
# Where names stand beside their points, and which end of the name, where others would be in the way.
RIGHT = (7, 0, "left")
PLACES = {
    "curve-descent:fast": (-7, 0, "right"),
    "igos:paper-path,noise=0.045,noise-unit=white": (-5, 10, "left"),
}


def main():
    """Read the results and draw them."""
    *results, path = sys.argv[1:]
    rows = defaultdict(list)
    for line in fileinput.input(results, encoding="utf-8"):
        row = json.loads(line)
        rows[row["entry"]].append(row)
    figure, axes = plt.subplots(figsize=(7.5, 4.5))
    for entry, own in rows.items():
        seconds = max(LEAST_SECONDS, statistics.median(row["seconds"] for row in own))
        made, others = difference(own, ["blur"]), difference(own, ["grey", "black", "noise"])
        if entry == "random":
            axes.axhline(made, color="0.7", linewidth=6, zorder=0)
            axes.text(1.2 * LEAST_SECONDS, made + 0.012, "random order", color="0.5", fontsize=8)
            continue
        color = "#009e73" if entry in OWN else "#555555"
        axes.plot([seconds, seconds], [made, others], color=color, linewidth=1)
        axes.plot(seconds, made, "o", color=color)
        axes.plot(seconds, others, "o", color=color, markerfacecolor="white")
        across, up, align = PLACES.get(entry, RIGHT)
        place = {"textcoords": "offset points", "ha": align, "va": "center", "fontsize": 8}
        axes.annotate(NAMES.get(entry, entry), (seconds, made), (across, up), **place)
    axes.set_xscale("log")
    axes.set_xlim(LEAST_SECONDS, 100)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("seconds a picture, two cores")
    axes.set_ylabel("insertion − deletion (more is better)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title("● on the blur the maps were made with   ○ on grey, black and noise", fontsize=9, loc="left")
    figure.tight_layout()
    figure.savefig(path, dpi=160)


def difference(rows, judges):
    """Return the mean of insertion less deletion over rows and judges."""
    chosen = [j for row in rows for j in row["judged"] if j["judge"] in judges]
    return mean(j["insertion"] - j["deletion"] for j in chosen)


def mean(values):
    """Return the mean of some numbers."""
    values = list(values)
    return sum(values) / len(values)


if __name__ == "__main__":
    main()
