"""PyTorch's side of the comparison: the networks, and the fastest way found to run them."""

import copy
import sys
import time
from itertools import product
from pathlib import Path

import torch
import torchvision
from torch.nn.utils.fusion import fuse_conv_bn_eval

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tests" / "fixtures"))
import igos  # noqa: E402
import make  # noqa: E402

LAYOUTS = {"channels first": torch.contiguous_format, "channels last": torch.channels_last}


def set_up(threads):
    """Make PyTorch ready to compute."""
    make.set_up(threads)


def inputs(count):
    """Return the coffee sample as the networks see it, `count` times, each with noise of its own."""
    picture = make.normalise(make.tensor(make.cut("coffee", make.STEMS["coffee"])))
    noise = torch.randn(count, *picture.shape[1:], generator=torch.Generator().manual_seed(0))
    return (picture + 0.1 * noise).float()


def load(name, pictures):
    """Return a network ready to predict: Lite0 with the embedded weights, the others with seeded random ones."""
    if name == "efficientnet-lite0":
        return make.load_network()
    torch.manual_seed(0)
    network = getattr(torchvision.models, name)(weights=None)
    disturb_norms(network, pictures)
    return network.eval().requires_grad_(False)


@torch.no_grad()
def disturb_norms(network, pictures):
    """Give batch norms the statistics of these pictures and then disturb them, so that there is something to fold."""
    norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    if not norms:
        return
    for norm in norms:
        norm.momentum = 1.0
    network.train()(pictures)
    for norm in norms:
        norm.running_mean += 0.1 * norm.running_var.sqrt() * torch.randn_like(norm.running_mean)
        norm.running_var *= 0.8 + 0.4 * torch.rand_like(norm.running_var)
        norm.weight.copy_(0.8 + 0.4 * torch.rand_like(norm.weight))
        norm.bias.copy_(0.1 * torch.randn_like(norm.bias))


def fold(network):
    """Return the network with every batch norm folded into the convolution before it, as ours does when it loads."""
    if isinstance(network, make.Classifier):
        return make.fold(network)
    folded = copy.deepcopy(network).double()
    for module in folded.modules():
        children = list(module.named_children())
        for (convolution_name, convolution), (norm_name, norm) in zip(children, children[1:]):
            if isinstance(convolution, torch.nn.Conv2d) and isinstance(norm, torch.nn.BatchNorm2d):
                setattr(module, convolution_name, fuse_conv_bn_eval(convolution, norm))
                setattr(module, norm_name, torch.nn.Identity())
    return folded.requires_grad_(False).float()


def weights(network):
    """Return what a file of the network's weights holds."""
    tensors = network.state_dict().items()
    return {name: tensor.contiguous() for name, tensor in tensors if not name.endswith("num_batches_tracked")}


def logits_and_gradient(network, picture, label):
    """Return one picture's logits, and the gradient of one class's probability with respect to the picture."""
    variable = picture.detach().requires_grad_(True)
    logits = network(variable)
    (gradient,) = torch.autograd.grad(torch.softmax(logits, 1)[:, label].sum(), variable)
    return logits.detach().flatten(), gradient.flatten()


class Runner:
    """A network in every layout, run in whichever way was last found fastest."""

    def __init__(self, network, pictures, label):
        """Take a folded network, the whole batch, and the class whose probability is explained."""
        self.networks = {
            layout: copy.deepcopy(network).to(memory_format=strides) for layout, strides in LAYOUTS.items()
        }
        self.pictures = {layout: pictures.contiguous(memory_format=strides) for layout, strides in LAYOUTS.items()}
        self.label = label
        self.layout, self.chunk = "channels first", len(pictures)

    def tune(self, work, chunks):
        """Find the fastest layout and batch for some work: one warm-up each, then the better of two."""
        best = float("inf")
        for layout, chunk in product(LAYOUTS, chunks):
            self.layout, self.chunk = layout, chunk
            self.seconds(work)
            seconds = min(self.seconds(work) for _ in range(2))
            if seconds < best:
                best, way = seconds, (layout, chunk)
        self.layout, self.chunk = way

    def way(self):
        """Say in which way the network runs."""
        return f"{self.layout}, {self.chunk} at a time"

    def seconds(self, work):
        """Return how long "forward" or "gradient" takes for all pictures."""
        started = time.perf_counter()
        getattr(self, work)()
        return time.perf_counter() - started

    @torch.inference_mode()
    def forward(self):
        """Return the logits of all pictures."""
        network = self.networks[self.layout]
        return [network(part) for part in self.pictures[self.layout].split(self.chunk)]

    def gradient(self):
        """Return the gradients of all pictures."""
        network = self.networks[self.layout]
        parts = self.pictures[self.layout].split(self.chunk)
        return [logits_and_gradient(network, part, self.label)[1] for part in parts]

    def igos(self, search, iterations, samples, side):
        """Explain the first picture and return the time and the passes, as our peer does."""
        image = self.pictures["channels first"][:1]
        baseline = make.blur(image.double()).float()
        settings = igos.Settings(
            search=search.replace("-", "_"), iterations=iterations, samples=samples, side=side, chunk=self.chunk
        )
        passes = {"forward": 0, "backward": 0}

        def score(batch):
            """Return the probabilities of the class and count the passes."""
            passes["forward"] += len(batch)
            passes["backward"] += len(batch) if batch.requires_grad else 0
            logits = self.networks[self.layout](batch.contiguous(memory_format=LAYOUTS[self.layout]))
            return torch.softmax(logits, 1)[:, self.label]

        started = time.perf_counter()
        igos.explain(score, image, baseline, settings, torch.Generator().manual_seed(0))
        return {"seconds": time.perf_counter() - started, **passes}
