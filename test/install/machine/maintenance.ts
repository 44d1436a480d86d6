import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { pollUntil } from '../../../lab/process/start-process.js'
import { outcomeOf, ring } from './calls.js'
import { note, secondsOf } from './figures.js'
import type { Machine } from './machine.js'
import { maintain } from './pages.js'
import { prepareAsterisk, waitForAsterisk, waitForService } from './pbx.js'

/** The identity of production. */
const IDENTITY = '/media/safe/identity.json'
/** Longest time until the first audio of a call is stored, ms. */
const AUDIO_MS = 30_000
/** The disks that go from one machine to another. */
const DISKS = ['backup', 'mirror', 'safe']

/** What the page of maintenance says for a machine that runs. */
export function maintainMachine(machine: Machine): void {
  t.test('what to watch: nothing is wrong', async t => {
    t.match(await machine.sh(maintain.take('What to watch')), /"ready":true[\s\S]*no alarm stands/)
    await machine.sh(maintain.take('What to watch'))
    await machine.sh(maintain.take('What to watch'))
    t.match(
      await machine.sh(maintain.take('What to watch')),
      /✔ .* service: \d.*verified[\s\S]*Nothing is wrong/,
    )
  })

  t.test('a second disk for the keys', async t => {
    await machine.sh(maintain.take('A second disk for the keys'))
    await machine.sh(maintain.take('A second disk for the keys'))
    await machine.sh(maintain.take('A second disk for the keys'))
    const [one, two] = await Promise.all(
      ['/var/lib/consentry-keys', '/media/mirror'].map(folder => machine.sh(`cd ${folder} && find . | sort`)),
    )
    t.equal(two, one, 'both have the same keys')
  })

  t.test('a store is moved in the middle of a call, which loses nothing', async t => {
    await machine.sh('mkdir -p /media/safe')
    const containers = () => machine.sh('find /var/lib/consentry/store -name "*.ctry" | wc -l')
    const before = await containers()
    const caller = await ring(1, 40_000)
    t.ok(await pollUntil(async () => (await containers()) !== before, AUDIO_MS), 'its first audio is stored')
    await machine.sh(maintain.take('Move a store'))
    await machine.sh(maintain.take('Move a store'))
    await machine.sh(maintain.take('Move a store'))
    await caller.waitUntilDone()
    const identity = '/media/keys/identity.json'
    t.match(await outcomeOf(t, machine, { calls: 1, identity }), { parts: 2, lostSamples: 0, gaps: 0 })
    await machine.sh(maintain.take('Move a store'))
    t.match(await machine.sh('consentry verify'), /All holds/)
  })

  t.test('from trial to production: a new identity opens what is recorded from then on', async t => {
    await machine.sh(maintain.take('From trial to production'))
    await machine.sh(maintain.take('From trial to production'))
    await callOnce(machine)
    t.match(await outcomeOf(t, machine, { calls: 1, identity: IDENTITY }), { lostSamples: 0, gaps: 0 })
    await machine.sh(maintain.take('From trial to production'))
    t.match(await machine.sh('consentry verify'), /All holds/)
  })

  t.test('a backup is taken while the service runs', async () => {
    const seconds = await secondsOf(() => machine.sh(maintain.take('Backup')))
    note(`backup: ${seconds.toFixed(1)} s`)
  })
}

/** Restores on an empty machine what was backed up on another one, which is off. */
export function restoreMachine(from: Machine, machine: Machine): void {
  t.test(
    'the backup is restored on an empty machine: everything verifies, the next call is recorded',
    async t => {
      await machine.on()
      await prepareAsterisk(machine)
      const dialplan = await from.read('etc/asterisk/extensions.conf')
      const asked = dialplan.replace(/^#include.*\n/gm, '')
      await machine.write('etc/asterisk/extensions.conf', asked)
      for (const disk of DISKS)
        await promisify(execFile)('cp', ['-a', join(from.root, 'media', disk), join(machine.root, 'media')])
      const seconds = await secondsOf(async () => {
        await machine.sh(maintain.take('Restore'))
        await machine.sh(maintain.take('Restore'))
        await machine.sh(maintain.take('Restore'))
        await machine.sh(maintain.take('Restore'))
        await machine.sh(maintain.take('Restore'))
        await waitForAsterisk(machine)
        t.match(await machine.sh(maintain.take('Restore')), /All holds/)
      })
      note(`restore on an empty machine: ${seconds.toFixed(0)} s until everything verifies`)
      await callOnce(machine)
      t.match(await outcomeOf(t, machine, { calls: 1, identity: IDENTITY }), { lostSamples: 0, gaps: 0 })
      t.match(await machine.sh('consentry verify'), /All holds/)
      await machine.sh('consentry check')
    },
  )
}

/** A standby of the database is promoted in the middle of a call, by the page. The machine has the two servers itself. */
export function promoteStandby(machine: Machine): void {
  t.test('a database is lost in the middle of a call, and its standby promoted: nothing is lost', async t => {
    await machine.sh(maintain.take('A second PostgreSQL'))
    const wait = maintain.take('A second PostgreSQL')
    await machine.sh(wait)
    t.match(await machine.sh(maintain.take('A second PostgreSQL')), /Nothing is wrong/)
    await machine.sh('systemctl stop postgresql@17-standby')
    await machine.sh(maintain.take('A second PostgreSQL'))
    await callOnce(machine)
    t.match(await outcomeOf(t, machine, { calls: 1, identity: IDENTITY }), { lostSamples: 0, gaps: 0 })
    await machine.sh('systemctl start postgresql@17-standby')
    await machine.sh(wait)
    await machine.sh(`until runuser -u postgres -- psql -Atc 'select sync_state from pg_stat_replication' | grep -qx sync; do
  sleep 0.2
done`)

    const containers = () => machine.sh('find /srv/recordings -name "*.ctry" | wc -l')
    const before = await containers()
    const caller = await ring(1, 40_000)
    t.ok(await pollUntil(async () => (await containers()) !== before, AUDIO_MS), 'its first audio is stored')
    const seconds = await secondsOf(async () => {
      await machine.sh('pg_ctlcluster --skip-systemctl-redirect 17 main stop -m immediate')
      await machine.sh(maintain.take('A second PostgreSQL'))
      await waitForService(machine)
    })
    note(`from the loss of the database to a service that is ready again: ${seconds.toFixed(1)} s`)
    await caller.waitUntilDone()
    t.match(await outcomeOf(t, machine, { calls: 1, identity: IDENTITY }), { lostSamples: 0, gaps: 0 })
    await callOnce(machine)
    t.match(await outcomeOf(t, machine, { calls: 1, identity: IDENTITY }), { lostSamples: 0, gaps: 0 })
    t.match(await machine.sh(maintain.take('A second PostgreSQL')), /All holds/)
    const audit = await machine.sh('consentry audit --json || true')
    const { faults } = JSON.parse(audit) as { faults: { kind: string }[] }
    // The keys of the trial are those of an identity that was destroyed on the way to production.
    const others = faults.filter(({ kind }) => kind !== 'key-outdated')
    t.strictSame(others, [], 'the audit finds nothing that has to do with the database')
  })
}

async function callOnce(machine: Machine): Promise<void> {
  await waitForService(machine)
  const caller = await ring(1, 5_000)
  await caller.waitUntilDone()
}
