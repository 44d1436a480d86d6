"""Trains the net of one language on what clips.mjs gathered, and writes it to OUT; its parts to WORK/LANGUAGE-1.onnx and so on.

usage: train.py WORK LANGUAGE MODELS OUT [--steps N] [--keep]       N in each round; --keep: parts that are in WORK are not trained again
MODELS is the folder with melspectrogram.onnx and embedding_model.onnx. Needs Python 3 with torch, onnx and numpy. Seeds and threads are fixed.
"""
import argparse
import copy
import math
import os
import time
from typing import NamedTuple

import torch
import torch.nn.functional as F

from net import YES_LESS, Net, read, write
from sounds import Sounds


class Round(NamedTuple):
    steps: int
    # The share of utterances in noise.
    noisy: float = 0.75
    # The head is new, the embedding was trained on far more than is here.
    head_rate: float = 2e-3
    trunk_rate: float = 4e-4


class Part(NamedTuple):
    # Of sounds.py: how often each group of sounds is drawn.
    shares: str
    rounds: list[Round]


# Nets that were trained on different sounds err on different words. The net of a language gives a yes the least score of its parts.
PARTS = {
    'en': [Part('en, like yes', [Round(2800), Round(2200, 0.85, 1e-3, 3e-4)]), Part('en', [Round(2400)])],
    'ru': [Part('ru', [Round(1000)])],
}
SEED, THREADS = 1, 2
BATCH, BATCHES_DRAWN = 64, 8
WARM_UP = 150
# A false yes is the one mistake that must not happen: what is no yes counts more. In the order of the classes.
CLASS_WEIGHT = [1.0, 1.2, 1.4, 1.4]
SMOOTHING = 0.03


def train(net, work, language, shares, steps, seed, one):
    """@param net with which the round begins"""
    sounds = Sounds(work, language, shares, seed, one.noisy)
    print(language, {'/'.join(key): len(members) for key, members in sorted(sounds.groups.items())}, flush=True)
    net = net.to(memory_format=torch.channels_last)
    mean = copy.deepcopy(net)
    trained = [(name, part) for name, part in net.named_parameters() if part.requires_grad]
    optimizer = torch.optim.AdamW([
        {'params': [part for name, part in trained if not name.startswith('trunk')], 'rate': one.head_rate},
        {'params': [part for name, part in trained if name.startswith('trunk')], 'rate': one.trunk_rate},
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
        if theirs.requires_grad:
            ours.mul_(share).add_(theirs, alpha=1 - share)
    for ours, theirs in zip(mean.buffers(), net.buffers()):
        ours.copy_(theirs)


if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    for name in ('work', 'language', 'models', 'out'):
        parser.add_argument(name)
    parser.add_argument('--steps', type=int)
    parser.add_argument('--keep', action='store_true')
    given = parser.parse_args()
    torch.set_num_threads(THREADS)
    paths = []
    for place, part in enumerate(PARTS[given.language], 1):
        paths.append(f'{given.work}/{given.language}-{place}.onnx')
        if given.keep and os.path.exists(paths[-1]):
            continue
        for number, one in enumerate(part.rounds, 1):
            print(f'{given.language}: part {place}, round {number} of {len(part.rounds)}', flush=True)
            seed_ = SEED + number - 1
            torch.manual_seed(seed_)
            # A round begins with the net that the one before has written, and with other draws.
            net_ = Net(given.models) if number == 1 else read(given.models, paths[-1])
            write([train(net_, given.work, given.language, part.shares, given.steps or one.steps, seed_, one)], [0], paths[-1])
    write([read(given.models, path) for path in paths], YES_LESS[given.language], given.out)
