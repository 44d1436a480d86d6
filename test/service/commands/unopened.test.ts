// Real: PostgreSQL, journal, key store, disk store, sealed containers, the command as a separate process. Fake: none.
import { readdirSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { newRecordingId } from '../../../src/core/ids.js'
import { sealCall, startArchiveSetup } from '../../support/processes/archive-setup.js'
import { consentry } from '../../support/processes/command.js'
import { consentryTogether } from '../../support/processes/commands-together.js'
import { listFiles } from '../../support/processes/recorder-setup.js'

const place = await startArchiveSetup(t)
const out = t.testdir({})
const environment = {
  DATABASE_URL: place.logSetup.url(),
  CONSENTRY_DATA: place.logSetup.dir,
  CONSENTRY_STORE: `file:${place.store}`,
  CONSENTRY_KEYSTORE: place.keys.map(path => `file:${path}`).join(','),
  CONSENTRY_IDENTITY: place.identity,
}
const opening = (recording: string) =>
  consentryTogether(environment, 'open', recording, '-o', join(out, 'talk.wav'), '--by', 'anna')

async function refused(t: Test, words: RegExp, recording: string) {
  t.match(await opening(recording), { code: 1, out: '', err: words })
  t.strictSame(readdirSync(out), [], 'nothing was written')
}

/** A recording, and where its container and its first key file are. */
async function recorded(number: string) {
  const { part, recordings } = await sealCall(place, number)
  const [container] = (await listFiles(place.store)).filter(path => path.includes(part!))
  const keys = (await Promise.all(place.keys.map(listFiles))).flat().filter(path => path.includes(part!))
  return { recording: recordings['service']!, container: container!, keys }
}

t.test('open says that a recording is unknown', async t => {
  const id = newRecordingId()
  await refused(t, new RegExp(`There is no recording ${id}\\. See them all: consentry calls\\.\\n$`), id)
})

t.test('open names a damaged or missing container or key file, and the next step', async t => {
  const { recording, container, keys } = await recorded('+79161230001')
  const whole = await readFile(container)
  const flipped = Buffer.from(whole)
  flipped[whole.length - 30]! ^= 1
  await writeFile(container, flipped)
  const next = `No file was written\\. See all that is wrong: consentry verify ${recording}\\. Then put `
  await refused(
    t,
    new RegExp(`: part 1, ${container}: .*, at byte \\d+\\. ${next}the container back`),
    recording,
  )
  await writeFile(container, whole)
  await rename(container, `${container}.away`)
  await refused(
    t,
    new RegExp(`: part 1, ${container}: it is not in the store\\. .* put the container back`),
    recording,
  )
  await rename(`${container}.away`, container)
  for (const key of keys) await writeFile(key, 'damaged')
  await refused(t, new RegExp(`: part 1, ${container}: the key file is damaged\\. ${next}its key`), recording)
  for (const key of keys) await rename(key, `${key}.away`)
  await refused(t, /key .* is missing, although no act destroyed it\. .*CONSENTRY_KEYSTORE/, recording)
})

t.test('open says when, by whom and under which act a recording was destroyed', async t => {
  const number = '+79161230002'
  const { recording, container, keys } = await recorded(number)
  const copies = await Promise.all(
    [container, ...keys].map(async path => ({ path, bytes: await readFile(path) })),
  )
  await consentry(environment, 'rights', 'erase', number, '--reason', 'asked', '--by', 'anna')
  const destroyed = new RegExp(
    `Recording ${recording} was destroyed on 2\\S+Z, under act 1 by anna: it was erased\\. See consentry act show 1\\.\\n$`,
  )
  await refused(t, destroyed, recording)
  // Somebody puts the keys back, and then the container.
  for (const { path, bytes } of copies.toReversed()) {
    await writeFile(path, bytes)
    await refused(t, destroyed, recording)
  }
})
