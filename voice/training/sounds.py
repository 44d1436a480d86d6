"""Draws utterances of one language, each made worse in its own way, as the listener of a call hands them over."""
import json

import numpy as np
import torch

from net import CLASSES

# The longest speech that is drawn, and the longest utterance with its surroundings, samples.
LONGEST, LONGEST_WHOLE = 20_000, 26_000
# How often each group is drawn. p: people, v: good voices, e: espeak-ng, whose voices are alike. near: words of which many sound like a yes.
# like: those that sound most like it. foreign: the other language. speech: people of whom only that is known that they give no answer.
SHARES = {
    'en': {
        'p-yes': 24, 'v-yes': 7, 'e-yes': 3, 'p-no': 9, 'v-no': 3, 'e-no': 3, 'v-weak': 4, 'e-weak': 3, 'p-other': 22, 'v-other': 4,
        'e-other': 3, 'v-near': 11, 'e-near': 5, 'v-foreign': 3, 'e-foreign': 2, 'p-speech': 18,
    },
    'en, like yes': {
        'p-yes': 27, 'v-yes': 8, 'e-yes': 4, 'p-no': 9, 'v-no': 4, 'e-no': 3, 'v-weak': 4, 'e-weak': 3, 'p-other': 22, 'v-other': 4,
        'e-other': 3, 'v-near': 8, 'e-near': 3, 'v-like': 15, 'e-like': 7, 'v-foreign': 3, 'e-foreign': 2, 'p-speech': 18,
    },
    'ru': {
        'v-yes': 22, 'e-yes': 8, 'v-no': 11, 'e-no': 6, 'v-weak': 6, 'e-weak': 4, 'v-other': 14, 'e-other': 8, 'v-foreign': 4,
        'e-foreign': 2, 'p-foreign': 12, 'p-speech': 14,
    },
}
SPOKEN_AS = {'no-answers': 'near', 'like-yes': 'like'}
# English words of people that Russians may take for an answer.
SOUND_LIKE_RUSSIAN = ['down', 'dog', 'up', 'no', 'yes']
# So many words of people get a second one, of anybody: a yes with another word is no yes.
TWO_WORDS = 0.06
BABBLES, BABBLE = 160, 160_000


