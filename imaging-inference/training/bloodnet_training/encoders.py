"""The two encoders: the compact residual one that is shipped, and ResNet-50, the paper's baseline."""

from torch import Tensor, nn
from torch.nn import functional


def convolution(inputs: int, outputs: int, kernel: int = 3, stride: int = 1, activated: bool = True) -> nn.Sequential:
    """Convolution with batch normalisation and, unless told otherwise, ReLU; same padding."""
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    if activated:
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.first = convolution(inputs, outputs, stride=stride)
        self.second = convolution(outputs, outputs, activated=False)
        same_shape = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same_shape else convolution(inputs, outputs, 1, stride, activated=False)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.second(self.first(x)) + self.shortcut(x))


class BottleneckBlock(nn.Module):
    """1x1, 3x3, 1x1 beside a shortcut; the output is four times as wide as the middle."""

    EXPANSION = 4

    def __init__(self, inputs: int, middle: int, stride: int):
        super().__init__()
        outputs = middle * self.EXPANSION
        self.reduce = convolution(inputs, middle, 1)
        self.filter = convolution(middle, middle, stride=stride)
        self.expand = convolution(middle, outputs, 1, activated=False)
        same_shape = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same_shape else convolution(inputs, outputs, 1, stride, activated=False)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.expand(self.filter(self.reduce(x))) + self.shortcut(x))


class CompactEncoder(nn.Module):
    """A stride-2 stem and four residual stages; all wide 3x3 work happens at a quarter of the resolution and below."""

    WIDTHS = (16, 32, 64, 128, 192)
    BLOCKS = (1, 2, 2, 2)

    def __init__(self, input_slices: int):
        super().__init__()
        self.channels = list(self.WIDTHS)
        self.stem = convolution(input_slices, self.WIDTHS[0], stride=2)
        self.stages = nn.ModuleList()
        for inputs, outputs, blocks in zip(self.WIDTHS, self.WIDTHS[1:], self.BLOCKS, strict=False):
            first = ResidualBlock(inputs, outputs, stride=2)
            rest = [ResidualBlock(outputs, outputs, stride=1) for _ in range(blocks - 1)]
            self.stages.append(nn.Sequential(first, *rest))

    def forward(self, x: Tensor) -> list[Tensor]:
        """[B, slices, H, W] to features at strides 2, 4, 8, 16, 32."""
        features = [self.stem(x)]
        for stage in self.stages:
            features.append(stage(features[-1]))
        return features


class ResNet50Encoder(nn.Module):
    """ResNet-50 (He et al. 2015) with a first layer for five slices."""

    MIDDLES = (64, 128, 256, 512)
    BLOCKS = (3, 4, 6, 3)

    def __init__(self, input_slices: int):
        super().__init__()
        self.channels = [64] + [middle * BottleneckBlock.EXPANSION for middle in self.MIDDLES]
        self.stem = convolution(input_slices, 64, kernel=7, stride=2)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.stages = nn.ModuleList()
        inputs = 64
        for position, (middle, blocks) in enumerate(zip(self.MIDDLES, self.BLOCKS, strict=True)):
            layers = []
            for block in range(blocks):
                stride = 2 if block == 0 and position > 0 else 1
                layers.append(BottleneckBlock(inputs, middle, stride))
                inputs = middle * BottleneckBlock.EXPANSION
            self.stages.append(nn.Sequential(*layers))

    def forward(self, x: Tensor) -> list[Tensor]:
        """[B, slices, H, W] to features at strides 2, 4, 8, 16, 32."""
        features = [self.stem(x)]
        x = self.pool(features[0])
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features
