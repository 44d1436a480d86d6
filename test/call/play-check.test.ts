// Real: Asterisk, ffmpeg, the converted files of a prompt. Fake: none.
// The PBX is asked whether it can play the files of a prompt, before any caller hears them.
import { chmod, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startPbx } from '../../lab/pbx.js'
import { playCheck } from '../../src/asterisk/play-check.js'
import { Secret } from '../../src/core/secret.js'
import { encodeWav, lengthMs, readWav } from '../../src/lib/audio-formats/wav.js'
import { openConverter } from '../../src/prompts/convert.js'
import { isVerified, verifyVariants } from '../../src/prompts/live-prompts.js'
import { readManifest, readMaster, shippedPromptFolder } from '../../src/prompts/manifest.js'
import { VARIANTS } from '../../src/prompts/prompt-folder.js'
import { makeVariants } from '../../src/prompts/variant-files.js'
import { asteriskVersion } from '../support/processes/asterisk-version.js'
import { scratch } from '../support/processes/database.js'
import { ffmpeg } from '../support/processes/ffmpeg.js'

const pbx = await startPbx({ version: asteriskVersion, dir: t.testdir({}) })
t.teardown(() => pbx.stop())
const { url, username, password, app } = pbx.ari
const play = playCheck({ url, username, password: new Secret(password), app })
/** Samples per second of masters. */
const RATE = 16_000
const folder = shippedPromptFolder()
const prompt = (await readManifest(folder)).find(({ name }) => name === 'granted')!

/** Converts a prompt into a folder of its own that everybody may read. @returns its path without extension */
async function converted(t: Tap, master?: Buffer): Promise<string> {
  const dir = join(await scratch(t), 'en')
  await mkdir(dir)
  const media = join(dir, 'granted')
  const wav = master ?? (await readMaster(folder, prompt))
  await makeVariants(wav, { ...prompt, lengthMs: lengthMs(readWav(wav)) }, media, await openConverter(ffmpeg))
  return media
}
type Tap = Parameters<typeof scratch>[0]

t.test('each coding of a whole prompt is played, and that is remembered', async t => {
  const media = await converted(t)
  t.notOk(await isVerified(media))
  t.equal(await verifyVariants(media, prompt.lengthMs, play), true)
  t.ok(await isVerified(media))
  t.notMatch(await pbx.cli('core show channels concise'), /Announcer/, 'nothing is left on the PBX')
  t.match(await pbx.cli('bridge show all'), /^\s*Bridge-ID[^\n]*\s*$/, 'and no bridge')
})

t.test('of the longest prompt only the end is played, in each coding', async t => {
  const samples = Int16Array.from({ length: 60 * RATE }, (_, i) => 8_000 * Math.sin(i / 8))
  // All that is played has less time than half of the prompt lasts.
  const media = await converted(t, encodeWav({ rate: RATE, samples }))
  t.equal(await verifyVariants(media, 60_000, play), true)
})

for (const { extension } of VARIANTS)
  t.test(`a ${extension} file that the user of Asterisk may not read is found`, async t => {
    const media = await converted(t)
    await chmod(`${media}.${extension}`, 0o000)
    await t.rejects(verifyVariants(media, prompt.lengthMs, play), {
      code: 'prompt.damaged',
      message: new RegExp(`cannot play its ${extension} file`),
    })
    t.notOk(await isVerified(media))
  })

t.test('a file that is missing is found', async t => {
  const media = await converted(t)
  await rm(`${media}.sln`)
  await t.rejects(verifyVariants(media, prompt.lengthMs, play), { code: 'prompt.damaged' })
})

t.test('a PBX that is away leaves the question open', async t => {
  const media = await converted(t)
  const away = playCheck({ url: 'http://127.0.0.1:1', username, password: new Secret(password), app })
  await t.rejects(verifyVariants(media, prompt.lengthMs, away), { code: /^pbx\./ })
  t.notOk(await isVerified(media))
})
