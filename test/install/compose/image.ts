import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { concatSamples, silence } from '../../../lab/audio/signals.js'
import { speakAll } from '../../../lab/voice/speak.js'
import { encodeWav } from '../../../src/lib/audio-formats/wav.js'
import { openConverter } from '../../../src/prompts/convert.js'
import { makeMaster } from '../../../src/prompts/intake/make-master.js'
import { telephoneSound } from '../../../src/prompts/intake/telephone.js'
import { VARIANTS } from '../../../src/prompts/prompt-folder.js'
import { encode, spokenPath } from '../../support/data/hostile-sounds.js'
import { ffmpeg } from '../../support/processes/ffmpeg.js'
import { run } from './run.js'

/** Most bytes of the image, unpacked. */
const MAX_BYTES = 350_000_000
/** Programs that the image has. */
const PROGRAMS = {
  'usr/bin': ['cat', 'dash', 'flock', 'id', 'ls', 'mkfifo', 'sh'],
  'usr/local/bin': ['consentry', 'ffmpeg', 'node'],
}
/** Files by which one format of sound is made, with options of ffmpeg. */
const FORMATS: Record<string, string[]> = {
  'sound.wav': ['-c:a', 'pcm_s24le'],
  'sound.mp3': ['-c:a', 'libmp3lame', '-ar', '44100'],
  'sound.flac': [],
  'sound.m4a': ['-c:a', 'aac', '-ar', '44100'],
  'vorbis.ogg': ['-c:a', 'libvorbis'],
  'opus.ogg': ['-c:a', 'libopus'],
}

/** Checks what the image has, how large it is, and that the programs in it do what the product needs of them. @param printed by the page's commands */
export async function checkImage(t: Test, printed: Promise<string>): Promise<void> {
  const said = await printed
  process.stderr.write(said)
  const bytes = Number(/^\d+/.exec(said)?.[0])
  t.ok(bytes > 100_000_000 && bytes <= MAX_BYTES, `${bytes} bytes`)
  const root = (await run(['podman', 'image', 'mount', 'consentry'])).trim()
  const folder = await mkdtemp(join(tmpdir(), 'consentry-image-'))
  try {
    for (const [path, names] of Object.entries(PROGRAMS))
      t.strictSame((await readdir(join(root, path))).sort(), names, path)
    t.equal(
      await run(['find', root, '-xdev', '-perm', '/6000', '-type', 'f']),
      '',
      'no program has rights of its own',
    )
    const packages = await readdir(join(root, 'var/lib/dpkg/status.d'))
    for (const name of ['libc6', 'libpocketsphinx3', 'util-linux']) t.ok(packages.includes(name), name)
    await checkFfmpeg(t, join(root, 'usr/local/bin/ffmpeg'), folder)
    await checkListening(t, folder)
  } finally {
    await run(['podman', 'image', 'unmount', 'consentry'])
    await rm(folder, { recursive: true, force: true })
  }
  const [image] = JSON.parse(await run(['podman', 'image', 'inspect', 'consentry'])) as [
    { Config: { User: string } },
  ]
  t.equal(image.Config.User, '10001:10001', 'its user is not root')
}

/** The image's ffmpeg takes in each format that the product does. It needs nothing but libraries that every Debian 13 has. */
async function checkFfmpeg(t: Test, tool: string, folder: string): Promise<void> {
  for (const [name, options] of Object.entries(FORMATS)) {
    const master = await makeMaster(tool, await encode(folder, name, '-i', spokenPath, ...options))
    t.ok(master.lengthMs > 1_000 && Math.abs(master.lufs + 19) < 0.6, `${name}: ${master.lengthMs} ms`)
    const { samples } = await telephoneSound(tool, master.wav)
    t.ok(Math.abs(samples.length / 8 - master.lengthMs) < 50, `${name} as over a telephone`)
  }
  const prompt = await readFile(spokenPath)
  for (const [name, program] of Object.entries({ image: tool, debian: ffmpeg })) {
    const convert = await openConverter(program)
    await mkdir(join(folder, name))
    await convert(prompt, join(folder, name), 'prompt')
  }
  for (const { extension } of VARIANTS) {
    const [ours, theirs] = await Promise.all(
      ['image', 'debian'].map(name => readFile(join(folder, name, `prompt.${extension}`))),
    )
    t.ok(ours!.length > 20_000 && ours!.equals(theirs!), `${extension} as Debian's ffmpeg makes it`)
  }
}

/** The image hears an answer by its own recogniser. */
async function checkListening(t: Test, folder: string): Promise<void> {
  const [no] = await speakAll({ program: 'flite', voice: 'rms' }, ['no no'])
  const sounds = join(folder, 'sounds')
  await mkdir(sounds)
  await chmod(folder, 0o755)
  const samples = concatSamples(silence(700), no!, silence(300))
  await writeFile(join(sounds, 'no.wav'), encodeWav({ rate: 8_000, samples }))
  const heard = await run([
    ...['podman', 'run', '--rm', '--network=none', '--read-only', '--cap-drop=ALL', '--user=12345:12345'],
    ...[`--volume=${sounds}:/sounds:ro`, '--tmpfs=/tmp', '--env=CONSENTRY_DATA=/tmp/data'],
    ...['consentry', 'listen', '/sounds/no.wav', '--lang', 'en'],
  ])
  t.match(heard, /^no\n/, 'it hears a spoken no')
}
