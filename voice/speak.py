"""Speaks the phrases of phrases.json with each voice, into <work>/speech/<language>/<voice>/<class>__<index>__<rate>.wav.

What no-answers.json holds goes into <work>/speech/no-answers-<language>/<voice>/ as other__<index>__<rate>.wav, and what like-yes.json holds into
<work>/speech/like-yes-<language>/<voice>/.

usage: speak.py WORK [LANGUAGE...]
Programs, from Debian: espeak-ng, flite, festival with festvox-kallpc16k, -kdlpc16k, -us-slt-hts and -ru (main), -rablpc16k and -don
(contrib); libttspico-utils, rhvoice, rhvoice-russian and rhvoice-english (non-free). A file that is there is not made again.
"""
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

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
    'ru': {'msu': '(voice_msu_ru_nsh_clunits)'},
    'en': {
        'kal': '(voice_kal_diphone)', 'hts': '(voice_cmu_us_slt_arctic_hts)', 'ked': '(voice_ked_diphone)', 'rab': '(voice_rab_diphone)',
        'don': '(voice_don_diphone)',
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


def run(command, said=None):
    subprocess.run(command, input=said, check=True, capture_output=True, timeout=300)


def jobs(work, language, source):
    base = os.path.join(work, 'speech', language if source == 'phrases' else f'{source}-{language}')

    def place(voice, kind, i, tag):
        folder = os.path.join(base, voice)
        os.makedirs(folder, exist_ok=True)
        return os.path.join(folder, f'{kind}__{i:03d}__{tag}.wav')

    everything = items(language, source)
    # What is said most often, and what is most like it, is spoken at several speeds.
    often = [(kind, i, text, kind == 'yes' or source == 'like-yes') for kind, i, text in everything]
    for k, voice in enumerate(ESPEAK[language]):
        for kind, i, text, is_often in often:
            speeds = [130, 160, 190] if is_often else [[130, 155, 180][(i + k) % 3]]
            for speed in speeds:
                pitch = [35, 50, 65][(i * 7 + k + speed) % 3]
                path = place('es_' + voice.replace('+', '_'), kind, i, f's{speed}')
                yield path, ['espeak-ng', '-v', voice, '-s', str(speed), '-p', str(pitch), '-w', path, '--', text], None
    if language == 'en':
        for voice in FLITE:
            for kind, i, text, is_often in often:
                for stretch in ['1.0', '0.8', '1.25'] if is_often else ['1.0']:
                    path = place('fl_' + voice, kind, i, f'd{stretch}')
                    yield path, ['flite', '-voice', voice, '--setf', f'duration_stretch={stretch}', '-t', text, '-o', path], None
        for voice in PICO:
            for kind, i, text in everything:
                path = place('pico_' + voice, kind, i, 'x')
                yield path, ['pico2wave', '-l', voice, '-w', path, text], None
    for voice in RHVOICE[language]:
        for kind, i, text, is_often in often:
            for rate, pitch in RATES if is_often or kind != 'other' else [RATES[i % 3]]:
                path = place('rh_' + voice, kind, i, f'r{rate}')
                yield path, ['RHVoice-test', '-p', voice, '-r', str(rate), '-t', str(pitch), '-o', path], (text + '.').encode()
    for voice, choice in FESTIVAL[language].items():
        lines = [choice]
        last = None
        for kind, i, text in everything:
            path = place('fe_' + voice, kind, i, 'x')
            if not os.path.exists(path):
                last = path
                lines.append(f'(utt.save.wave (SynthText "{text}") "{path}")')
        if last:
            yield last, ['festival', '--pipe'], '\n'.join(lines).encode()


def make(job):
    path, command, said = job
    if os.path.exists(path):
        return
    try:
        run(command, said)
    except (subprocess.SubprocessError, OSError) as error:
        print('not made:', path, str(error)[:120], flush=True)


def main():
    work = sys.argv[1]
    for language in sys.argv[2:] or ['en', 'ru']:
        with ThreadPoolExecutor(2) as pool:
            for source in SOURCES:
                list(pool.map(make, jobs(work, language, source)))
        print('spoken:', language, flush=True)


main()
