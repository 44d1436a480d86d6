// Real: PostgreSQL, journal, disk, two mirrors, sealed recordings, the command. Fake: the services, of which there are only events.
import { readFile, writeFile } from 'node:fs/promises'
import t from 'tap'
import { event } from '../../../src/core/events.js'
import { withParts } from '../../../src/recordings/open/find-parts.js'
import type { Identity } from '../../../src/vault/crypto/types.js'
import { exactly, none } from '../../support/assertions/exactly.js'
import { told } from '../../support/data/told-events.js'
import { consentry } from '../../support/processes/command.js'
import { openingResults, startRotationSetup } from '../../support/processes/rotation-setup.js'

t.test('after a rotation the new identity opens every recording, the old one none', async t => {
  const home = await startRotationSetup(t)
  const { deps, rotate, record, recipientsNow, identitiesNow, files } = home
  const old = await identitiesNow()
  const calls = [await record(), await record(), await record()]
  const containers = await Promise.all(
    calls.map(({ recordings }) =>
      withParts(deps, recordings['service']!, async ([part]) =>
        (await part!.source.read(0, 1 << 20)).toString('hex'),
      ),
    ),
  )
  const { failed, resealed, finished, to, from } = await rotate('service')
  t.strictSame([failed, resealed, finished], [[], 3, true])
  t.strictSame(from, [old[0]!.keyId])
  t.strictSame(
    (await recipientsNow()).map(({ keyId }) => keyId),
    [to, old[1]!.keyId],
  )

  const now = await identitiesNow()
  t.strictSame(
    now.map(({ keyId }) => keyId),
    [old[1]!.keyId, to],
    'the old one is gone from the file',
  )
  t.strictSame(await openingResults(home, calls, now, 'service'), ['opened', 'opened', 'opened'])
  t.strictSame(await openingResults(home, calls, old, 'service'), [
    'key.missing',
    'key.missing',
    'key.missing',
  ])
  t.strictSame(
    await openingResults(home, calls, old, 'marketing'),
    ['opened', 'opened', 'opened'],
    'the other purpose',
  )
  t.strictSame(
    await Promise.all(
      calls.map(({ recordings }) =>
        withParts(deps, recordings['service']!, async ([part]) =>
          (await part!.source.read(0, 1 << 20)).toString('hex'),
        ),
      ),
    ),
    containers,
    'audio was not touched',
  )
  const rotated = await told(deps.db).where('type', '=', 'keys.rotated').select('data').execute()
  t.strictSame(rotated, [{ data: { purpose: 'service', from, to: [to], keys: 3, by: 'tester' } }])
  t.notOk((await readFile(files.identity, 'utf8')).includes(old[0]!.keyId))
})

t.test('keys that a running service seals for the old identity are resealed after its restart', async t => {
  const home = await startRotationSetup(t)
  const { rotate, record, started, recipientsNow, identitiesNow } = home
  const before = await recipientsNow()
  const old = await identitiesNow()
  await started('hall-1', before)
  const earlier = await record()
  const first = await rotate('service')
  t.match(first, { resealed: 1, finished: false, waiting: exactly({ node: 'hall-1' }) })
  t.equal((await identitiesNow()).length, 3, 'the old identity stays at hand')

  const meanwhile = await record(before as Identity[])
  t.strictSame(await openingResults(home, [meanwhile], await identitiesNow(), 'service'), ['opened'])
  t.match(await rotate('service'), { resealed: 1, unchanged: 1, finished: false }, 'not restarted yet')

  await started('hall-1', await recipientsNow())
  const late = await record()
  const last = await rotate('service')
  t.match(last, { resealed: 0, unchanged: 3, finished: true, waiting: none, to: first.to })
  const calls = [earlier, meanwhile, late]
  t.strictSame(await openingResults(home, calls, await identitiesNow(), 'service'), [
    'opened',
    'opened',
    'opened',
  ])
  t.strictSame(await openingResults(home, calls, old, 'service'), [
    'key.missing',
    'key.missing',
    'key.missing',
  ])
  t.match(
    await rotate('service'),
    { from: exactly(first.to), resealed: 3 },
    'the next call begins another rotation',
  )
})

