"""Whether classifiers of torchvision and timm answer in igoscope as in PyTorch, each exported as an ONNX file or by
`torch.export.save`.

    cargo build --release --bench onnx
    python benches/onnx/sweep.py --peer target/release/deps/onnx-… [--format pt2] [--json results.json] [NAME …]
    python benches/onnx/sweep.py --peer target/release/deps/onnx-… --all benches/onnx/all.tsv

Every network has lively random weights: no factor, summand or statistic is left at 0 or 1, so nothing is downloaded and a
mistake anywhere is seen at the end. A name is `tv:resnet18:64`, `timm:eva02_tiny_patch14_224:224`: library, network, side;
with `:dynamo` behind it by torch's newer exporter, else by the older one; as `pt2`, with `:core` behind it in Core ATen,
else as its Python writes it. The tables that it prints are those of docs/onnx.md and docs/pt2.md.

`--all` asks every classifier that torchvision and timm have, those of up to MOST_PARAMETERS, each in a process of its own and at
the least side of SIDES that it takes, by the newer exporter where the older one cannot. It keeps a line a network in the file and goes on from those that are there, in an order
by chance (the small ones first), so that what is there is a fair sample before all of it is.

same: logits within 1e-3 of the largest one, and every value of the input gradient of the largest logit within 1e-3 of the
gradient's largest value. A rounding may decide which of two values is larger (a max pool, a ReLU at 0): "same but for rounding"
is a network where PyTorch's own gradient in f64 is as far from its gradient in f32, or that is the same on other pictures. In some
deep networks such weights make rounding grow until nothing of a picture is left in PyTorch's numbers either: these are asked with
the statistics that pictures have in their layers, which keep numbers in bounds, and that is said.
"""

import argparse
import collections
import contextlib
import io
import json
import multiprocessing
import pathlib
import random
import re
import resource
import subprocess
import tempfile
import time
import warnings

import numpy as np
import timm
import torch
import torchvision
from torch.nn import functional as F

TOLERANCE = 1e-3

# Asked about where one is not the same.
OTHER_PICTURES = 3

# Times that statistics are taken at most, where rounding still grows with them.
CALMED = 3

# Of every classifier: weights that still fit in an ONNX file of 2 GB; those up to the second number are asked first.
MOST_PARAMETERS = 500_000_000
FEW_PARAMETERS = 60_000_000

# Sides that every classifier is asked at, the least that it takes; one that is made for one size is asked at that.
SIDES = (96, 128, 224)

# Of every classifier: what one may take.
MOST_BYTES = 14 << 30
MOST_SECONDS = 600

# Letters of a reason that are kept.
WHY = 100

