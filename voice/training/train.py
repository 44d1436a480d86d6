"""Trains the net of one language on what clips.mjs gathered, and writes it to OUT.

usage: train.py WORK LANGUAGE MODELS OUT [--steps N]
MODELS is the folder with melspectrogram.onnx and embedding_model.onnx. Needs Python 3 with torch, onnx and numpy. Seeds and threads are fixed.
"""
import argparse
import copy
import math
import time

import torch
import torch.nn.functional as F

from net import Net, write
from sounds import Sounds

SEED, THREADS = 1, 2
BATCH, BATCHES_DRAWN = 64, 8
STEPS = {'en': 2400, 'ru': 1000}
# The head is new, the embedding was trained on far more than is here.
RATE_OF_HEAD, RATE_OF_TRUNK = 2e-3, 4e-4
WARM_UP = 150
# A false yes is the one mistake that must not happen: what is no yes counts more. In the order of the classes.
CLASS_WEIGHT = [1.0, 1.2, 1.4, 1.4]
SMOOTHING = 0.03


def train(work, language, models, steps):
    torch.manual_seed(SEED)
    torch.set_num_threads(THREADS)
    sounds = Sounds(work, language, SEED)
    print(language, {'/'.join(key): len(members) for key, members in sorted(sounds.groups.items())}, flush=True)
    net = Net(models).to(memory_format=torch.channels_last)
    mean = copy.deepcopy(net)
    trained = [(name, part) for name, part in net.named_parameters() if part.requires_grad]
    optimizer = torch.optim.AdamW([
        {'params': [part for name, part in trained if not name.startswith('trunk')], 'rate': RATE_OF_HEAD},
        {'params': [part for name, part in trained if name.startswith('trunk')], 'rate': RATE_OF_TRUNK},
    ], weight_decay=0.01)
    weight = torch.tensor(CLASS_WEIGHT)
    begun, lately, step = time.time(), [], 0
    while step < steps:
        for samples, classes in sounds.batches(BATCH, BATCHES_DRAWN):
            share = min(1, step / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * min(1, step / steps))) + 0.01
            for group in optimizer.param_groups:
                group['lr'] = group['rate'] * share
            net.train()
            with torch.autocast('cpu', torch.bfloat16):
                scores = net(samples)
            loss = F.cross_entropy(scores.float(), classes, weight, label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimizer.step()
            step += 1
            follow(mean, net, min(0.998, step / (step + 20)))
            lately.append(loss.item())
            if step % 100 == 0:
                print(f'{language}: step {step} of {steps}, {time.time() - begun:.0f} s, loss {sum(lately) / len(lately):.4f}', flush=True)
                lately = []
    return mean


@torch.no_grad()
def follow(mean, net, share):
    """The net that is kept is the mean of the last steps. It errs less than the last one."""
    for ours, theirs in zip(mean.parameters(), net.parameters()):
        ours.mul_(share).add_(theirs, alpha=1 - share)
    for ours, theirs in zip(mean.buffers(), net.buffers()):
        ours.copy_(theirs)


if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    for name in ('work', 'language', 'models', 'out'):
        parser.add_argument(name)
    parser.add_argument('--steps', type=int)
    given = parser.parse_args()
    net_ = train(given.work, given.language, given.models, given.steps or STEPS[given.language])
    write(net_, given.language, given.out)
