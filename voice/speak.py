"""Speaks the phrases of phrases.json with each voice, into <work>/speech/<language>/<voice>/<class>__<index>__<rate>.wav.

What no-answers.json holds goes into <work>/speech/no-answers-<language>/<voice>/ as other__<index>__<rate>.wav, and what like-yes.json holds into
<work>/speech/like-yes-<language>/<voice>/.

usage: speak.py WORK [LANGUAGE...]
Programs, from Debian: espeak-ng, flite, festival with festvox-kallpc16k, -kdlpc16k, -us-slt-hts and -ru (main), -rablpc16k and -don
(contrib); libttspico-utils, rhvoice, rhvoice-russian and rhvoice-english (non-free). A file that is there is not made again, unless a text of its
list has changed. The end is a failure if a file could not be made.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = ['phrases', 'no-answers', 'like-yes']
CLASSES = ['yes', 'no', 'weak', 'other']

ESPEAK = {
    'ru': ['ru'] + ['ru+' + v for v in 'm1 m2 m3 m4 m5 m6 m7 f1 f2 f3 f4 f5 klatt klatt2 Annie Andy Denis Tweaky'.split()],
    'en': ['en-us', 'en-gb'] + ['en-us+' + v for v in 'm1 m3 m5 m7 f1 f2 f3 f4 klatt klatt2 Annie Andy'.split()]
    + ['en-gb+m2', 'en-gb+f5', 'en-gb-scotland+m3', 'en-gb-x-rp+f2', 'en-029+m4'],
}
FLITE = ['awb', 'kal16', 'rms', 'slt']
PICO = ['en-US', 'en-GB']
FESTIVAL = {
    'ru': {'msu': 'voice_msu_ru_nsh_clunits'},
    'en': {
        'kal': 'voice_kal_diphone', 'hts': 'voice_cmu_us_slt_arctic_hts', 'ked': 'voice_ked_diphone', 'rab': 'voice_rab_diphone',
        'don': 'voice_don_diphone',
    },
}
# Only those whose licence lets anybody use them. Rate and pitch in percent.
RHVOICE = {'ru': ['irina', 'anna', 'aleksandr', 'elena'], 'en': ['alan', 'bdl', 'clb', 'slt']}
RATES = [(100, 100), (86, 95), (124, 107)]


def items(language, source):
    with open(os.path.join(HERE, f'{source}.json'), encoding='utf-8') as file:
        phrases = json.load(file).get(language, {})
    if isinstance(phrases, list):
        phrases = {'other': phrases}
    return [(kind, i, text) for kind in CLASSES for i, text in enumerate(phrases.get(kind, []))]


# In a command and its input: the folder in which the program is to make the files.
OUT = '{out}'


class Job(NamedTuple):
    folder: str
    names: list[str]
    command: list[str]
    said: str | None = None


def forget_other_texts(base, texts):
    """Removes what was spoken of a list that has changed since. The name of a file has only the place of its text in the list."""
    path, wanted = f'{base}.json', json.dumps(texts, ensure_ascii=False)
    if os.path.exists(path):
        with open(path, encoding='utf-8') as file:
            if file.read() == wanted:
                return
    shutil.rmtree(base, ignore_errors=True)
    os.makedirs(base)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(wanted)


def jobs(work, language, source):
    base = os.path.join(work, 'speech', language if source == 'phrases' else f'{source}-{language}')
    everything = items(language, source)
    if not everything:
        return
    forget_other_texts(base, everything)

    def one(voice, kind, i, tag, *command, said=None):
        name = f'{kind}__{i:03d}__{tag}.wav'
        return Job(os.path.join(base, voice), [name], [part.replace(OUT, f'{OUT}/{name}') for part in command], said)

    # What is said most often, and what is most like it, is spoken at several speeds.
    often = [(kind, i, text, kind == 'yes' or source == 'like-yes') for kind, i, text in everything]
    for k, voice in enumerate(ESPEAK[language]):
        for kind, i, text, is_often in often:
            speeds = [130, 160, 190] if is_often else [[130, 155, 180][(i + k) % 3]]
            for speed in speeds:
                pitch = [35, 50, 65][(i * 7 + k + speed) % 3]
                yield one('es_' + voice.replace('+', '_'), kind, i, f's{speed}',
                          'espeak-ng', '-v', voice, '-s', str(speed), '-p', str(pitch), '-w', OUT, '--', text)
    if language == 'en':
        for voice in FLITE:
            for kind, i, text, is_often in often:
                for stretch in ['1.0', '0.8', '1.25'] if is_often else ['1.0']:
                    yield one('fl_' + voice, kind, i, f'd{stretch}',
                              'flite', '-voice', voice, '--setf', f'duration_stretch={stretch}', '-t', text, '-o', OUT)
        for voice in PICO:
            for kind, i, text in everything:
                yield one('pico_' + voice, kind, i, 'x', 'pico2wave', '-l', voice, '-w', OUT, text)
    for voice in RHVOICE[language]:
        for kind, i, text, is_often in often:
            for rate, pitch in RATES if is_often or kind != 'other' else [RATES[i % 3]]:
                yield one('rh_' + voice, kind, i, f'r{rate}',
                          'RHVoice-test', '-p', voice, '-r', str(rate), '-t', str(pitch), '-o', OUT, said=text + '.')
    for voice, function in FESTIVAL[language].items():
        folder = os.path.join(base, 'fe_' + voice)
        texts = {f'{kind}__{i:03d}__x.wav': text for kind, i, text in everything}
        texts = {name: text for name, text in texts.items() if not os.path.exists(os.path.join(folder, name))}
        # Festival would go on with another voice if it had not this one.
        lines = [f"(if (not (symbol-bound? '{function})) (exit 1))", f'({function})']
        lines += [f'(utt.save.wave (SynthText "{text}") "{OUT}/{name}")' for name, text in texts.items()]
        yield Job(folder, list(texts), ['festival', '--pipe'], '\n'.join(lines))


def make(job):
    """Makes the files of a job that are missing. They are in their place when they are whole. Returns those that could not be made."""
    folder, names, command, said = job
    missing = [name for name in names if not os.path.exists(os.path.join(folder, name))]
    if not missing:
        return []
    os.makedirs(folder, exist_ok=True)
    why = 'it made no file'
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.dirname(folder)), prefix='making-') as out:
        try:
            subprocess.run([part.replace(OUT, out) for part in command], input=said and said.replace(OUT, out).encode(),
                           check=True, capture_output=True, timeout=300)
        except (subprocess.SubprocessError, OSError) as error:
            why = str(error)[:200]
        else:
            for name in missing:
                if os.path.exists(os.path.join(out, name)):
                    os.replace(os.path.join(out, name), os.path.join(folder, name))
    failed = [os.path.join(folder, name) for name in missing if not os.path.exists(os.path.join(folder, name))]
    if failed:
        print(f'not made: {failed[0]} and {len(failed) - 1} more, by {command[0]}: {why}', file=sys.stderr, flush=True)
    return failed


def main():
    work = sys.argv[1]
    failed = 0
    for language in sys.argv[2:] or ['en', 'ru']:
        with ThreadPoolExecutor(2) as pool:
            for source in SOURCES:
                failed += sum(len(files) for files in pool.map(make, jobs(work, language, source)))
        print('spoken:', language, flush=True)
    if failed:
        sys.exit(f'{failed} files were not made. The head of {os.path.basename(__file__)} names the programs and voices.')


main()
