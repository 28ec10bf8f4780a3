"""The golden numbers of test/parity, computed again in double precision with PyTorch: an optional second check.

  python3 -m venv .venv && .venv/bin/pip install torch     # some gigabytes, and nothing else here needs it
  .venv/bin/python scripts/golden.py                       # prints each number
  .venv/bin/python scripts/golden.py --check               # and looks for it among the literals of test/parity

Inputs come from a filler, sin(a (i + 1) + b) at the flat index i, so that no file has to be carried along. With --check
the exit code is 1 where a number is in no test.
"""

import math
import re
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def seq(shape, a, b=0.0):
    return torch.sin(a * torch.arange(1, math.prod(shape) + 1) + b).reshape(shape)


def kl(student, target, temperature=1.0):
    """Element by element, of the target from the student."""
    q, p = F.log_softmax(student / temperature, 1), F.log_softmax(target / temperature, 1)
    return p.exp() * (p - q)


def kl_mean(student, target, temperature=1.0):
    return kl(student, target, temperature).mean()


def kl_batch(student, target, temperature):
    return temperature**2 * kl(student, target, temperature).sum() / len(student)


S, T = 3 * seq((4, 5), 0.7), 3 * seq((4, 5), 1.3)


def losses():
    """G1 to G4."""
    for temperature in (1, 0.5, 8):
        yield f"G1 mean at {temperature}", kl_mean(S, T, temperature)
    yield "G1 batch at 20", kl_batch(S, T, 20)
    labels = torch.arange(4)
    yield "G1 clean KD", 0.95 * 36 * kl_mean(S, T, 6) + 0.05 * F.cross_entropy(S, labels)
    s = S.clone().requires_grad_()
    yield "G1 gradient", torch.autograd.grad(kl_mean(s, T), s)[0][0]

    def attention(x):
        return F.normalize((x**2).mean(1).flatten(1))

    a, b = seq((2, 3, 2, 2), 0.9), seq((2, 6, 2, 2), 0.4)
    yield "G2 map", attention(a)
    yield "G2 loss", ((attention(a) - attention(b)) ** 2).mean()

    u = T + 4 * seq((4, 5), 2.1)
    mask = (u.argmax(1) == T.argmax(1)).double()
    apart = kl(u, T).mean(1)
    yield "G3 d", apart
    yield "G3 R", -0.1 * (mask * apart).sum() / mask.sum()
    rows = kl(S, T)
    yield "G3 given images", rows[mask == 0].mean() - 0.1 * rows[mask == 1].mean()

    d = torch.exp(0.5 * torch.sin(1.7 * torch.arange(1, 201)))
    d[[0, 40, 80, 120, 160]] *= 1e-4
    yield "G4 mean", d.log10().mean()
    yield "G4 deviation", d.log10().std(correction=0)


def synthesis():
    """G5, G6 and G10."""
    x = seq((3, 2, 2, 2), 0.6)
    mean, variance = torch.tensor([0.1, -0.2]), torch.tensor([0.8, 1.1])
    batch = x.transpose(0, 1).flatten(1)
    yield "G5", (variance - batch.var(1, correction=0)).norm() + (mean - batch.mean(1)).norm()

    local, overall = F.normalize(seq((5, 4), 0.5)), F.normalize(seq((5, 4), 1.1))
    rows = F.cross_entropy(local @ overall.T / 0.1, torch.arange(5), reduction="none")
    yield "G6 rows", rows
    yield "G6 contrast", rows[:3].mean() + rows[3:].mean()
    agree = (S.argmax(1) == T.argmax(1)).double()
    yield "G6 disagreement", -(agree * kl(S, T).sum(1)).mean()

    crop = seq((1, 1, 32, 32), 0.05)[:, :, 3:23, 5:21]
    y = F.interpolate(crop, (32, 32), mode="bilinear", align_corners=True).flatten()
    yield "G10 first", y[:3]
    yield "G10 last", y[-3:]
    yield "G10 sum", y.sum()


def hypergradient(inner, outer, delta, weights):
    """Five fixed-point iterations of v = (dPhi/ddelta)' v + g, with Phi a step of 0.1 down the inner loss."""
    phi = delta - 0.1 * torch.autograd.grad(inner(), delta, create_graph=True)[0]
    g_delta, g_weights = torch.autograd.grad(outer(), (delta, weights))
    v = torch.zeros_like(delta)
    for _ in range(5):
        v = torch.autograd.grad(phi, delta, v, retain_graph=True)[0] + g_delta
    return g_delta, g_weights, g_weights + torch.autograd.grad(phi, weights, v)[0]