# A small one of nearly every family, at a side for which each still has a map of several pixels.
NETWORKS = """
tv:alexnet:224 tv:vgg11_bn:224 tv:resnet18:64 tv:resnet18:64:dynamo tv:resnext50_32x4d:64 tv:wide_resnet50_2:64
tv:densenet121:64 tv:squeezenet1_0:96 tv:squeezenet1_1:96:dynamo tv:googlenet:96 tv:inception_v3:128
tv:inception_v3:128:dynamo tv:mnasnet0_5:64 tv:mobilenet_v2:64 tv:mobilenet_v3_small:64 tv:mobilenet_v3_large:64:dynamo
tv:shufflenet_v2_x0_5:64 tv:shufflenet_v2_x1_0:64:dynamo tv:efficientnet_b0:64 tv:efficientnet_v2_s:64
tv:efficientnet_v2_s:64:dynamo tv:regnet_y_400mf:64 tv:regnet_x_400mf:64:dynamo tv:convnext_tiny:64
tv:convnext_tiny:64:dynamo tv:swin_t:64 tv:swin_t:64:dynamo tv:swin_v2_t:64 tv:maxvit_t:224 tv:vit_b_16:224
tv:vit_b_32:224:dynamo
timm:convnextv2_atto:64 timm:convnextv2_atto:64:dynamo timm:eva02_tiny_patch14_224:224
timm:eva02_tiny_patch14_224:224:dynamo timm:vit_tiny_patch16_224:224 timm:deit_tiny_distilled_patch16_224:224
timm:repvit_m0_9:64 timm:ghostnet_100:64 timm:ghostnetv2_100:64 timm:edgenext_xx_small:64 timm:mobilevit_xxs:64
timm:mobilevitv2_050:64 timm:mobileone_s0:64 timm:mobilenetv4_conv_small:64 timm:efficientformer_l1:224
timm:efficientvit_b0:64 timm:fastvit_t8:64 timm:levit_128s:224 timm:poolformer_s12:64 timm:caformer_s18:64
timm:mixer_s32_224:224 timm:resmlp_12_224:224 timm:gmlp_ti16_224:224 timm:pit_ti_224:224 timm:pvt_v2_b0:64
timm:twins_svt_small:64 timm:coat_tiny:224 timm:coatnet_nano_rw_224:224 timm:swinv2_cr_tiny_ns_224:224
timm:swin_tiny_patch4_window7_224:224 timm:xcit_nano_12_p16_224:224 timm:cait_xxs24_224:224 timm:crossvit_tiny_240:240
timm:visformer_tiny:224 timm:tiny_vit_5m_224:224 timm:nest_tiny:224 timm:davit_tiny:64 timm:focalnet_tiny_srf:64
timm:gcvit_xxtiny:224 timm:hiera_tiny_224:224 timm:inception_next_tiny:64 timm:volo_d1_224:224
timm:volo_d1_224:224:dynamo timm:starnet_s1:64 timm:rexnet_100:64 timm:regnety_002:64 timm:resnest14d:64
timm:res2net50_26w_4s:64 timm:sknet.skresnet18:64 timm:seresnet18:64 timm:ecaresnet26t:64 timm:gernet_s:64
timm:repvgg_a0:64 timm:dla34:64 timm:hrnet_w18_small:64 timm:dpn48b:64 timm:cspresnet50:64 timm:darknet53:64
timm:vovnet39a:64 timm:ese_vovnet19b_dw:64 timm:hardcorenas_a:64 timm:tinynet_e:64 timm:lcnet_050:64
timm:semnasnet_075:64 timm:mixnet_s:64 timm:fbnetc_100:64 timm:spnasnet_100:64 timm:tf_efficientnet_lite0:64
timm:efficientnet_es:64 timm:nf_regnet_b0:64 timm:nfnet_f0:64 timm:resnetv2_50:64 timm:bat_resnext26ts:64
timm:botnet26t_256:256 timm:halonet26t:256 timm:lambda_resnet26t:256 timm:convit_tiny:224 timm:convmixer_768_32:64
timm:inception_resnet_v2:128 timm:inception_v4:128 timm:xception41:64 timm:legacy_xception:128 timm:nasnetalarge:128
timm:pnasnet5large:128 timm:selecsls42:64 timm:tresnet_m:64 timm:sequencer2d_s:64 timm:mambaout_femto:64
timm:rdnet_tiny:64 timm:hgnet_tiny:64 timm:hgnetv2_b0:64 timm:vitamin_small_224:224 timm:samvit_base_patch16:256
timm:beit_base_patch16_224:224
""".split()

# As `pt2`, where other names are not said.
PT2_NETWORKS = """
tv:alexnet:224 tv:vgg11_bn:64 tv:resnet18:64 tv:resnet18:64:core tv:resnext50_32x4d:64 tv:densenet121:64
tv:densenet121:64:core tv:squeezenet1_0:96 tv:googlenet:96 tv:inception_v3:128 tv:mnasnet0_5:64 tv:mobilenet_v2:64
tv:mobilenet_v3_small:64 tv:mobilenet_v3_small:64:core tv:shufflenet_v2_x0_5:64 tv:shufflenet_v2_x0_5:64:core
tv:efficientnet_b0:64 tv:efficientnet_b0:64:core tv:efficientnet_v2_s:64 tv:regnet_y_400mf:64 tv:convnext_tiny:64
tv:convnext_tiny:64:core tv:swin_t:64 tv:swin_t:64:core tv:swin_v2_t:64 tv:swin_v2_t:64:core tv:maxvit_t:224
tv:vit_b_16:224 tv:vit_b_32:224 tv:vit_b_32:224:core
""".split()


