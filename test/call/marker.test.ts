// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// The test searches every file for what the callers say.
import { mkdir, readdir, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { G711 } from '../../lab/audio/g711.js'
import { keepersOf } from '../../lab/process/end-keeper.js'
import { isHeard } from '../support/assertions/heard-words.js'
import { listFilesBelow, searchFiles } from '../support/assertions/search-files.js'
import { codingsOf, marker, markerNeedles } from '../support/data/marker.js'
import { quickLine } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { pressInDisclosure } from '../support/lab/caller-actions.js'
import { PlacedCall } from '../support/lab/placed-call.js'

const LIMIT = 60_000
/** Number of repetitions. Asterisk writes several blocks of four seconds meanwhile. */
const TIMES = 14
/** Time between two searches, ms. The speech is in a file for longer, if it is in one. */
const LOOK_MS = 1_000
const codecs: G711[] = ['alaw', 'ulaw']
const wanted = codecs.flatMap(markerNeedles)

const lab = await startCallLab(t, { lines: [quickLine('501')] })
const { ready } = lab.lab

/** All files of the data folder, with store, keys, database and PBX, and of the tap folder. */
const files = async () => (await Promise.all([ready.data, ready.tap].map(listFilesBelow))).flat()

/** Deleted files that are still open in a process that sees audio. */
async function deletedFiles(): Promise<string[]> {
  const pids = [ready.asteriskPid, lab.lab.service.pid!, ...(await keepersOf(ready.tap))]
  const open = pids.map(async pid => (await readdir(`/proc/${pid}/fd`)).map(fd => `/proc/${pid}/fd/${fd}`))
  const fds = (await Promise.all(open)).flat()
  const targets = await Promise.all(fds.map(fd => readlink(fd).catch(() => '')))
  return fds.filter((_, i) => /^\/.* \(deleted\)$/.test(targets[i]!))
}

/** Places a call that agrees and then says the marker again and again. */
async function speak(codec: G711): Promise<{ placed: PlacedCall; said: Promise<number> }> {
  const placed = await PlacedCall.place(lab, { number: '501', codec })
  await placed.caller.waitForAnswer(LIMIT)
  await pressInDisclosure('1')(placed)
  await placed.waitForEvent('call.released')
  let said = placed.caller.say(marker)
  for (let i = 1; i < TIMES; i++) said = placed.caller.say(marker)
  return { placed, said }
}

t.test('no file contains the speech of a caller, neither during the call nor after it', async t => {
  const calls = await Promise.all(codecs.map(speak))
  let talking = true
  const said = Promise.all(calls.map(({ said }) => said)).then(() => {
    talking = false
  })
  for (const { placed } of calls) await placed.waitForEvent('recording.part-started')
  let looks = 0
  for (; talking; looks++) {
    t.strictSame(
      await searchFiles([...(await files()), ...(await deletedFiles())], wanted),
      [],
      'during the calls',
    )
    await pause(LOOK_MS)
  }
  t.ok(looks > 0, 'files were searched during the calls')
  await said
  for (const { placed } of calls) {
    const { recordings } = await placed.finish()
    const { caller } = await lab.open(recordings[0]!.id)
    t.ok(isHeard(caller, marker), 'the recording opens to the speech')
  }
  t.strictSame(await searchFiles(await files(), wanted), [], 'after the calls')
})

t.test('the search finds planted speech in each coding and at any byte', async t => {
  const planted = join(ready.data, 'planted')
  await mkdir(planted)
  const all = codecs.flatMap(codec => codingsOf(codec))
  for (const [i, { bytes }] of all.entries()) {
    const before = Buffer.alloc(i % 2 ? 4_095 : 3)
    await writeFile(join(planted, String(i)), Buffer.concat([before, bytes.subarray(1_501, 5_000)]))
  }
  const found = await searchFiles(await files(), wanted)
  for (const [i, { name }] of all.entries())
    t.ok(found.includes(`${name} in ${join(planted, String(i))}`), `${name} is found`)
  t.ok(
    found.every(where => where.includes(` in ${planted}/`)),
    'no other file is found',
  )
})
