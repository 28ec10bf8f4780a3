"""The golden logits of test/parity/architectures.test.ts, in double precision with PyTorch (and torchvision).

  .venv/bin/python scripts/golden_architectures.py     # prints a line of JSON for each network

Weights come from the filler of golden.py: the k-th tensor of the state dict is sin(0.37 (i + 1) + 0.11 (k + 1)), scaled by its
role. The networks are written after their authors' code: kuangliu/pytorch-cifar (MIT), andreasveit/densenet-pytorch
(BSD-3), HobbitLong/RepDistiller (BSD-2); MobileNetV2, ResNets and DenseNet with ImageNet's stem are torchvision's own.
"""

import json
import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision.models import DenseNet, ResNet, mobilenet_v2
from torchvision.models.resnet import BasicBlock, Bottleneck

torch.set_default_dtype(torch.float64)


def seq(shape, a, b=0.0):
    return torch.sin(a * torch.arange(1, math.prod(shape) + 1) + b).reshape(shape)


def fill(model):
    norms = {name for name, module in model.named_modules() if isinstance(module, nn.BatchNorm2d)}
    state = {}
    names = [name for name in model.state_dict() if not name.endswith("num_batches_tracked")]
    for k, name in enumerate(names):
        shape = model.state_dict()[name].shape
        layer, kind = name.rsplit(".", 1)
        w = seq(shape, 0.37, 0.11 * (k + 1))
        if kind == "running_var":
            w = 1 + 0.5 * w.abs()
        elif kind == "weight" and layer in norms:
            w = 1 + 0.1 * w
        elif kind in ("bias", "running_mean"):
            w = 0.1 * w
        elif len(shape) == 2:
            w = 0.2 * w
        else:
            w = w * math.sqrt(2 / math.prod(shape[1:]))
        state[name] = w
    model.load_state_dict(state, strict=False)
    return model.eval()


class CifarResNet(ResNet):
    """torchvision's with the stem and the names of kuangliu's."""

    def __init__(self, block, blocks):
        super().__init__(block, blocks, num_classes=10)
        self.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        self.maxpool = nn.Identity()


class PreActBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False))

    def forward(self, x):
        a = F.relu(self.bn1(x))
        passed = self.shortcut(a) if hasattr(self, "shortcut") else x
        return self.conv2(F.relu(self.bn2(self.conv1(a)))) + passed


class PreActResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        inputs = 64
        for group, outputs in enumerate((64, 128, 256, 512)):
            stride = 1 if group == 0 else 2
            blocks = [PreActBlock(inputs, outputs, stride), PreActBlock(outputs, outputs, 1)]
            setattr(self, f"layer{group + 1}", nn.Sequential(*blocks))
            inputs = outputs
        self.linear = nn.Linear(512, 10)

    def forward(self, x):
        x = self.conv1(x)
        for group in range(4):
            x = getattr(self, f"layer{group + 1}")(x)
        return self.linear(x.mean((2, 3)))


class DenseLayer(nn.Module):
    def __init__(self, channels, growth, new_first):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, 4 * growth, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(4 * growth)
        self.conv2 = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)
        self.new_first = new_first

    def forward(self, x):
        y = self.conv2(F.relu(self.bn2(self.conv1(F.relu(self.bn1(x))))))
        return torch.cat([y, x] if self.new_first else [x, y], 1)


