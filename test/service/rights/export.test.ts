// Real: PostgreSQL, journal, transparency log, stores, sealed containers, ZIP and age files. Fake: a journal that refuses.
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import t from 'tap'
import { decodeG711 } from '../../../lab/audio/g711.js'
import { Secret } from '../../../src/core/secret.js'
import { checkFile } from '../../../src/receipts/check-file.js'
import { blockPerson, unblockPerson } from '../../../src/rights/block-person.js'
import { findPerson } from '../../../src/rights/collect-person.js'
import { exportPerson } from '../../../src/rights/export-person.js'
import { exactly, none } from '../../support/assertions/exactly.js'
import { unzip } from '../../support/assertions/unzip.js'
import { person } from '../../support/data/actors.js'
import { withdrew } from '../../support/data/outsider.js'
import {
  CALLED_AT,
  type SealedCall,
  sealCall,
  startArchiveSetup,
} from '../../support/processes/archive-setup.js'
import { listFiles } from '../../support/processes/recorder-setup.js'
import { logSettingsIn, updateLog } from '../../support/processes/tlog.js'

const place = await startArchiveSetup(t)
const { logSetup } = place
const settings = logSettingsIn(logSetup.dir)
const operator = { name: 'Ромашка & Co <ООО>', address: 'Москва' }
const config = {
  identities: new Secret(place.identity) as Secret | undefined,
  log: { dir: settings.dir, keyFile: '', origin: '', witness: undefined, timestamps: undefined },
  operator,
}
const deps = { ...place.deps, config }
const out = t.testdir({})
const stated = { reason: 'asked in writing' }
const officer = person('officer')

/** Makes a copy and reads its entries. */
async function copyOf(number: string, more: Partial<Parameters<typeof exportPerson>[2]> = {}, use = deps) {
  await updateLog(logSetup.url(), settings)
  const file = join(out, `${number}.zip`)
  const copied = await exportPerson(use, officer, {
    number,
    file,
    recipients: [],
    purposes: [],
    ...stated,
    ...more,
  })
  return { copied, bytes: await readFile(file), file }
}

const names = (files: Map<string, Buffer>, folder: string) =>
  [...files.keys()].filter(name => name.startsWith(folder))

/** Tells whether a WAV file has exactly the audio of the call: caller left, agent right, silence after the end of a leg. */
function sounds(wav: Buffer, { spoken }: SealedCall): boolean {
  const [left, right] = spoken.map(bytes => decodeG711(bytes, 'alaw')) as [Int16Array, Int16Array]
  const frames = Array.from({ length: left.length }, (_, i) => [left[i]!, right[i] ?? 0]).flat()
  const header = wav.subarray(0, 44)
  return (
    header.toString('latin1', 0, 4) === 'RIFF' &&
    header.readUInt32LE(4) === wav.length - 8 &&
    header.readUInt32LE(40) === wav.length - 44 &&
    wav.subarray(44).equals(Buffer.from(Int16Array.from(frames).buffer))
  )
}

t.test('a copy holds the audio, the receipts, who listened, and a page in two languages', async t => {
  const talk = await sealCall(place, '+7201', { answers: { service: 'granted', marketing: 'refused' } })
  const no = await sealCall(place, '+7201', { answers: { service: 'refused' }, at: CALLED_AT + 60_000 })
  await sealCall(place, '+7202')
  const { copied, bytes, file } = await copyOf('+7201')
  t.match(copied, { encrypted: false, calls: 2, recordings: 1, receipts: 2, unopened: none })
  t.equal((await stat(file)).mode & 0o777, 0o600)
  const files = await unzip(bytes)
  const [wav, ...more] = names(files, 'recordings/')
  t.strictSame(more, [])
  t.match(wav, new RegExp(`service-${talk.recordings['service']}\\.wav$`))
  t.ok(sounds(files.get(wav!)!, talk), 'it has the audio of the call')
  t.strictSame(
    names(files, 'receipts/').sort(),
    [talk, no].flatMap(({ call }) => [`receipts/${call}.json`, `receipts/${call}.vcon.json`]).sort(),
  )
  const key = (await readFile(join(settings.dir, 'key.pub'), 'utf8')).trim()
  for (const name of names(files, 'receipts/'))
    t.strictSame(checkFile(files.get(name)!, [key]).faults, [], name)
  const person = JSON.parse(files.get('person.json')!.toString())
  t.match(person, {
    number: '+7201',
    calls: exactly({ id: no.call }, { id: talk.call, recordings: exactly({ file: wav }) }),
  })
  t.notMatch(JSON.stringify(person), logSetup.dir, 'the copy has no path of this machine')
  const page = files.get('summary.html')!.toString()
  for (const words of ['Ваши персональные данные', 'Your personal data', wav!, '+7201', 'отказ', 'refused'])
    t.ok(page.includes(words), words)
  t.ok(page.includes('Ромашка &amp; Co &lt;ООО&gt;'), 'texts from outside are escaped')

  const { listens } = await findPerson(deps, officer, '+7201')
  t.match(
    listens,
    exactly({
      recording: talk.recordings['service'],
      by: 'officer',
      how: 'export',
      reason: 'asked in writing',
    }),
  )
  const second = JSON.parse((await unzip((await copyOf('+7201')).bytes)).get('person.json')!.toString())
  t.match(second.listens, exactly({ how: 'export', by: 'officer' }), 'the next copy says that there was one')
})