def lively(model, generator):
    """Gives what is the same everywhere in a tensor values that differ, and statistics that are no unit's."""
    with torch.no_grad():
        for name, value in list(model.named_parameters()) + list(model.named_buffers()):
            if not value.is_floating_point() or value.numel() == 0:
                continue
            if "running_var" in name:
                value.copy_(0.5 + torch.rand(value.shape, generator=generator))
            elif "running_mean" in name:
                value.copy_(0.2 * torch.rand(value.shape, generator=generator) - 0.1)
            elif isinstance(value, torch.nn.Parameter) and value.numel() > 1 and value.std() == 0:
                spread = torch.rand(value.shape, generator=generator)
                mean = value.flatten()[0].item()
                value.copy_(mean + 0.4 * spread - 0.2 if mean in (0.0, 1.0) else 0.3 + 0.4 * spread)


def made(spec):
    library, name, side = spec.split(":")[:3]
    torch.manual_seed(0)
    if library == "tv":
        options = {"init_weights": True} if name in ("googlenet", "inception_v3") else {}
        model = torchvision.models.get_model(name, weights=None, **options)
    else:
        name = name.split(".")[-1]
        # Those that only give features get a head.
        options = {} if timm.get_pretrained_cfg(name).num_classes else {"num_classes": 10}
        try:
            model = timm.create_model(name, pretrained=False, img_size=int(side), **options)
        except TypeError:
            model = timm.create_model(name, pretrained=False, **options)
    lively(model, torch.Generator().manual_seed(1))
    return model.eval().requires_grad_(False), int(side)


@contextlib.contextmanager
def contiguous_gradients():
    """PyTorch 2.15's batch norm with fixed statistics sends back another gradient where what comes back to it does not lie in
    one piece, as behind a transpose: no slope agrees with that. In one piece, it is right.
    """
    own = F.batch_norm

    def batch_norm(*arguments, **options):
        result = own(*arguments, **options)
        if result.requires_grad:
            result.register_hook(lambda gradient: gradient.contiguous())
        return result

    F.batch_norm = batch_norm
    try:
        yield
    finally:
        F.batch_norm = own


def answer(model, x):
    x = x.clone().requires_grad_(True)
    begin = time.perf_counter()
    with contiguous_gradients():
        logits = model(x)
        if isinstance(logits, (tuple, list)):
            logits = logits[0]
        logits.max().backward()
    return logits.detach()[0], x.grad[0], time.perf_counter() - begin


def apart(own, other):
    return float((own - other).abs().max() / other.abs().max().clamp_min(1e-30))


def exported(model, x, spec, path):
    """Why there is no file, if there is none."""
    try:
        if path.suffix == ".pt2":
            program = torch.export.export(model, (x,))
            torch.export.save(program.run_decompositions() if spec.endswith(":core") else program, str(path))
        elif spec.endswith(":dynamo"):
            torch.onnx.export(model, (x,), str(path), dynamo=True, external_data=False, verbose=False)
        else:
            torch.onnx.export(model, (x,), str(path), dynamo=False, opset_version=17)
    except Exception as why:
        return " ".join(str(why).split())[:160]
    return None


def compare(spec, peer, folder, suffix):
    result = {"network": spec}
    try:
        model, side = made(spec)
    except Exception as why:
        return {**result, "verdict": "not made", "why": str(why).splitlines()[0][:120]}
    x = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(2))
    logits, gradient, seconds = answer(model, x)
    if logits.ndim != 1:
        return {**result, "verdict": "no classifier", "why": f"it gives {tuple(logits.shape)} for a picture"}
    path = folder / f"network.{suffix}"
    # Exporters print the whole graph where they fail.
    with contextlib.redirect_stdout(io.StringIO()):
        why = exported(model, x, spec, path)
    if why:
        return {**result, "verdict": "not exported", "why": why}
    result |= held(model, x, logits, gradient, path, peer, folder)
    if result["verdict"] == "refused":
        return result
    if not gradient.any():
        # Behind a layer whose values are all below 0, there is nothing to hold against each other.
        return with_statistics(model, spec, path, peer, folder, "PyTorch's gradient is 0")
    if result["verdict"] != "wrong":
        return {**result, "pytorch": seconds}
    if same := same_on_others(model, side, path, peer, folder):
        return {**result, "verdict": "same but for rounding", "note": same}
    rounding = max(result["pytorch_logits_f32_from_f64"], result["pytorch_f32_from_f64"])
    if rounding < TOLERANCE:
        return result
    return with_statistics(model, spec, path, peer, folder, f"PyTorch's f32 is {rounding:.0e} from f64")