class Layers(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layer = nn.Sequential(*layers)

    def forward(self, x):
        return self.layer(x)


class Transition(nn.Module):
    def __init__(self, channels, outputs, norm, convolution):
        super().__init__()
        setattr(self, norm, nn.BatchNorm2d(channels))
        setattr(self, convolution, nn.Conv2d(channels, outputs, 1, bias=False))
        self.names = norm, convolution

    def forward(self, x):
        norm, convolution = (getattr(self, name) for name in self.names)
        return F.avg_pool2d(convolution(F.relu(norm(x))), 2)


class SmallDenseNet(nn.Module):
    """DenseNet-BC of growth 4 with three blocks of two layers."""

    def __init__(self, dialect):
        super().__init__()
        cifar = dialect == "cifar"
        growth, channels = 4, 8
        self.conv1 = nn.Conv2d(3, channels, 3, padding=1, bias=False)
        self.order = []
        for block in (1, 2, 3):
            layers = [DenseLayer(channels + i * growth, growth, cifar) for i in range(2)]
            name = f"dense{block}" if cifar else f"block{block}"
            setattr(self, name, nn.Sequential(*layers) if cifar else Layers(layers))
            self.order.append(name)
            channels += 2 * growth
            if block < 3:
                names = ("bn", "conv") if cifar else ("bn1", "conv1")
                setattr(self, f"trans{block}", Transition(channels, channels // 2, *names))
                self.order.append(f"trans{block}")
                channels //= 2
        self.last, self.head = ("bn", "linear") if cifar else ("bn1", "fc")
        setattr(self, self.last, nn.BatchNorm2d(channels))
        setattr(self, self.head, nn.Linear(channels, 10))

    def forward(self, x):
        x = self.conv1(x)
        for name in self.order:
            x = getattr(self, name)(x)
        return getattr(self, self.head)(F.relu(getattr(self, self.last)(x)).mean((2, 3)))


class Vgg8(nn.Module):
    def __init__(self):
        super().__init__()
        inputs = 3
        for block, outputs in enumerate((64, 128, 256, 512, 512)):
            layers = [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs)]
            setattr(self, f"block{block}", nn.Sequential(*layers))
            inputs = outputs
        self.classifier = nn.Linear(512, 10)

    def forward(self, x):
        for block in range(5):
            x = F.relu(getattr(self, f"block{block}")(x))
            x = F.max_pool2d(x, 2) if block < 3 else x
        return self.classifier(x.mean((2, 3)))


class LeNet(nn.Module):
    """advertorch's LeNet5Madry-like network for MNIST."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 3, padding=1), nn.Conv2d(32, 64, 3, padding=1)
        self.linear1, self.linear2 = nn.Linear(7 * 7 * 64, 200), nn.Linear(200, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.linear2(F.relu(self.linear1(x.flatten(1))))


class ShuffleBlock(nn.Module):
    """The blocks of CMI's ShuffleNetV2: `down` has two branches that halve the image, else half of the channels pass by."""

    def __init__(self, inputs, outputs, down):
        super().__init__()
        half = outputs // 2
        shapes = (
            [(inputs, inputs, 3), (inputs, half, 1), (inputs, half, 1), (half, half, 3), (half, half, 1)]
            if down
            else [(half, half, 1), (half, half, 3), (half, half, 1)]
        )
        for i, (a, b, size) in enumerate(shapes, 1):
            grouped = {"stride": 2 if down else 1, "padding": 1, "groups": a} if size == 3 else {}
            setattr(self, f"conv{i}", nn.Conv2d(a, b, size, bias=False, **grouped))
            setattr(self, f"bn{i}", nn.BatchNorm2d(b))
        self.down = down

    def forward(self, x):
        unit = lambda i, y: getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
        if self.down:
            left = F.relu(unit(2, unit(1, x)))
            right = F.relu(unit(5, unit(4, F.relu(unit(3, x)))))
        else:
            left, right = x.chunk(2, 1)
            right = F.relu(unit(3, unit(2, F.relu(unit(1, right)))))
        y = torch.cat([left, right], 1)
        n, c, h, w = y.shape
        return y.view(n, 2, c // 2, h, w).permute(0, 2, 1, 3, 4).reshape(n, c, h, w)


class ShuffleNetV2(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 24, 1, bias=False), nn.BatchNorm2d(24)
        inputs = 24
        for group, (outputs, blocks) in enumerate(((116, 3), (232, 7), (464, 3)), 1):
            rest = [ShuffleBlock(outputs, outputs, False) for _ in range(blocks)]
            setattr(self, f"layer{group}", nn.Sequential(ShuffleBlock(inputs, outputs, True), *rest))
            inputs = outputs
        self.conv2, self.bn2 = nn.Conv2d(inputs, 1024, 1, bias=False), nn.BatchNorm2d(1024)
        self.linear = nn.Linear(1024, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(F.relu(self.bn2(self.conv2(x))).mean((2, 3)))


networks = {
    "resnet-18": (CifarResNet(BasicBlock, [2, 2, 2, 2]), (1, 3, 32, 32)),
    "resnet-50": (CifarResNet(Bottleneck, [3, 4, 6, 3]), (1, 3, 16, 16)),
    "resnet-18-imagenet": (ResNet(BasicBlock, [2, 2, 2, 2], num_classes=10), (1, 3, 64, 64)),
    "preact-resnet-18": (PreActResNet18(), (1, 3, 32, 32)),
    "densenet cifar": (SmallDenseNet("cifar"), (1, 3, 32, 32)),
    "densenet veit": (SmallDenseNet("veit"), (1, 3, 32, 32)),
    "densenet torchvision": (
        DenseNet(4, (2, 2), num_init_features=8, bn_size=4, num_classes=10),
        (1, 3, 64, 64),
    ),
    "mobilenet-v2": (mobilenet_v2(num_classes=10), (1, 3, 32, 32)),
    "shufflenet-v2": (ShuffleNetV2(), (1, 3, 16, 16)),
    "vgg-8": (Vgg8(), (1, 3, 32, 32)),
    "plain-cnn": (LeNet(), (1, 1, 28, 28)),
}

if __name__ == "__main__":
    for name, (model, shape) in networks.items():
        with torch.no_grad():
            logits = fill(model)(seq(shape, 0.013))
        rounded = [float(f"{value:.10g}") for value in logits[0].tolist()]
        print(json.dumps({"name": name, "input": shape[2:] + shape[1:2], "logits": rounded}), flush=True)
