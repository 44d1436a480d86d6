"""Trains the head of one language on the features that features.mjs made, and writes it to voice/heads/<language>.json.

usage: train.py WORK LANGUAGE [--report]
Needs Python 3 with numpy. The seed is fixed, and one thread keeps the order of sums, so that one machine writes the same file again.
"""
import base64
import json
import os
import sys

os.environ['OPENBLAS_NUM_THREADS'] = os.environ['OMP_NUM_THREADS'] = '1'
import numpy as np  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
CLASSES = ['yes', 'no', 'weak', 'other']
HIDDEN = 48
# More nets err less alike, so fewer other words get a high score by chance.
NETS = {'en': 5, 'ru': 3}
EPOCHS = 36
BATCH = 128
RATE = 1.2e-3
DECAY = 1e-4
DROP = 0.35
INPUT_NOISE = 0.15
SMOOTHING = 0.03
# A false yes is the one mistake that must not happen: what is no yes counts more.
CLASS_WEIGHT = np.array([1.0, 1.4, 1.8, 1.8], np.float32)
# People are rarer than synthetic voices, and what a call hears.
PEOPLE_WEIGHT = {'en': 3.0, 'ru': 2.0}
# People say "yes" alone. The other phrases of agreement are synthetic, among many that sound like them.
SPOKEN_YES_WEIGHT = {'en': 2.0, 'ru': 1.0}
# How much synthetic speech of the other language counts.
FOREIGN_WEIGHT = {'en': 2.0, 'ru': 1.0}


def load(work, language):
    folder = os.path.join(work, 'features')
    rows, parts = [], []
    for name in sorted(os.listdir(folder)):
        if name.startswith(language + '-') and name.endswith('.json'):
            with open(os.path.join(folder, name), encoding='utf-8') as file:
                part = json.load(file)
            rows += part
            parts.append(np.fromfile(os.path.join(folder, name[:-5] + '.f32'), '<f4').reshape(len(part), -1))
    return np.concatenate(parts), rows


def fit(x, y, weight, seed):
    rng = np.random.default_rng(seed)
    n, d = x.shape
    k = len(CLASSES)
    params = [
        (rng.standard_normal((d, HIDDEN)) * np.sqrt(2 / d)).astype(np.float32),
        np.zeros(HIDDEN, np.float32),
        (rng.standard_normal((HIDDEN, k)) * np.sqrt(2 / HIDDEN)).astype(np.float32),
        np.zeros(k, np.float32),
    ]
    first = [0 * p for p in params]
    second = [0 * p for p in params]
    step = 0
    for epoch in range(EPOCHS):
        order = rng.permutation(n)
        rate = RATE * 0.5 * (1 + np.cos(np.pi * epoch / EPOCHS))
        for at in range(0, n, BATCH):
            b = order[at:at + BATCH]
            xb = x[b] + rng.standard_normal((len(b), d), dtype=np.float32) * INPUT_NOISE
            xb *= rng.random(xb.shape, dtype=np.float32) > 0.1
            h = np.maximum(xb @ params[0] + params[1], 0)
            kept = (rng.random(h.shape, dtype=np.float32) > DROP) / np.float32(1 - DROP)
            hd = h * kept
            z = hd @ params[2] + params[3]
            p = np.exp(z - z.max(1, keepdims=True))
            p /= p.sum(1, keepdims=True)
            target = np.full((len(b), k), SMOOTHING / (k - 1), np.float32)
            target[np.arange(len(b)), y[b]] = 1 - SMOOTHING
            g = (p - target) * weight[b][:, None] / len(b)
            gh = (g @ params[2].T) * kept * (h > 0)
            grads = [xb.T @ gh, gh.sum(0), hd.T @ g, g.sum(0)]
            step += 1
            for j, grad in enumerate(grads):
                grad = grad + DECAY * params[j] if j % 2 == 0 else grad
                first[j] = 0.9 * first[j] + 0.1 * grad
                second[j] = 0.999 * second[j] + 0.001 * grad * grad
                params[j] = (params[j] - rate * (first[j] / (1 - 0.9 ** step)) / (np.sqrt(second[j] / (1 - 0.999 ** step)) + 1e-8)).astype(np.float32)
    return params