def with_statistics(model, spec, path, peer, folder, without):
    """What comes of a network whose batch norms have the statistics of pictures, taken anew where rounding still grows.

    `without` says why.
    """
    side = int(spec.split(":")[2])
    x = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(2))
    for _ in range(CALMED):
        calmed(model, side)
        with contextlib.redirect_stdout(io.StringIO()):
            exported(model, x, spec, path)
        logits, gradient, _ = answer(model, x)
        calm = held(model, x, logits, gradient, path, peer, folder)
        if gradient.any() and calm["verdict"] != "wrong":
            break
    note = f"with pictures' statistics; without, {without}"
    if calm["verdict"] == "wrong" and (same := same_on_others(model, side, path, peer, folder)):
        calm, note = {**calm, "verdict": "same but for rounding"}, f"{same}, {note}"
    return {**calm, "network": spec, "note": note}


def same_on_others(model, side, path, peer, folder):
    """On how many other pictures a network is the same, in words; nothing if on none.

    Where a rounding decides which of two values is larger, another picture has no such place; a mistake is in all of them.
    """
    others = []
    for seed in range(3, 3 + OTHER_PICTURES):
        x = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(seed))
        logits, gradient, _ = answer(model, x)
        others.append(held(model, x, logits, gradient, path, peer, folder)["verdict"])
    same = sum(verdict.startswith("same") for verdict in others)
    return f"same on {same} of {OTHER_PICTURES} other pictures" if same else None


def calmed(model, side):
    """Gives batch norms the statistics of random pictures in their layers, and lets what branches add weigh less."""
    norms = [part for part in model.modules() if isinstance(part, torch.nn.modules.batchnorm._BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.train()
        norm.momentum = 1.0
        if norm.affine:
            norm.weight.data *= 0.5
    with torch.no_grad():
        model(torch.randn(8, 3, side, side, generator=torch.Generator().manual_seed(9)))
    for norm, momentum in zip(norms, momenta):
        norm.momentum = momentum
        norm.eval()


def held(model, x, logits, gradient, path, peer, folder):
    """What comes of one picture, held against PyTorch's logits and gradient."""
    x.numpy().tofile(folder / "input")
    command = [peer, str(path), str(x.shape[-1]), str(folder / "input"), str(folder / "output")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600)
    told = dict(line.split(" ", 1) for line in ran.stdout.splitlines() if " " in line)
    if "refused" in told:
        return {"verdict": "refused", "why": told["refused"]}
    if ran.returncode or "computed" not in told:
        ended = f"ended by signal {-ran.returncode}, which is 9 where memory is short" if ran.returncode < 0 else ""
        return {"verdict": "failed", "why": " ".join(ran.stderr.split())[-300:] or ended}
    values = torch.from_numpy(np.fromfile(folder / "output", dtype=np.float32))
    own_logits, own_gradient = values[: len(logits)], values[len(logits):].reshape(gradient.shape)
    result = {"logits": apart(own_logits, logits), "gradient": apart(own_gradient, gradient), "seconds": told["computed"], "as": told.get("as", "").split(",")[0]}
    if result["logits"] < TOLERANCE and result["gradient"] < TOLERANCE:
        return {**result, "verdict": "same"}
    # Who is right, where PyTorch's own numbers differ.
    exact_logits, exact, _ = answer(model.double(), x.double())
    model.float()
    result |= {"pytorch_f32_from_f64": apart(gradient.double(), exact), "own_from_f64": apart(own_gradient.double(), exact),
               "logits_from_f64": apart(own_logits.double(), exact_logits),
               "pytorch_logits_f32_from_f64": apart(logits.double(), exact_logits)}
    is_rounding = result["logits_from_f64"] < TOLERANCE and result["own_from_f64"] < max(
        TOLERANCE, 1.5 * result["pytorch_f32_from_f64"])
    return {**result, "verdict": "same but for rounding" if is_rounding else "wrong"}


def main():
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="networks [default: all]")
    parser.add_argument("--peer", required=True, help="the program that computes: benches/onnx/main.rs")
    parser.add_argument("--format", choices=["onnx", "pt2"], default="onnx")
    parser.add_argument("--json", help="keeps results here, and goes on from those that are there")
    parser.add_argument("--all", metavar="FILE", type=pathlib.Path, help="every classifier, a line each in this file")
    parser.add_argument("--shard", default="1/1", help="with --all: this part of them, of so many that run side by side")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="with --all: begins none after so many; 0 says what there is")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.all:
        return sweep_all(arguments.all, arguments.peer, arguments.shard, arguments.minutes)
    kept = pathlib.Path(arguments.json) if arguments.json else None
    results = json.loads(kept.read_text()) if kept and kept.exists() else []
    done = {result["network"] for result in results}
    for spec in arguments.names or (PT2_NETWORKS if arguments.format == "pt2" else NETWORKS):
        if spec in done:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                result = compare(spec, arguments.peer, pathlib.Path(folder), arguments.format)
            except subprocess.TimeoutExpired:
                result = {"network": spec, "verdict": "failed", "why": "not done in ten minutes"}
            except Exception as why:
                told = str(why).splitlines()[:1] or [type(why).__name__]
                result = {"network": spec, "verdict": "not computed by PyTorch", "why": told[0][:120]}
        results.append(result)
        if kept:
            kept.write_text(json.dumps(results, indent=1))
        print(json.dumps(result), flush=True)
    print(table(results, arguments.format))


