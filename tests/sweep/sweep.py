"""Asks of every network of timm, torchvision and transformers: does igoscope answer as the library that saved it?

    python tests/sweep/sweep.py --program target/release/igoscope --out results.jsonl [timm] [torchvision] [transformers]
    python tests/sweep/sweep.py --table results.jsonl …

`README.md` says what is done and what the words mean. Nothing is downloaded.
"""

import argparse
import collections
import fnmatch
import gc
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torchvision.transforms import InterpolationMode, functional

# The farthest that a probability may be from the library's, in points.
TOLERANCE = 0.5

# What lively weights make of the picture's logits: far enough apart that the first classes are sure of something, and not
# so far that only one is left, whatever the others have.
LOGIT_STD = 3.0

# How far noise moves the numbers that a network sees, about as far as another order of summing does. A network whose own
# answer moves with it by more than half the tolerance tells nothing.
ROUNDING = 1e-6

CLASSES = 1000

# What igoscope says in its record that it guessed.
GUESSES = ["architecture_may_be", "attention_heads_are_guessed", "settings_are_guessed"]

RESAMPLING = {"bilinear": InterpolationMode.BILINEAR, "bicubic": InterpolationMode.BICUBIC}


# ---- the libraries


def timm_networks():
    import timm

    for name in timm.list_models():
        yield name, lambda name=name: timm.create_model(name, pretrained=False, num_classes=CLASSES)


def torchvision_networks():
    import torchvision.models as models

    for name in models.list_models(module=models):
        yield name, lambda name=name: models.get_model(name, weights=None, num_classes=CLASSES)


def transformers_networks():
    """Every kind that classifies pictures, as its own configuration has it, and some shapes that the hub has."""
    import transformers
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES as kinds

    sizes = {
        "vit": [
            dict(hidden_size=192, num_attention_heads=3, intermediate_size=768),
            dict(hidden_size=384, num_attention_heads=6, intermediate_size=1536),
            dict(patch_size=32),
            dict(num_attention_heads=6),
            dict(hidden_act="relu"),
            dict(layer_norm_eps=1e-3),
            dict(num_hidden_layers=10),
            dict(image_size=384),
            dict(qkv_bias=False),
        ],
        "convnext": [
            dict(depths=[3, 3, 27, 3]),
            dict(depths=[3, 3, 27, 3], hidden_sizes=[128, 256, 512, 1024]),
            dict(hidden_act="relu"),
            dict(layer_scale_init_value=0),
        ],
        "resnet": [
            dict(depths=[2, 2, 2, 2], hidden_sizes=[64, 128, 256, 512], layer_type="basic"),
            dict(depths=[3, 4, 6, 3], hidden_sizes=[64, 128, 256, 512], layer_type="basic"),
            dict(depths=[3, 4, 23, 3]),
            dict(depths=[3, 8, 36, 3]),
            dict(downsample_in_bottleneck=True),
            dict(downsample_in_first_stage=True),
            dict(hidden_act="silu"),
        ],
        "dinov2": [
            dict(hidden_size=384, num_attention_heads=6),
            dict(hidden_size=384, num_attention_heads=12),
            dict(patch_size=14, image_size=518, hidden_size=384, num_attention_heads=6),
            dict(patch_size=14, image_size=518),
            dict(patch_size=14, image_size=518, use_swiglu_ffn=True),
            dict(patch_size=14, image_size=518, hidden_act="relu"),
        ],
    }
    for kind, of in kinds.items():
        of = of[0] if isinstance(of, (tuple, list)) else of
        for overrides in [{}, *sizes.get(kind, [])]:
            name = kind + "".join(f" {key}={value}" for key, value in overrides.items())

            def make(kind=kind, of=of, overrides=overrides):
                config = transformers.AutoConfig.for_model(kind, num_labels=CLASSES, **overrides)
                return getattr(transformers, of)(config)

            yield name, make


LIBRARIES = {"timm": timm_networks, "torchvision": torchvision_networks, "transformers": transformers_networks}


def logits_of(network, planar):
    answer = network(planar)
    return getattr(answer, "logits", answer)


# ---- weights


