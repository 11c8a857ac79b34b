"""Draw the icon in every size: `python -m venv venv && venv/bin/pip install pillow==13.0.0 resvg-py==0.5.0 && venv/bin/python assets/icons/make.py`.

Writes `igoscope-<side>.png` for Linux and macOS and `igoscope.ico` for Windows, all from `igoscope.svg`.
"""

import io
from pathlib import Path

import resvg_py
from PIL import Image

FOLDER = Path(__file__).resolve().parent
SIDES = [16, 24, 32, 48, 64, 128, 256, 512]
WINDOWS_SIDES = [16, 24, 32, 48, 64, 256]


def drawn(side):
    """Return the icon as it is drawn at this size: sharper than one made smaller."""
    png = resvg_py.svg_to_bytes(svg_path=str(FOLDER / "igoscope.svg"), width=side, height=side)
    return Image.open(io.BytesIO(bytes(png)))


def main():
    """Write every file."""
    icons = {side: drawn(side) for side in SIDES}
    for side, icon in icons.items():
        icon.save(FOLDER / f"igoscope-{side}.png", optimize=True)
    largest, *others = [icons[side] for side in reversed(WINDOWS_SIDES)]
    largest.save(FOLDER / "igoscope.ico", sizes=[(side, side) for side in WINDOWS_SIDES], append_images=others)


main()