COLUMNS = ("network", "verdict", "logits", "gradient", "why")


def sweep_all(file, peer, shard, minutes):
    """Asks every classifier that is not in the file yet, and adds a line for each."""
    begin = time.monotonic()
    if not file.exists():
        file.write_text("\t".join(COLUMNS) + "\n")
    done = {":".join(line.split(":")[:2]) for line in file.read_text().splitlines()[1:]}
    every = [f"tv:{name}" for name in torchvision.models.list_models(module=torchvision.models)]
    every += [f"timm:{name}" for name in timm.list_models()]
    random.Random(0).shuffle(every)
    # The parts are the same whatever is done, so that each can be begun again while others run.
    part, parts = map(int, shard.split("/"))
    left = [name for name in every[part - 1::parts] if name not in done] if minutes > 0 else []
    print(f"{len(every)} classifiers, {len(done)} done, {len(left)} to be asked", flush=True)
    parameters = {name: in_process(count, name, seconds=60) or 0 for name in left}
    for name in sorted(left, key=lambda name: parameters[name] > FEW_PARAMETERS):
        if time.monotonic() - begin > 60 * minutes:
            break
        if parameters[name] > MOST_PARAMETERS:
            result = {"network": f"{name}:", "verdict": "too large", "why": f"{parameters[name]} parameters"}
        else:
            result = in_process(asked, name, peer) or {"network": f"{name}:", "verdict": "failed", "why": "out of memory or time"}
        far = {key: f"{result[key]:.1e}" for key in ("logits", "gradient") if key in result}
        why = result.get("note") or result.get("why") or (
            f"{result['own_from_f64']:.0e} from f64, PyTorch's f32 is {result['pytorch_f32_from_f64']:.0e}"
            if "own_from_f64" in result else "")
        line = {**result, **far, "why": " ".join(why.split())[:WHY]}
        with file.open("a") as lines:
            lines.write("\t".join(str(line.get(column, "")) for column in COLUMNS) + "\n")
        print(*line.values(), flush=True)
    print(summary(file.read_text().splitlines()[1:], len(every)))