t.test('a service is not waited for because of another purpose whose key has the same id', async t => {
  const { deps, files, rotate, started, record, recipientsNow } = await startRotationSetup(t)
  for (const file of [files.recipients, files.identity]) {
    const entries = JSON.parse(await readFile(file, 'utf8')) as object[]
    await writeFile(file, JSON.stringify(entries.map(entry => ({ ...entry, keyId: 'main' }))))
  }
  const startNow = async () => started('hall-1', await recipientsNow())
  await startNow()
  await record()
  t.match(await rotate('service'), { finished: false, waiting: exactly({ node: 'hall-1' }) })
  await startNow()
  const added = { node: 'hall-1', keys: ['main'], by: 'anna', way: 'command' as const }
  await deps.journal.append([event('recipients.added', null, Date.now(), added)], 60_000)
  t.match(await rotate('service'), { finished: false, waiting: exactly({ node: 'hall-1' }) }, 'added since')
  await startNow()
  t.match(await rotate('service'), { finished: true, waiting: none })
})

t.test('if a key does not open, the old identity stays and the key is named', async t => {
  const { deps, rotate, record, identitiesNow } = await startRotationSetup(t)
  await record()
  const { recordings } = await record()
  const [part] = await deps.db
    .selectFrom('part')
    .where('recording_id', '=', recordings['service']!)
    .select('id')
    .execute()
  const ref = await deps.keyStore.find(part!.id)
  for (const path of deps.keyStore.locate(ref!)) await writeFile(path, 'damaged')
  const result = await rotate('service')
  t.match(result, { resealed: 1, finished: false, failed: exactly({ part: part!.id, code: 'key.refused' }) })
  t.equal((await identitiesNow()).length, 3)
  t.equal(result.failed.length, 1)
})

t.test('a mirror with an old key file is named, and the other mirror opens', async t => {
  const home = await startRotationSetup(t)
  const { deps, rotate, record, identitiesNow } = home
  const call = await record()
  const [part] = await deps.db
    .selectFrom('part')
    .where('recording_id', '=', call.recordings['service']!)
    .select('id')
    .execute()
  const paths = deps.keyStore.locate((await deps.keyStore.find(part!.id))!)
  const former = await readFile(paths[1]!)
  await rotate('service')
  await writeFile(paths[1]!, former)
  const again = await rotate('service')
  t.strictSame([again.failed.length, again.resealed], [1, 0], 'its identity is gone')
  t.strictSame(
    await openingResults(home, [call], await identitiesNow(), 'service'),
    ['opened'],
    'the first mirror opens',
  )
})

t.test(
  'the verb rotates every purpose, prints what is left to do, and continues when called again',
  async t => {
    const home = await startRotationSetup(t)
    const { started, record, files, recipientsNow, identitiesNow } = home
    await started('hall-1', await recipientsNow())
    const call = await record()
    const env = {
      DATABASE_URL: home.logSetup.url(),
      CONSENTRY_STORE: `file:${home.store}`,
      CONSENTRY_KEYSTORE: home.keys.map(path => `file:${path}`).join(','),
      CONSENTRY_RECIPIENTS: files.recipients,
      CONSENTRY_IDENTITY: files.identity,
    }
    const run = async (exits: number, ...args: string[]) => {
      const { code, out, err } = await consentry(env, 'keygen', '--rotate', '--by', 'tester', ...args)
      t.equal(code, exits, err)
      return out
    }
    const first = JSON.parse(await run(1, '--json'))
    t.match(first, {
      identity: files.identity,
      rotations: exactly(
        { purpose: 'service', resealed: 1, finished: false, waiting: exactly({ node: 'hall-1' }) },
        { purpose: 'marketing', resealed: 1, finished: false },
      ),
    })
    const told = await run(1, 'service')
    t.match(told, /Not finished.*\n.*Keep a copy of .*identity\.json/)
    t.match(told, /restart the service there; still with an old key: hall-1/)

    await started('hall-1', await recipientsNow())
    const part = home.deps.db.selectFrom('part').where('recording_id', '=', call.recordings['marketing']!)
    const { id } = await part.select('id').executeTakeFirstOrThrow()
    const key = home.deps.keyStore.locate((await home.deps.keyStore.find(id))!)[1]!
    const whole = await readFile(key)
    await writeFile(key, 'damaged')
    const cut = await run(1)
    t.match(cut, new RegExp(`not resealed: ${id}: .*damaged`))
    t.match(cut, /Not finished\. The keys named above .*\n.*run this again for marketing alone\.\n$/)
    await writeFile(key, whole)

    t.match(await run(0, 'marketing'), /Finished\..*The old identities are gone/)
    const identities = await identitiesNow()
    t.strictSame(
      identities.map(({ keyId }) => keyId),
      first.rotations.map(({ to }: { to: string }) => to),
      'what was finished is not begun again',
    )
    for (const purpose of ['service', 'marketing'])
      t.strictSame(await openingResults(home, [call], identities, purpose), ['opened'])
  },
)