def retrospection():
    """G7."""
    w = seq((3, 4), 0.8).requires_grad_()
    delta = (0.3 * seq((4,), 0.35)).requires_grad_()
    x, on = seq((5, 4), 1.9), torch.tensor([0.0, 1, 0, 1, 0])[:, None]
    clean, everywhere, somewhere = lambda: x @ w.T, lambda: (x + delta) @ w.T, lambda: (x + on * delta) @ w.T
    penalty = lambda: 0.001 * (delta**2).sum()

    inner = lambda: penalty() - kl_mean(everywhere(), clean().detach())
    outer = lambda: kl_mean(somewhere(), clean().detach())
    g_delta, g_weights, h = hypergradient(inner, outer, delta, w)
    yield "G7 inner", inner()
    yield "G7 outer", outer()
    yield "G7 by delta", g_delta
    yield "G7 direct", g_weights[0]
    yield "G7 as ZSKT", h

    inner = lambda: penalty() - kl_batch(everywhere(), clean().detach(), 20)
    outer = lambda: kl_batch(somewhere(), clean(), 20)
    yield "G7 as CMI", hypergradient(inner, outer, delta, w)[2][:2]


class Weights(dict):
    """A state dict from the filler: the k-th tensor is seq(shape, 0.37, 0.11 k), scaled by its role."""

    def fill(self, name, shape, scale, offset=0.0, positive=False):
        w = seq(shape, 0.37, 0.11 * (len(self) + 1))
        self[name] = offset + scale * (w.abs() if positive else w)

    def conv(self, name, inputs, outputs, size, bias=False, fan=None):
        self.fill(f"{name}.weight", (outputs, inputs, size, size), math.sqrt(2 / (fan or inputs * size**2)))
        if bias:
            self.fill(f"{name}.bias", (outputs,), 0.1)

    def norm(self, name, width):
        self.fill(f"{name}.weight", (width,), 0.1, 1)
        self.fill(f"{name}.bias", (width,), 0.1)
        self.fill(f"{name}.running_mean", (width,), 0.1)
        self.fill(f"{name}.running_var", (width,), 0.5, 1, positive=True)

    def linear(self, name, inputs, outputs, scale):
        self.fill(f"{name}.weight", (outputs, inputs), scale)
        self.fill(f"{name}.bias", (outputs,), 0.1)

    def batch_norm(self, name, x, training):
        names = (f"{name}.running_mean", f"{name}.running_var", f"{name}.weight", f"{name}.bias")
        return F.batch_norm(x, *(self[n] for n in names), training=training)


def wide_resnet(width):
    """Weights of a WRN-16-width for ten classes, and its pass."""
    weights, blocks, inputs = Weights(), [], 16
    weights.conv("conv1", 3, 16, 3)
    for group, outputs in enumerate((16 * width, 32 * width, 64 * width), 1):
        for index in range(2):
            name = f"block{group}.layer.{index}"
            blocks.append((name, 2 if group > 1 and index == 0 else 1, index == 1))
            weights.norm(f"{name}.bn1", inputs)
            weights.conv(f"{name}.conv1", inputs, outputs, 3)
            weights.norm(f"{name}.bn2", outputs)
            weights.conv(f"{name}.conv2", outputs, outputs, 3)
            if inputs != outputs:
                weights.conv(f"{name}.convShortcut", inputs, outputs, 1)
            inputs = outputs
    weights.norm("bn1", inputs)
    weights.linear("fc", inputs, 10, 0.2)

    def forward(x, training):
        bn = lambda name, x: F.relu(weights.batch_norm(name, x, training))
        x, activations = F.conv2d(x, weights["conv1.weight"], padding=1), []
        for name, stride, ends in blocks:
            a = bn(f"{name}.bn1", x)
            y = bn(f"{name}.bn2", F.conv2d(a, weights[f"{name}.conv1.weight"], stride=stride, padding=1))
            y = F.conv2d(y, weights[f"{name}.conv2.weight"], padding=1)
            shortcut = weights.get(f"{name}.convShortcut.weight")
            x = y + (x if shortcut is None else F.conv2d(a, shortcut, stride=stride))
            if ends:
                activations.append(x)
        features = bn("bn1", x).mean((2, 3))
        return F.linear(features, weights["fc.weight"], weights["fc.bias"]), activations

    return weights, forward