def summary(lines, of):
    """How many there are of each verdict, and which those are that are not the same, by what is said of them."""
    found = [dict(zip(COLUMNS, line.split("\t"))) for line in lines]
    verdicts = collections.Counter(one["verdict"] for one in found)
    text = [f"{len(found)} of {of}: " + ", ".join(f"{verdict} {count}" for verdict, count in verdicts.most_common()), ""]
    reasons = collections.defaultdict(list)
    for one in found:
        if not one["verdict"].startswith("same"):
            # Of which node it is said is no other reason.
            why = re.sub(r'( at node)? ?“[^”]*”?| ?\(node.*', "", one["why"]) if one["verdict"] != "too large" else ""
            reasons[one["verdict"], why.removeprefix("the network cannot be used: ")[:60]].append(one["network"])
    text += ["| verdict | why | networks |", "| --- | --- | --- |"]
    text += [f"| {verdict} | {why} | {', '.join(sorted(networks))} |" for (verdict, why), networks in sorted(reasons.items())]
    return "\n".join(text)


def count(name):
    library, name = name.split(":")
    with torch.device("meta"):
        model = torchvision.models.get_model(name) if library == "tv" else timm.create_model(name, pretrained=False)
    return sum(value.numel() for value in model.parameters())


def asked(name, peer):
    """What comes of a network at the least side that it takes."""
    cfg = timm.get_pretrained_cfg(name.split(":")[1]) if name.startswith("timm:") else None
    own = cfg.input_size[-1] if cfg else 224
    of_one_size = cfg.fixed_input_size if cfg else name.startswith(("tv:vit", "tv:maxvit"))
    # One that is made for large pictures may be made for others.
    sides = [SIDES[-1]] * (own > 256) if of_one_size else [side for side in SIDES if side < own]
    for side in [*sides, own]:
        spec = f"{name}:{side}"
        try:
            model, _ = made(spec)
            with torch.no_grad():
                model(torch.zeros(1, 3, side, side))
        except Exception:
            if side != own:
                continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                result = compare(spec, peer, pathlib.Path(folder), "onnx")
                if result["verdict"] == "not exported":
                    newer = compare(f"{spec}:dynamo", peer, pathlib.Path(folder), "onnx")
                    return result if newer["verdict"] == "not exported" else newer
                return result
            except Exception as why:
                told = str(why).splitlines()[:1] or [type(why).__name__]
                return {"network": spec, "verdict": "not computed by PyTorch", "why": told[0]}


def in_process(function, *arguments, seconds=MOST_SECONDS):
    """What a function gives in a process of its own; nothing if that died or took too long."""
    def run(pipe):
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        pipe.send(function(*arguments))

    own, other = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=run, args=(other,))
    process.start()
    other.close()
    try:
        return own.recv() if own.poll(seconds) else None
    except EOFError:
        return None
    finally:
        process.kill()
        process.join()


def table(results, form):
    ways = {"dynamo": "dynamo", "core": "Core ATen", "": "training IR" if form == "pt2" else "trace"}
    lines = [f"| network | {'form' if form == 'pt2' else 'exporter'} | side | computed as | verdict | logits | gradient |", "|" + " --- |" * 7]
    for result in results:
        library, name, side, *way = result["network"].split(":")
        library = {"tv": "torchvision"}.get(library, library)
        far = [f"{result[key]:.0e}" if key in result else "" for key in ("logits", "gradient")]
        why = f": {result['why'].split(': ')[0][:120]}" if "why" in result else ""
        if "note" in result:
            why = f": {result['note']}"
        elif "own_from_f64" in result:
            why = f": {result['own_from_f64']:.0e} from f64, PyTorch's f32 is {result['pytorch_f32_from_f64']:.0e}"
        way = ways[way[0] if way else ""]
        lines.append(f"| {library} {name} | {way} | {side} | {result.get('as', '')} | {result['verdict']}{why} | {far[0]} | {far[1]} |")
    counts = {}
    for result in results:
        counts[result["verdict"]] = counts.get(result["verdict"], 0) + 1
    lines.append("")
    lines.append(", ".join(f"{verdict}: {count}" for verdict, count in sorted(counts.items())))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
