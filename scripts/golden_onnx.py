"""ONNX files with the outputs that PyTorch gives, to compare `abd` with.

  .venv/bin/python scripts/golden_onnx.py test/fixtures/modelfile/onnx    # the small fixtures
  .venv/bin/python scripts/golden_onnx.py DIR --torchvision               # thirteen architectures, random weights
  node --conditions=@abd/source scripts/compare-onnx.ts DIR               # abd's outputs against them

Needs torch, torchvision, onnx, onnxscript and safetensors. Each NAME.io.safetensors holds x and y; NAME.ts.onnx comes from
the older exporter, NAME.dynamo.onnx from the newer one, NAME.fixed.onnx has a batch of one and nothing folded.
"""

import sys
from pathlib import Path

import onnx
import torch
import torch.nn as nn
import torchvision.models as models
from safetensors.numpy import save_file

torch.manual_seed(0)


class Small(nn.Module):
    """One of each: strides, groups, BatchNorm, a squeeze-and-excitation, a concatenation, pooling with padding."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, 2, 1)
        self.norm = nn.BatchNorm2d(8)
        self.depth = nn.Conv2d(8, 8, 3, 1, 1, groups=8)
        self.squeeze = nn.Conv2d(8, 8, 1)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.grouped = nn.Conv2d(16, 8, 3, 1, 1, groups=4)
        self.first, self.second = nn.Linear(8 * 4 * 4, 12), nn.Linear(12, 5)

    def forward(self, x):
        x = torch.relu(self.norm(self.conv(x)))
        y = nn.functional.hardswish(self.depth(x))
        y = y * torch.sigmoid(self.squeeze(y.mean((2, 3), keepdim=True)))
        x = self.grouped(self.pool(torch.cat([x, y], 1)))
        x = nn.functional.gelu(self.first(x.flatten(1)))
        return torch.softmax(self.second(x), 1)


class Attention(nn.Module):
    """A transformer of one layer over four by four patches."""

    def __init__(self):
        super().__init__()
        self.net = models.VisionTransformer(16, 4, 1, 2, 16, 32, num_classes=5)
        nn.init.normal_(self.net.heads.head.weight)

    def forward(self, x):
        return self.net(x)


small = {"small": (Small(), 16), "attention": (Attention(), 16)}


def torchvision_models():
    options = {"num_classes": 10}
    vit = models.VisionTransformer(32, 8, 2, 4, 64, 128, num_classes=10)
    nn.init.normal_(vit.heads.head.weight)
    named = {
        "resnet18": 64,
        "resnet50": 64,
        "resnext50_32x4d": 64,
        "vgg11_bn": 224,
        "densenet121": 64,
        "mobilenet_v2": 64,
        "mobilenet_v3_small": 64,
        "efficientnet_b0": 64,
        "shufflenet_v2_x1_0": 64,
        "squeezenet1_1": 64,
    }
    made = {name: (getattr(models, name)(**options), size) for name, size in named.items()}
    return {**made, "vit": (vit, 32)}


def without_notes(path):
    """The newer exporter writes stack traces, with paths of the machine, to every node."""
    model = onnx.load(path)
    for part in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer):
        part.ClearField("metadata_props")
    for part in (*model.graph.input, *model.graph.output):
        part.ClearField("metadata_props")
    onnx.save(model, path)


def export(folder, name, model, size):
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    model.eval()
    x = torch.randn(2, 3, size, size)
    with torch.no_grad():
        y = model(x)
    # abd leaves a final softmax out: compare with what it is given.
    if isinstance(model, Small):
        y = torch.log(y)
    save_file({"x": x.numpy(), "y": y.numpy()}, folder / f"{name}.io.safetensors")
    target = lambda kind: str(folder / f"{name}.{kind}.onnx")
    options = {"input_names": ["image"], "output_names": ["logits"]}
    torch.onnx.export(model, (x,), target("ts"), dynamo=False, dynamic_axes={"image": {0: "n"}}, **options)
    shapes = ({0: torch.export.Dim("n")},)
    torch.onnx.export(
        model, (x,), target("dynamo"), dynamo=True, dynamic_shapes=shapes, external_data=False, **options
    )
    without_notes(target("dynamo"))
    if not isinstance(model, Attention) and name != "vit":
        torch.onnx.export(
            model,
            (x[:1],),
            target("fixed"),
            dynamo=False,
            do_constant_folding=False,
            training=torch.onnx.TrainingMode.PRESERVE,
            **options,
        )


if __name__ == "__main__":
    chosen = torchvision_models() if "--torchvision" in sys.argv else small
    for name, (model, size) in chosen.items():
        export(Path(sys.argv[1]), name, model, size)