def networks():
    """G8."""
    x, labels = seq((2, 3, 32, 32), 0.013), torch.tensor([1, 2])
    for width in (1, 2):
        weights, forward = wide_resnet(width)
        name = f"G8 WRN-16-{width}"
        by = [weights[n].requires_grad_() for n in ("conv1.weight", "block3.layer.1.conv2.weight")]
        image = x.clone().requires_grad_()
        logits, activations = forward(image, False)
        yield f"{name} eval", logits[0]
        yield f"{name} activations", torch.stack([a.sum() for a in activations])
        if width == 1:
            gradients = torch.autograd.grad(F.cross_entropy(logits, labels), [image, *by])
            yield f"{name} gradients", torch.stack([g.norm() for g in gradients])
        logits, _ = forward(x, True)
        yield f"{name} train", logits[0]
        if width == 1:
            yield f"{name} train gradient", torch.autograd.grad(F.cross_entropy(logits, labels), by[0])[0].norm()
            yield f"{name} running mean", weights["bn1.running_mean"][:2]
            yield f"{name} running variance", weights["bn1.running_var"][:2]


def generator(names, latent, biased, last):
    project, norm0, conv1, norm1, conv2, norm2, conv3 = names
    weights = Weights()
    weights.linear(project, latent, 8192, math.sqrt(1 / latent))
    weights.norm(norm0, 128)
    weights.conv(conv1, 128, 128, 3, biased)
    weights.norm(norm1, 128)
    weights.conv(conv2, 128, 64, 3, biased)
    weights.norm(norm2, 64)
    weights.conv(conv3, 64, 3, 3, True)
    if last:
        weights.norm(last, 3)
    conv = lambda name, x: F.conv2d(x, weights[f"{name}.weight"], weights.get(f"{name}.bias"), padding=1)
    bn = lambda name, x: weights.batch_norm(name, x, True)
    h = F.linear(seq((4, latent), 0.21), weights[f"{project}.weight"], weights[f"{project}.bias"])
    h = F.interpolate(bn(norm0, h.view(4, 128, 8, 8)), scale_factor=2)
    h = F.interpolate(F.leaky_relu(bn(norm1, conv(conv1, h)), 0.2), scale_factor=2)
    h = conv(conv3, F.leaky_relu(bn(norm2, conv(conv2, h)), 0.2))
    return bn(last, h) if last else torch.sigmoid(h)


def generators():
    """G9, in train mode."""
    zskt = generator([f"layers.{n}" for n in (0, 2, 4, 5, 8, 9, 11)], 100, True, "layers.12")
    yield "G9 ZSKT sums", torch.stack([zskt.sum(), (zskt**2).sum()])
    yield "G9 ZSKT first", zskt[0, :, 0, 0]
    cmi = generator(["l1.0", *(f"conv_blocks.{n}" for n in (0, 2, 3, 6, 7, 9))], 256, False, None)
    yield "G9 CMI sums", torch.stack([cmi.sum(), (cmi**2).sum()])
    yield "G9 CMI last", cmi[3, :, 31, 31]


def schedules():
    """G11."""

    def rate_after(scheduler, steps):
        for _ in range(steps):
            scheduler.optimizer.step()
            scheduler.step()
        return torch.tensor(scheduler.get_last_lr()[0])

    adam = lambda rate: torch.optim.Adam([torch.zeros(1, requires_grad=True)], rate)
    cosine = lambda steps: rate_after(torch.optim.lr_scheduler.CosineAnnealingLR(adam(2e-3), 80_000), steps)
    yield "G11 cosine", torch.stack([cosine(1), cosine(40_000)])
    halved = lambda steps: rate_after(torch.optim.lr_scheduler.MultiStepLR(adam(1e-3), [150, 300, 600], 0.5), steps)
    yield "G11 steps", torch.stack([halved(n) for n in (149, 150, 299, 300)])


def literals():
    text = "\n".join(path.read_text() for path in sorted((Path(__file__).parent.parent / "test/parity").glob("*.ts")))
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", text.replace("_", ""))]


def main():
    known = literals() if "--check" in sys.argv[1:] else None
    missing = 0
    for part in (losses, synthesis, retrospection, networks, generators, schedules):
        for name, value in part():
            for number in value.detach().flatten().tolist():
                # Nine digits or ten, as they stand in the tests.
                found = known is None or any(math.isclose(number, one, rel_tol=5e-9, abs_tol=1e-15) for one in known)
                missing += not found
                print(f"{name}: {number:.10g}{'' if found else '  IN NO TEST'}")
    if known is not None:
        print(f"{missing} numbers are in no test." if missing else "All of them are in test/parity.")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
