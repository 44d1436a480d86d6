// Real Asterisk, PostgreSQL, service, keeper and SIP callers. What callers say is looked for in every file.
import { mkdir, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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
/** Often enough that Asterisk writes several of its blocks, which hold four seconds. */
const TIMES = 14
const codecs: G711[] = ['alaw', 'ulaw']
const wanted = codecs.flatMap(markerNeedles)

const lab = await startCallLab(t, { lines: [quickLine('501')] })
const { ready } = lab.lab

/** Everything in which something could lie: data with store, keys, database and PBX, and the tap folder. */
const files = async () => (await Promise.all([ready.data, ready.tap].map(listFilesBelow))).flat()

/** Files that have no name any more, but are still open in one of the processes that see audio. */
async function deletedFiles(): Promise<string[]> {
  const pids = [ready.asteriskPid, lab.lab.service.pid!, ...(await keepersOf(ready.tap))]
  const open = pids.map(async pid => (await readdir(`/proc/${pid}/fd`)).map(fd => `/proc/${pid}/fd/${fd}`))
  const fds = (await Promise.all(open)).flat()
  const targets = await Promise.all(fds.map(fd => readlink(fd).catch(() => '')))
  return fds.filter((_, i) => /^\/.* \(deleted\)$/.test(targets[i]!))
}

/** Calls, agrees, and says the marker again and again from when the agent has the call. */
async function speak(codec: G711): Promise<{ placed: PlacedCall; said: Promise<number> }> {
  const placed = await PlacedCall.place(lab, { number: '501', codec })
  await placed.caller.waitForAnswer(LIMIT)
  await pressInDisclosure('1')(placed)
  await placed.waitForEvent('call.released')
  let said = placed.caller.say(marker)
  for (let i = 1; i < TIMES; i++) said = placed.caller.say(marker)
  return { placed, said }
}

t.test('what a caller says is in no file, neither during the call nor after it', async t => {
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
  }
  t.ok(looks > 0, 'files were looked into')
  await said
  for (const { placed } of calls) {
    const { recordings } = await placed.finish()
    const { caller } = await lab.open(recordings[0]!.id)
    t.ok(isHeard(caller, marker), 'who has the key hears it')
  }
  t.strictSame(await searchFiles(await files(), wanted), [], 'after the calls')
})

t.test('the search finds a planted file, in each coding and at any byte', async t => {
  const planted = join(ready.data, 'planted')
  await mkdir(planted)
  for (const [i, { name, bytes }] of codecs.flatMap(codec => codingsOf(codec)).entries()) {
    const path = join(planted, String(i))
    await writeFile(path, Buffer.concat([Buffer.alloc(i % 2 ? 4_095 : 3), bytes.subarray(1_501, 5_000)]))
    const found = await searchFiles(await files(), wanted)
    t.ok(found.includes(`${name} in ${path}`), `${name} is found`)
    t.ok(
      found.every(where => where.endsWith(path)),
      'and nothing else',
    )
    await rm(path)
  }
})
