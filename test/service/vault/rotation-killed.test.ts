// Real: the disk, two mirrors, cryptography, a process that is killed. Fake: none.
// There is no database, because a rotation of files needs none.
// Alone: it takes long, and the files after it would wait.
// Long: three times as many kills.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { newPartId, type PartId } from '../../../src/core/ids.js'
import { unwrapKey, wrapKey } from '../../../src/vault/crypto/key-file.js'
import { generateIdentity, parseIdentities, parseRecipients } from '../../../src/vault/crypto/keygen.js'
import type { Identity } from '../../../src/vault/crypto/types.js'
import { openKeyStore } from '../../../src/vault/keys/key-store.js'
import { MARK_FILE } from '../../../src/vault/volume.js'
import { isLong } from '../../support/fuzz/seeded.js'
import { scratch } from '../../support/processes/database.js'

const KEYS = 60
const KILLS = isLong ? 40 : 12
const child = fileURLToPath(new URL('../../support/processes/rotation-child.js', import.meta.url))

const dir = await scratch(t)
const mirrors = [join(dir, 'keys'), join(dir, 'mirror')]
const keys = mirrors.map(path => `file:${path}`).join(',')
const first = generateIdentity('service')
await writeFile(join(dir, 'recipients.json'), JSON.stringify([first.recipient]))
await writeFile(join(dir, 'identity.json'), JSON.stringify([first.identity]), { mode: 0o600 })

const keyStore = await openKeyStore(keys)
const dataKeys = new Map<PartId, Buffer>()
for (let i = 0; i < KEYS; i++) {
  const part = newPartId()
  dataKeys.set(part, randomBytes(32))
  const ref = { purpose: 'service', due: `2026-02-${10 + (i % 5)}`, part }
  await keyStore.put(
    ref,
    wrapKey(dataKeys.get(part)!, part, parseRecipients(JSON.stringify([first.recipient]))),
  )
}

const identitiesNow = async () => parseIdentities(await readFile(join(dir, 'identity.json'), 'utf8'))
const recipientsNow = async () => parseRecipients(await readFile(join(dir, 'recipients.json'), 'utf8'))

/** Returns how many key files on both mirrors these identities open to the right data key. */
async function opened(identities: Identity[]): Promise<number> {
  let count = 0
  for await (const ref of keyStore.list()) {
    for (const path of keyStore.locate(ref)) {
      try {
        if (unwrapKey(await readFile(path), ref, identities).equals(dataKeys.get(ref.part)!)) count++
      } catch {
        // The key file does not open and is not counted.
      }
    }
  }
  return count
}

/** Runs a rotation and kills it after some time. @returns how long it ran from the start of its work, ms */
async function rotate(killAfter?: number): Promise<{ ms: number; killed: boolean }> {
  const process = spawn('node', [child, dir, keys], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(process, 'exit')
  await once(process.stdout, 'data')
  const since = performance.now()
  if (killAfter !== undefined) {
    await Promise.race([pause(killAfter), ended])
    process.kill('SIGKILL')
  }
  const [code, signal] = await ended
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the rotation failed: ${code} ${signal}`)
  return { ms: performance.now() - since, killed: signal === 'SIGKILL' }
}

const seen = new Map<string, Identity>()
const note = async () => {
  for (const identity of await identitiesNow()) seen.set(identity.keyId, identity)
}

t.test('a rotation that is killed at any moment loses no key, and the next run completes it', async t => {
  await note()
  const whole = (await rotate()).ms
  await note()
  let killed = 0
  for (let i = 0; killed < KILLS; i++) {
    if ((await rotate(Math.random() * whole)).killed) killed++
    await note()
    const identities = await identitiesNow()
    const recipients = await recipientsNow()
    const held = recipients.filter(({ keyId }) => identities.some(identity => identity.keyId === keyId))
    if (held.length !== 1) t.fail('a recipient without its identity')
    if (i % 10 === 0) t.equal(await opened(identities), 2 * KEYS, `every key opens after run ${i + 1}`)
  }
  t.equal(await opened(await identitiesNow()), 2 * KEYS)
  // The first run may only complete the interrupted rotation. The second is a new one.
  await rotate()
  await rotate()
  await note()
  const [current, ...more] = await identitiesNow()
  t.strictSame(more, [], 'the old identities are gone')
  t.equal(await opened([current!]), 2 * KEYS, 'the new one opens every key, on both mirrors')
  const old = [...seen.values()].filter(({ keyId }) => keyId !== current!.keyId)
  t.ok(old.length > 2, `${old.length} old ones`)
  t.equal(await opened(old), 0, 'none of the old ones opens any')
  for (const mirror of mirrors) {
    const entries = await readdir(mirror, { recursive: true, withFileTypes: true })
    const names = entries.filter(entry => entry.isFile() && entry.name !== MARK_FILE).map(({ name }) => name)
    t.strictSame(names.sort(), [...dataKeys.keys()].sort(), 'nothing is left beside the keys')
  }
  t.strictSame((await readdir(dir)).sort(), ['identity.json', 'keys', 'mirror', 'recipients.json'])
})