class Sounds:
    def __init__(self, work, language, shares, seed, noisy):
        self.noisy = noisy
        self.rng = np.random.default_rng(seed)
        with open(f'{work}/clips.json', encoding='utf-8') as file:
            self.clips = json.load(file)
        self.samples = np.fromfile(f'{work}/clips.s16', '<i2')
        self.groups = {}
        for i, clip in enumerate(self.clips):
            group, kind = group_of(clip, language)
            if group in SHARES[shares] and not clip['held']:
                self.groups.setdefault((group, kind), []).append(i)
        self.keys = sorted(self.groups)
        shares = np.array([SHARES[shares][group] for group, _ in self.keys], float)
        self.shares = shares / shares.sum()
        # What babble is mixed of: people, or voices if there are none.
        words = [i for i, clip in enumerate(self.clips) if clip['kind'] == 'other' and not clip['held']]
        self.words = [i for i in words if self.clips[i]['source'] == 'people'] or words
        with open(f'{work}/noises.json', encoding='utf-8') as file:
            rows = json.load(file)
        noise = np.fromfile(f'{work}/noises.s16', '<i2')
        self.noises = {'babble': [self.babble() for _ in range(BABBLES)]}
        for row in rows:
            self.noises.setdefault(row['name'], []).append(noise[row['at']:row['at'] + row['count']])

    def sound(self, i):
        clip = self.clips[i]
        return self.samples[clip['at']:clip['at'] + clip['count']].astype(np.float32)

    def any_of(self, group):
        members = self.groups[group]
        return members[self.rng.integers(len(members))]

    def babble(self):
        """Several people who talk at once. None of them is held out."""
        rng, out = self.rng, np.zeros(BABBLE, np.float32)
        for _ in range(rng.integers(3, 10)):
            at = -int(rng.integers(0, 8000))
            while at < BABBLE:
                voice = self.sound(self.words[rng.integers(len(self.words))])
                gain = (0.5 + rng.random()) / np.sqrt((voice ** 2).mean())
                first, last = max(0, at), min(BABBLE, at + len(voice))
                if last > first:
                    out[first:last] += gain * voice[first - at:last - at]
                at += len(voice) + int(rng.integers(0, 1200))
        return out * (2000 / np.sqrt((out ** 2).mean()))

    def noise(self, count):
        rng = self.rng
        drawn = rng.random()
        if drawn < 0.10:
            return rng.standard_normal(count).astype(np.float32)
        name = next(name for name, until in (
            ('street', 0.30), ('music', 0.42), ('recorded music', 0.56), ('recorded', 0.68), ('babble', 1)) if drawn < until)
        bank = self.noises.get(name) or self.noises['babble']
        piece = bank[rng.integers(len(bank))]
        at = rng.integers(0, len(piece) - count)
        return np.asarray(piece[at:at + count], np.float32)

    def utterance(self):
        """One utterance without its surroundings, and its class."""
        rng = self.rng
        group, kind = self.keys[rng.choice(len(self.keys), p=self.shares)]
        sound = self.sound(self.any_of((group, kind)))
        speed = rng.uniform(0.87, 1.15) if group[0] == 'p' else rng.uniform(0.8, 1.22)
        at = np.arange(int((len(sound) - 1) / speed)) * speed
        sound = np.interp(at, np.arange(len(sound)), sound).astype(np.float32)
        if group in ('p-yes', 'p-other') and ('p-yes', 'yes') in self.groups and rng.random() < TWO_WORDS:
            second = self.sound(self.any_of(('p-yes', 'yes') if kind == 'other' else ('p-other', 'other')))
            second *= np.abs(sound).max() / max(1, np.abs(second).max())
            parts = [sound, np.zeros(rng.integers(0, 1200), np.float32), second]
            sound, kind = np.concatenate(parts if rng.random() < 0.5 else parts[::-1]), 'other'
        return sound[:LONGEST], kind

    def batches(self, size, count):
        """So many batches, each of utterances of like length."""
        drawn = sorted((self.utterance() for _ in range(size * count)), key=lambda one: len(one[0]))
        for b in self.rng.permutation(count):
            some = drawn[b * size:(b + 1) * size]
            yield self.varied([sound for sound, _ in some]), torch.tensor([CLASSES.index(kind) for _, kind in some])

    def varied(self, sounds):
        """Utterances of one batch in rooms, noises, telephones and codecs."""
        rng, size = self.rng, len(sounds)
        count = min(LONGEST_WHOLE, max(map(len, sounds)) + int(rng.integers(6400, 9600)))
        speech, noise = np.zeros((2, size, count), np.float32)
        gain = np.zeros((size, 1), np.float32)
        for b, sound in enumerate(sounds):
            lead = int(rng.integers(1000, min(4000, count - len(sound) - 1400)))
            speech[b, lead:lead + len(sound)] = sound
            if rng.random() < self.noisy:
                noise[b] = self.noise(count)
                db = rng.uniform(3, 14) if rng.random() < 0.6 else rng.uniform(10, 30)
                gain[b] = speech_level(sound) * 10 ** (-db / 20) / max(1e-3, np.sqrt((noise[b] ** 2).mean()))
                if rng.random() < 0.12:
                    # Noise that was recorded with the word, and silence around it.
                    noise[b, :max(0, lead - rng.integers(200, 3000))] = 0
                    noise[b, lead + len(sound) + rng.integers(200, 4000):] = 0
        sound = in_rooms(torch.from_numpy(speech), rng) + torch.from_numpy(gain * noise)
        level = 32_768 * 10 ** (rng.uniform(-27, -1, (size, 1)) / 20)
        sound = sound / sound.abs().amax(1, keepdim=True).clamp(min=1) * torch.from_numpy(level.astype(np.float32))
        return through_telephones(sound, rng)


