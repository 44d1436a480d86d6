import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { codeOf } from '../../../src/core/errors.js'
import { event } from '../../../src/core/events.js'
import { rotateKeys } from '../../../src/recordings/keys/rotate-keys.js'
import { withParts } from '../../../src/recordings/open/find-parts.js'
import { decodeLegs } from '../../../src/recordings/open/open-recording.js'
import { generateIdentity, parseIdentities, parseRecipients } from '../../../src/vault/crypto/keygen.js'
import type { Identity } from '../../../src/vault/crypto/types.js'
import { person } from '../data/actors.js'
import { type ArchiveSetup, type SealedCall, sealCall, startArchiveSetup } from './archive-setup.js'

/** Starts an archive whose key pairs are in files, with functions that record and rotate. */
export async function startRotationSetup(t: Test) {
  const home = await startArchiveSetup(t)
  const pairs = ['service', 'marketing'].map(generateIdentity)
  const dir = home.logSetup.dir
  const files = { recipients: join(dir, 'recipients.json'), identity: join(dir, 'identity.json') }
  await writeFile(files.recipients, JSON.stringify(pairs.map(({ recipient }) => recipient)))
  await writeFile(files.identity, JSON.stringify(pairs.map(({ identity }) => identity)), { mode: 0o600 })
  const recipientsNow = async () => parseRecipients(await readFile(files.recipients, 'utf8'))
  const identitiesNow = async () => parseIdentities(await readFile(files.identity, 'utf8'))
  const record = async (
    given: Identity[] | 'new' = 'new',
    answers = { service: 'granted', marketing: 'granted' } as const,
  ) =>
    sealCall({ ...home, recipients: given === 'new' ? await recipientsNow() : given }, '+79001234567', {
      answers,
    })
  const started = async (node: string, sealsFor: readonly { keyId: string; purpose: string }[]) => {
    const [keys, purposes] = [sealsFor.map(({ keyId }) => keyId), sealsFor.map(({ purpose }) => purpose)]
    const data = { version: '1', node, keys, purposes }
    return home.deps.journal.append([event('service.started', null, Date.now(), data)], 60_000)
  }
  const rotate = (purpose: string, dropOld = false) =>
    rotateKeys(home.deps, person('tester'), purpose, { files, dropOld })
  return { ...home, files, record, started, rotate, recipientsNow, identitiesNow }
}

/** @returns what opening each recording of these calls with these identities gives: `opened`, `empty` or the error's code */
export async function openingResults(
  { deps }: Pick<ArchiveSetup, 'deps'>,
  calls: SealedCall[],
  identities: Identity[],
  purpose: string,
) {
  const results: unknown[] = []
  for (const { recordings } of calls) {
    const open = withParts(deps, recordings[purpose]!, parts => decodeLegs(parts, identities))
    results.push(await open.then(({ seconds }) => (seconds > 0 ? 'opened' : 'empty'), codeOf))
  }
  return results
}
