// Real: ffmpeg, a shipped master. Fake: failing programs, which are shell scripts.
import { execFile } from 'node:child_process'
import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { codeOf } from '../../../src/core/errors.js'
import { encodeWav, lengthMs, readWav } from '../../../src/lib/audio-formats/wav.js'
import { speechLevel } from '../../../src/prompts/audio/shape.js'
import { openConverter } from '../../../src/prompts/convert.js'
import { readManifest, readMaster, shippedPromptFolder } from '../../../src/prompts/manifest.js'
import { throwUnwritable, VARIANTS } from '../../../src/prompts/prompt-folder.js'
import { ffmpeg } from '../../support/processes/ffmpeg.js'

const prompt = (await readManifest(shippedPromptFolder())).find(each => each.name === 'granted')!
const wav = await readMaster(shippedPromptFolder(), prompt)
const convert = await openConverter(ffmpeg)

/** The sound of a headerless file, decoded by ffmpeg. */
async function listen(path: string, format: string, rate: number) {
  const raw = format === 'g722' ? [] : ['-ar', String(rate), '-ac', '1']
  const args = ['-v', 'error', '-f', format, ...raw, '-i', path, '-c:a', 'pcm_s16le', '-f', 's16le', '-']
  const { stdout } = await promisify(execFile)(ffmpeg, args, { encoding: 'buffer', maxBuffer: 1 << 24 })
  const samples = new Int16Array(stdout.length >> 1)
  for (let i = 0; i < samples.length; i++) samples[i] = stdout.readInt16LE(i * 2)
  return { rate, samples }
}

t.test('each variant is headerless, and as long and as loud as its master', async t => {
  const folder = t.testdir({})
  await convert(wav, folder, 'granted')
  const master = readWav(wav)
  for (const { extension, format, rate, leadMs } of VARIANTS) {
    const sound = await listen(join(folder, `granted.${extension}`), format, rate)
    t.equal(lengthMs(sound), prompt.lengthMs + leadMs, extension)
    t.ok(Math.abs(speechLevel(sound) - speechLevel(master)) < 1, `${extension}: ${speechLevel(sound)} dBov`)
  }
})

t.test('the last frame of 20 ms is filled with silence', async t => {
  const folder = t.testdir({})
  const odd = { rate: 16_000, samples: new Int16Array(16_000 + 7).fill(1000) }
  await convert(encodeWav(odd), folder, 'odd')
  for (const { extension, format, rate, leadMs } of VARIANTS) {
    t.equal(lengthMs(await listen(join(folder, `odd.${extension}`), format, rate)), 1020 + leadMs, extension)
  }
})

t.test('errors distinguish a missing, a broken and a failing ffmpeg', async t => {
  const folder = t.testdir({})
  const script = (name: string, body: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`)
    chmodSync(join(folder, name), 0o755)
    return join(folder, name)
  }
  const attempt = (tool: string) =>
    openConverter(tool)
      .then(convert => convert(wav, folder, 'granted'))
      .then(() => 'done', codeOf)
  t.equal(await attempt(join(folder, 'nothing')), 'tool.missing')
  t.equal(await attempt(script('fails', 'exit 1')), 'tool.failed')
  t.equal(await attempt(script('refuses', 'test "$1" = -version')), 'tool.failed')
  await t.rejects(openConverter(join(folder, 'nothing')), { message: /CONSENTRY_FFMPEG/ })

  const gone = script('gone', 'test "$1" = -version')
  await openConverter(gone)
  chmodSync(gone, 0o644)
  t.equal(await openConverter(gone).catch(codeOf), 'tool.missing', 'it may not be run any more')
  chmodSync(gone, 0o755)
  await openConverter(gone)
  rmSync(gone)
  t.equal(await openConverter(gone).catch(codeOf), 'tool.missing', 'it was removed')
  await t.resolves(openConverter(script('gone', 'test "$1" = -version')), 'and is there again')
})

t.test('a full disk is reported with the folder, whether we or ffmpeg find out', async t => {
  const folder = t.testdir({})
  // Fails with the message of a full disk.
  symlinkSync('/dev/full', join(folder, `granted.${VARIANTS.at(-1)!.extension}`))
  const full = {
    code: 'store.unwritable',
    message: `prompts cannot be written to ${folder}: the disk is full; free some space`,
  }
  await t.rejects(convert(wav, folder, 'granted'), full)
  t.throws(() => throwUnwritable(folder)(Object.assign(new Error(), { code: 'ENOSPC' })), full)
  t.throws(() => throwUnwritable(folder)(Object.assign(new Error(), { code: 'EACCES' })), /CONSENTRY_PROMPTS/)
})

t.test('input that is no sound is refused', async t => {
  t.equal(await convert(Buffer.from('not a recording'), t.testdir({}), 'x').catch(codeOf), 'tool.failed')
})
