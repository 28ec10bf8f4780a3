"""Whether PyTorch reads what `abd models convert STUDENT.safetensors STUDENT.pt` wrote: the weights go, strictly, into a WRN-16-1 of
ten classes as the ABD paper's code has it, and its logits are printed as JSON for one image: sin(0.37 (i + 1)) at the flat
index i of [3, 32, 32].

  .venv/bin/python scripts/logits_in_torch.py STUDENT.pt
"""

import json
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.convShortcut = None if inputs == outputs else nn.Conv2d(inputs, outputs, 1, stride, 0, bias=False)

    def forward(self, x):
        active = F.relu(self.bn1(x))
        y = self.conv2(F.relu(self.bn2(self.conv1(active))))
        return y + (x if self.convShortcut is None else self.convShortcut(active))


class NetworkBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.layer = nn.Sequential(BasicBlock(inputs, outputs, stride), BasicBlock(outputs, outputs, 1))

    def forward(self, x):
        return self.layer(x)


class WideResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.block1 = NetworkBlock(16, 16, 1)
        self.block2 = NetworkBlock(16, 32, 2)
        self.block3 = NetworkBlock(32, 64, 2)
        self.bn1 = nn.BatchNorm2d(64)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = self.block3(self.block2(self.block1(self.conv1(x))))
        return self.fc(F.relu(self.bn1(x)).mean((2, 3)))


network = WideResNet()
network.load_state_dict(torch.load(sys.argv[1], weights_only=True), strict=True)
network.eval()
image = torch.sin(0.37 * torch.arange(1, 3 * 32 * 32 + 1, dtype=torch.float64)).float().reshape(1, 3, 32, 32)
with torch.no_grad():
    print(json.dumps({"torch": torch.__version__, "logits": network(image)[0].tolist()}))