def quantised(net):
    """Weights of the first layer as 8-bit integers with one scale for each hidden unit."""
    rows = net[0].T
    scale = np.abs(rows).max(1) / 127
    return np.round(rows / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def probabilities(nets, x):
    total = 0
    for net in nets:
        whole, scale = quantised(net)
        h = np.maximum(x @ (whole.astype(np.float32) * scale[:, None]).T + net[1], 0)
        z = h @ net[2] + net[3]
        p = np.exp(z - z.max(1, keepdims=True))
        total = total + p / p.sum(1, keepdims=True)
    return total / len(nets)


def text(array):
    return base64.b64encode(np.ascontiguousarray(array, array.dtype.newbyteorder('<')).tobytes()).decode()


def write(path, language, mean, deviation, nets):
    parts = []
    for net in nets:
        whole, scale = quantised(net)
        parts.append({
            'scale': [float(s) for s in scale],
            'weights': text(whole),
            'bias': text(net[1]),
            'out': text(net[2]),
            'outBias': text(net[3]),
        })
    head = {'language': language, 'hidden': HIDDEN, 'mean': text(mean), 'deviation': text(deviation), 'nets': parts}
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(head, file)
        file.write('\n')


def prepare(x, rows, use, language):
    y = np.array([CLASSES.index(row['kind']) for row in rows])
    mean = x[use].mean(0)
    deviation = x[use].std(0) + 1e-3
    people = np.array([row['people'] and row['kind'] != 'weak' for row in rows])
    count = np.bincount(y[use], minlength=len(CLASSES))
    balance = (use.sum() / (len(CLASSES) * np.maximum(count, 1))) ** 0.5
    foreign = np.array([row['foreign'] and not row['people'] for row in rows])
    weight = (balance * CLASS_WEIGHT)[y] * np.where(people, PEOPLE_WEIGHT[language], 1)
    weight = weight.astype(np.float32) * np.where(foreign, FOREIGN_WEIGHT[language], 1).astype(np.float32)
    spoken_yes = np.array([row['kind'] == 'yes' and not row['people'] for row in rows])
    weight = weight * np.where(spoken_yes, SPOKEN_YES_WEIGHT[language], 1).astype(np.float32)
    return y, mean.astype(np.float32), deviation.astype(np.float32), weight.astype(np.float32)


def report(p, y, rows, chosen, title):
    yes = p[:, 0]
    best = p.argmax(1) == 0
    print(title)
    for condition in sorted({rows[i]['condition'] for i in np.where(chosen)[0]}):
        at = chosen & np.array([row['condition'] == condition for row in rows])
        parts = []
        for threshold in (0.5, 0.7, 0.85):
            taken = (yes >= threshold) & best
            parts.append(' '.join(f'{name} {(~taken if name == "yes" else taken)[at & (y == k)].sum()}/{(at & (y == k)).sum()}' for k, name in enumerate(CLASSES) if (at & (y == k)).any()))
        print(f'  {condition:9s}', ' | '.join(parts), flush=True)


def main():
    work, language = sys.argv[1:3]
    x, rows = load(work, language)
    held = np.array([row['held'] for row in rows])
    y, mean, deviation, weight = prepare(x, rows, ~held, language)
    x = (x - mean) / deviation
    nets = [fit(x[~held], y[~held], weight[~held], seed) for seed in range(NETS[language])]
    if '--report' in sys.argv:
        p = probabilities(nets, x)
        people = np.array([row['people'] for row in rows])
        report(p, y, rows, held & people, 'held-out people: missed yes, then false yes by class, at 0.5 | 0.7 | 0.85')
        report(p, y, rows, held & ~people, 'held-out synthetic voices')
        wrong = np.where(held & (y != 0) & (p[:, 0] > 0.5) & (p.argmax(1) == 0))[0]
        for i in wrong[np.argsort(-p[wrong, 0])][:40]:
            print('   ', {k: rows[i][k] for k in ('kind', 'text', 'voice', 'condition')}, p[i].round(2))
        np.save(os.path.join(work, 'features', language + '-p.npy'), p)
    write(os.path.join(HERE, 'heads', language + '.json'), language, mean, deviation, nets)


main()