t.test('a copy says in both languages when a yes was taken back', async t => {
  const { call } = await sealCall(place, '+7210')
  await place.deps.journal.append([withdrew(call, CALLED_AT + 20_000)], 60_000)
  const files = await unzip((await copyOf('+7210')).bytes)
  const page = files.get('summary.html')!.toString()
  for (const words of ['согласие, отозвано <time', 'agreed, withdrawn <time', '2026-10-05 09:30:20'])
    t.ok(page.includes(words), words)
  const purposes = exactly({ answer: 'granted', withdrawnAt: '2026-10-05T09:30:20.000Z' })
  t.match(JSON.parse(files.get('person.json')!.toString()), { calls: exactly({ purposes }) })
})

t.test('a copy for one purpose holds nothing of a call without consent to it', async t => {
  const both = await sealCall(place, '+7203', { answers: { service: 'granted', marketing: 'granted' } })
  const service = await sealCall(place, '+7203', { answers: { service: 'granted', marketing: 'refused' } })
  const { copied, bytes } = await copyOf('+7203', { purposes: ['marketing'] })
  t.match(copied, { calls: 1, recordings: 1 })
  const files = await unzip(bytes)
  t.match(names(files, 'recordings/'), exactly(new RegExp(both.recordings['marketing']!)))
  for (const [name, content] of files)
    for (const word of [service.call, service.recordings['service']!, both.recordings['service']!])
      if (!name.startsWith('receipts/')) t.notOk(content.includes(word), `${name} is silent about ${word}`)
  t.strictSame(names(files, `receipts/${service.call}`), [])
})

t.test('an encrypted copy opens only with the person’s key', async t => {
  const talk = await sealCall(place, '+7204')
  const [mine, other] = [await generateX25519Identity(), await generateX25519Identity()]
  const { copied, bytes } = await copyOf('+7204', { recipients: [await identityToRecipient(mine)] })
  t.ok(copied.encrypted)
  t.equal(bytes.toString('latin1', 0, 21), 'age-encryption.org/v1')
  const opened = (identity: string) => {
    const decrypter = new Decrypter()
    decrypter.addIdentity(identity)
    return decrypter.decrypt(bytes)
  }
  const files = await unzip(Buffer.from(await opened(mine)))
  t.ok(sounds(files.get(names(files, 'recordings/')[0]!)!, talk))
  await t.rejects(opened(other))
  await t.rejects(copyOf('+7204', { recipients: ['age1nobody'] }), { code: 'rights.invalid' })
})

t.test('recordings that cannot be opened are listed, and the others are in the copy', async t => {
  const good = await sealCall(place, '+7205')
  const bad = await sealCall(place, '+7205', { at: CALLED_AT + 60_000 })
  const lost = await sealCall(place, '+7205', { at: CALLED_AT + 120_000 })
  const running = await sealCall(place, '+7205', { at: CALLED_AT + 180_000, running: true })
  const stored = await listFiles(place.store)
  const [damaged] = stored.filter(path => path.includes(String(bad.part)))
  const container = await readFile(damaged!)
  container[container.length - 10]! ^= 1
  await rm(damaged!)
  await writeFile(damaged!, container)
  for (const folder of place.keys)
    for (const path of await listFiles(folder)) if (path.includes(String(lost.part))) await rm(path)

  const { copied, bytes } = await copyOf('+7205')
  t.strictSame(
    copied.unopened.map(({ call, why }) => [call, why]),
    [
      [running.call, 'still-recorded'],
      [lost.call, 'key-missing'],
      [bad.call, 'damaged'],
    ],
  )
  const files = await unzip(bytes)
  t.match(names(files, 'recordings/'), exactly(new RegExp(good.recordings['service']!)))
  t.ok(files.get('summary.html')!.includes('запись повреждена'))
  t.strictSame(
    (await findPerson(deps, officer, '+7205')).listens.map(({ call }) => call),
    [good.call],
    'nobody listened to what could not be opened',
  )
  const without = await copyOf('+7205', {}, { ...deps, config: { ...config, identities: undefined } })
  t.equal(without.copied.recordings, 0)
  t.match(
    without.copied.unopened.find(({ call }) => call === good.call),
    { why: 'no-identity' },
  )
})

t.test('a block refuses the copy and nothing is written; a hold does not matter', async t => {
  await sealCall(place, '+7206')
  await blockPerson(deps, officer, { number: '+7206', ...stated })
  await t.rejects(copyOf('+7206'), { code: 'rights.blocked' })
  t.strictSame(
    (await readdir(out)).filter(name => name.startsWith('+7206')),
    [],
  )
  t.strictSame((await findPerson(deps, officer, '+7206')).listens, [])
  await unblockPerson(deps, officer, { number: '+7206', ...stated })
  t.equal((await copyOf('+7206')).copied.recordings, 1)
})

t.test('no copy is written if the journal refuses or the file cannot be written', async t => {
  await sealCall(place, '+7207')
  const append = async () => {
    throw new Error('away')
  }
  const cut = { ...deps, journal: Object.assign(Object.create(deps.journal), { append }) }
  await t.rejects(copyOf('+7207', {}, cut), { message: 'away' })
  await t.rejects(copyOf('+7207', { file: join(out, 'no', 'such', 'folder.zip') }), {
    code: 'store.unwritable',
  })
  t.strictSame(
    (await readdir(out)).filter(name => name.includes('7207') || name.includes('unfinished')),
    [],
  )
  await t.rejects(copyOf('+7299'), { code: 'not-found' })
})