def group_of(clip, language):
    person = clip['source'] in ('people', 'speech')
    kind = clip['kind'] if clip['language'] == language else 'other'
    who = 'p' if person else 'e' if clip['voice'].startswith('es_') else 'v'
    if clip['source'] == 'speech':
        return 'p-speech', 'other'
    if clip['language'] != language:
        return ('', kind) if language == 'ru' and person and clip['text'] in SOUND_LIKE_RUSSIAN else (f'{who}-foreign', kind)
    return f'{who}-{SPOKEN_AS.get(clip["source"], kind)}', kind


def speech_level(sound):
    """Root mean square of the louder half of 10 ms frames."""
    frames = len(sound) // 80
    powers = np.sort((sound[:frames * 80].reshape(frames, 80) ** 2).mean(1))[::-1]
    return np.sqrt(powers[:max(1, frames // 2)].mean())


def bands(count, low, high):
    hz = torch.linspace(0, 4000, count // 2 + 1)
    return (hz ** 2 / (hz ** 2 + low ** 2)) * (high ** 2 / (hz ** 2 + high ** 2))


def column(rng, low, high, size):
    return torch.from_numpy(rng.uniform(low, high, (size, 1)).astype(np.float32))


def in_rooms(speech, rng):
    """Reflections of a room, and the band and tilt of a handset."""
    size, count = speech.shape
    handset = bands(count, column(rng, 40, 330, size), column(rng, 2600, 5000, size))
    handset = handset * ((torch.linspace(0, 4000, count // 2 + 1) + 200) / 1000) ** column(rng, -0.35, 0.35, size)
    used = torch.from_numpy((rng.random((size, 1)) < 0.6).astype(np.float32))
    room = np.zeros((size, 1200), np.float32)
    room[:, 0] = 1
    for one in room:
        if rng.random() < 0.35:
            strength = rng.uniform(0.1, 0.4)
            for _ in range(rng.integers(2, 12)):
                delay = int(8000 * (0.004 + 0.12 * rng.random()))
                one[delay] += strength * rng.standard_normal() * np.exp(-delay / 480)
    spectrum = torch.fft.rfft(speech) * (used * handset + 1 - used) * torch.fft.rfft(torch.from_numpy(room), n=count)
    return torch.fft.irfft(spectrum, n=count)


def through_telephones(sound, rng):
    """Mobile phones, lost packets, overload, the noise of a line, and G.711."""
    size, count = sound.shape
    mobile = torch.from_numpy(rng.random(size) < 0.15)
    if mobile.any():
        narrow = torch.fft.irfft(torch.fft.rfft(sound[mobile]) * bands(count, 250, 2900), n=count)
        envelope = torch.nn.functional.max_pool1d(narrow.abs()[:, None], 161, 1, 80)[:, 0]
        sound[mobile] = narrow + 0.06 * envelope * torch.randn_like(narrow)
    for one in sound:
        if rng.random() < 0.22:
            share = rng.uniform(0.01, 0.08)
            for at in range(160, count - 160, 160):
                if rng.random() < share:
                    one[at:at + 160] = 0.7 * one[at - 160:at] if rng.random() < 0.5 else 0
        if rng.random() < 0.06:
            one *= 3
    sound = (sound + (torch.rand_like(sound) - 0.5) * 8).clamp(-32_768, 32_767)
    coded = torch.from_numpy(rng.random(size) < 0.6)
    if coded.any():
        value = sound[coded] / 32_768
        steps = torch.round(torch.sign(value) * torch.log1p(255 * value.abs()) / np.log(256) * 127) / 127
        sound[coded] = torch.sign(steps) * (torch.exp(steps.abs() * np.log(256)) - 1) / 255 * 32_768
    return torch.round(sound)
