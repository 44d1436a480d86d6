import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { tone } from '../../../lab/audio/signals.js'
import { agentSentence } from '../../../lab/pbx/agent-sounds.js'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'
import { openDatabase } from '../../../src/db/database.js'
import { verifyRecordings } from '../../../src/recordings/audit/verify-recordings.js'
import { withParts } from '../../../src/recordings/open/find-parts.js'
import { decodeLegs } from '../../../src/recordings/open/open-recording.js'
import { parseIdentities } from '../../../src/vault/crypto/keygen.js'
import { cryptoReady } from '../../../src/vault/crypto/ready.js'
import { openKeyStore } from '../../../src/vault/keys/key-store.js'
import { openStore } from '../../../src/vault/store/store.js'
import type { CallLab } from '../../support/lab/call-lab.js'
import { PlacedCall } from '../../support/lab/placed-call.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { secret } from './checkout.js'
import { page } from './page.js'
import { run } from './run.js'

/** What the tests of calls need of an installation in containers. */
export type Site = CallLab & { close(): Promise<void> }

/** How long the caller of the page talks, ms. */
const TALK_MS = 10_000
/** Stereo, 16 bits, 8 kHz. */
const WAV_BYTES_PER_MS = 32

/** Opens what the containers have stored, as somebody with the identity at the machine. */
export async function openSite(checkout: string): Promise<Site> {
  await cryptoReady
  const db = openDatabase(await secret('database-url'), CONNECTION_LIMIT_MS)
  const store = await openStore('file:/var/lib/consentry/store')
  const keyStore = await openKeyStore('file:/var/lib/consentry-keys')
  const identities = parseIdentities(await readFile(join(checkout, 'keys', 'identity.json'), 'utf8'))
  const { sounds } = await prepareTools(['sounds'])
  const parts = { db, store, keyStore, identities }
  const lab = {
    pbx: { sip: '127.0.0.1:5060' },
    service: { log: () => run(['podman', 'logs', 'consentry-consentry-1']) },
  } as unknown as CallLab['lab']
  return {
    ...parts,
    lab,
    sentence: await agentSentence(sounds),
    open: (id, keys = identities) => withParts(parts, id, found => decodeLegs(found, keys)),
    verify: () => verifyRecordings(parts),
    close: () => db.close(),
  }
}

/**
 * Sets the page's line, calls it with a yes, and lets the page verify what was recorded.
 *
 * @param type runs a block of the page
 * @returns how long the call took, s
 */
export async function callByThePage(
  t: Test,
  site: Site,
  type: (commands: string) => Promise<string>,
): Promise<number> {
  await type(page.take('Install'))
  const began = performance.now()
  const call = await PlacedCall.place(site, { number: '4951234567' })
  await call.caller.waitForAnswer()
  await call.waitForQuestion()
  await call.caller.press('1')
  await call.waitForAgent()
  await call.caller.say(tone([440], TALK_MS))
  const journal = await call.finish()
  t.match(journal, { decision: 'granted', recordings: [{ state: 'finished' }] })
  const seconds = (performance.now() - began) / 1_000
  t.match(await type(page.take('Install')), /recordings +│ 1 [\s\S]*All holds/)
  return seconds
}

/** Lets the page open the recording of its call. */
export async function openByThePage(
  t: Test,
  inCheckout: (commands: string) => Promise<string>,
): Promise<void> {
  const folder = (await inCheckout(`${page.take('Open a recording')}\npwd`)).trim().split('\n').at(-1)!
  const { size } = await stat(join(folder, 'opened', 'talk.wav'))
  t.ok(size > TALK_MS * WAV_BYTES_PER_MS, 'the page opens it, with both sides')
}