def views(picture, side):
    """Some crops of a picture, as most networks want their numbers: what a network is to be calm about."""
    image = Image.open(picture).convert("RGB")
    whole = functional.resize(image, side, InterpolationMode.BILINEAR)
    middle = functional.center_crop(whole, side)
    near = functional.resize(functional.center_crop(whole, side // 2), [side, side])
    corner = functional.crop(whole, 0, 0, side, side)
    seen = [middle, functional.hflip(middle), near, functional.rotate(corner, 90)]
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    return torch.stack([functional.normalize(functional.to_tensor(view), mean, std) for view in seen])


def lively(network, pictures):
    """Weights of which each changes the answer, and answers of which some are sure.

    Batch normalisations have seen the pictures, and nothing else: on others a deep network may run away, until its answer
    is made of rounding alone.
    """
    random = torch.Generator().manual_seed(0)
    noise = lambda like: torch.randn(like.shape, generator=random)
    with torch.no_grad():
        for name, tensor in network.named_parameters():
            if tensor.ndim <= 1 or min(tensor.shape[1:]) == max(tensor.shape[1:]) == 1 and tensor.ndim < 4:
                centre = 0.0 if name.endswith("bias") else 1.0
                if "gamma" in name or "scale" in name or "lambda" in name:
                    centre = 0.3
                tensor.copy_(centre + 0.1 * noise(tensor))
            elif tensor.std() < 1e-3:
                tensor.copy_(0.02 * noise(tensor))
        network.eval()
        norms = [m for m in network.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
        if norms:
            for norm in norms:
                norm.momentum = None
                norm.reset_running_stats()
                norm.train()
            logits_of(network, pictures)
            for norm in norms:
                norm.eval()
                norm.running_mean += 0.05 * norm.running_var.sqrt() * noise(norm.running_mean)
        std = logits_of(network, pictures[:1]).std().item()
        last = [m for m in network.modules() if isinstance(m, (torch.nn.Linear, torch.nn.Conv2d))]
        last = [m for m in last if m.weight.shape[0] == CLASSES]
        if std > 0 and np.isfinite(std):
            for layer in last:
                layer.weight *= LOGIT_STD / std
    return network


def shapes_only(make):
    """The names of a network's tensors, with nothing in them."""
    try:
        with torch.device("meta"):
            return make().state_dict()
    except NotImplementedError:
        # Its making looks at numbers.
        return make().state_dict()


def zeros(state):
    """The same with zeros."""
    return {name: torch.zeros(tensor.shape, dtype=tensor.dtype) for name, tensor in state.items()}


def apart(state):
    """Tensors that share memory with no other, as safetensors wants them."""
    return {name: tensor.detach().clone().contiguous() for name, tensor in state.items()}


# ---- igoscope


def ask(program, weights, picture, *flags):
    """What igoscope says: its line of JSON, or why it refused."""
    quick = ["--method", "grad-cam", "--curve-steps", "2", "--random-orders", "0", "--second-judge=false"]
    command = [program, "explain", picture, "--weights", str(weights), *quick, "--threads", "1", "--json", *flags]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return json.loads(done.stdout.strip().splitlines()[-1]), None
    said = [line for line in done.stderr.strip().splitlines() if line.strip()] or [f"exit code {done.returncode}"]
    return None, said[-1]


def seen(picture, preprocessing, side):
    """The picture as igoscope says that it has shown it."""
    image = Image.open(picture).convert("RGB")
    resize, resampling = preprocessing["resize"], RESAMPLING[preprocessing["interpolation"]]
    if preprocessing.get("squash"):
        image = functional.resize(image, [side, side], resampling)
    else:
        image = functional.center_crop(functional.resize(image, resize, resampling), side)
    planar = functional.to_tensor(image)
    return functional.normalize(planar, preprocessing["mean"], preprocessing["std"])[None]


def probabilities_of(network, planar):
    with torch.no_grad():
        return torch.softmax(logits_of(network, planar).float(), -1)[0]


def compared(network, answer, picture):
    """The farthest of the first classes from the library's probabilities, in points."""
    probabilities = probabilities_of(network, seen(picture, answer["preprocessing"], answer["input_size"]))
    return max(100 * abs(top["probability"] - probabilities[top["id"]].item()) for top in answer["top"])


def restless(network, pictures):
    """By how many points the library's own answer moves with what rounding does."""
    noise = torch.randn(pictures[:1].shape, generator=torch.Generator().manual_seed(1))
    still, moved = (probabilities_of(network, pictures[:1] + by * noise) for by in (0, ROUNDING))
    return 100 * (still - moved).abs().max().item()


def ways(library, network, name, folder):
    """Saves a network in the usual ways."""
    state = apart(network.state_dict())
    save_file(state, folder / "alone.safetensors")
    yield "alone", folder / "alone.safetensors"
    torch.save({"epoch": 3, "state_dict": {f"module.{n}": t for n, t in state.items()}}, folder / "training.pth")
    yield "training", folder / "training.pth"
    (folder / "training.pth").unlink()
    saved = folder / "saved"
    saved.mkdir()
    if library == "timm":
        from timm.models._hub import save_config_for_hf

        save_file(state, saved / "model.safetensors")
        save_config_for_hf(network, saved / "config.json")
        yield "folder", saved
    elif library == "transformers":
        network.save_pretrained(saved)
        yield "folder", saved


def one(program, library, name, make, picture, largest):
    state = shapes_only(make)
    size = sum(tensor.numel() for tensor in state.values())
    if size > largest:
        return [dict(way="alone", verdict="skipped", why=f"{size / 1e6:.0f} million numbers")]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        save_file(zeros(state), folder / "zeros.safetensors")
        del state
        # Zeros have a probability as well: a refusal is one of names and shapes.
        answer, why = ask(program, folder / "zeros.safetensors", picture)
        (folder / "zeros.safetensors").unlink()
        if answer is None and library != "transformers":
            return [dict(way="alone", verdict="refused", why=why)]
        torch.manual_seed(0)
        network = make().eval()
        side = answer["input_size"] if answer else getattr(network.config, "image_size", None) or 224
        side = side[0] if isinstance(side, (list, tuple)) else side
        pictures = views(picture, side)
        lively(network, pictures)
        moves = restless(network, pictures)
        if not moves < TOLERANCE / 2:
            return [dict(way="alone", verdict="skipped", why=f"its answer is made of rounding: {moves:.2g} points of it")]
        results = []
        for way, path in ways(library, network, name, folder):
            answer, why = ask(program, path, picture)
            if answer is None:
                results.append(dict(way=way, verdict="refused", why=why))
                continue
            points = compared(network, answer, picture)
            result = dict(way=way, taken_for=answer["architecture"], points=round(points, 3), top=answer["top"][0]["probability"])
            guesses = [guess for guess in GUESSES if answer.get(guess)]
            if points <= TOLERANCE:
                result["verdict"] = "same"
            elif guesses:
                result.update(verdict="asked", guesses=guesses)
                choices = [("--architecture", other) for other in answer.get("architecture_may_be", [])]
                if "attention_heads_are_guessed" in guesses:
                    heads = getattr(getattr(network, "config", None), "num_attention_heads", None)
                    choices += [("--heads", str(heads))] if heads else []
                for choice in choices:
                    chosen, _ = ask(program, path, picture, *choice)
                    if chosen and compared(network, chosen, picture) <= TOLERANCE:
                        result["is"] = " ".join(choice)
            else:
                result["verdict"] = "wrong"
            results.append(result)
        return results


def sweep(arguments):
    done = set()
    if arguments.out.exists():
        done = {(line["library"], line["network"]) for line in map(json.loads, arguments.out.open())}
    for library in arguments.libraries or LIBRARIES:
        for name, make in LIBRARIES[library]():
            if (library, name) in done or not fnmatch.fnmatch(name, arguments.match):
                continue
            started = time.time()
            try:
                results = one(arguments.program, library, name, make, arguments.picture, arguments.largest * 1e6)
            except Exception as error:
                results = [dict(way="alone", verdict="skipped", why=f"{type(error).__name__}: {error}"[:300])]
            with arguments.out.open("a") as out:
                for result in results:
                    line = dict(library=library, network=name, **result)
                    out.write(json.dumps(line) + "\n")
            words = ", ".join(f"{r['way']} {r['verdict']}" for r in results)
            print(f"{library} {name}: {words} ({time.time() - started:.1f} s)", flush=True)
            gc.collect()


def table(paths):
    lines = [json.loads(line) for path in paths for line in path.open()]
    counts = collections.Counter((line["library"], line["way"], line["verdict"]) for line in lines)
    verdicts = ["same", "asked", "refused", "wrong", "skipped"]
    print("| library | saved | " + " | ".join(verdicts) + " |")
    print("| --- | --- |" + " --- |" * len(verdicts))
    for library, way in sorted({(line["library"], line["way"]) for line in lines}):
        print(f"| {library} | {way} | " + " | ".join(str(counts[library, way, verdict]) for verdict in verdicts) + " |")
    for verdict in ["wrong", "asked"]:
        print(f"\n{verdict}:")
        for line in lines:
            if line["verdict"] == verdict:
                said = f"taken for {line['taken_for']}, {line['points']} points off"
                print(f"* {line['library']} {line['network']} ({line['way']}): {said}, is {line.get('is')}")
    print("\nsame:")
    for library in LIBRARIES:
        names = sorted({line["network"] for line in lines if line["library"] == library and line["verdict"] == "same"})
        print(f"* {library}, {len(names)}: {', '.join(names)}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("libraries", nargs="*", metavar="LIBRARY", help="timm, torchvision, transformers (default: all)")
    parser.add_argument("--program", default="target/release/igoscope")
    parser.add_argument("--picture", default="assets/samples/coffee.jpg")
    parser.add_argument("--match", default="*", help="networks whose names fit, such as 'resnet*'")
    parser.add_argument("--largest", type=float, default=120, help="in millions of numbers; larger ones are left out")
    parser.add_argument("--out", type=Path, default=Path("sweep.jsonl"), help="gone on with if it is there")
    parser.add_argument("--table", type=Path, nargs="+", help="results to print instead")
    arguments = parser.parse_args()
    if arguments.table:
        table(arguments.table)
        return
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        # Decoders of JPEG differ by a rounding, and lively networks make much of it.
        picture = f"{folder}/picture.png"
        Image.open(arguments.picture).convert("RGB").save(picture)
        arguments.picture = picture
        sweep(arguments)


sys.exit(main())
