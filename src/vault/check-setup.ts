import { AppError } from '../core/errors.js'
import { type Message, text } from '../core/message.js'
import { type LinePolicy, recordedPurposes } from '../core/policy.js'
import type { Recipient } from './crypto/types.js'
import type { KeyStore } from './keys/key-store.js'
import type { AppendStore } from './store/store.js'

type Lines = readonly Pick<LinePolicy, 'number' | 'mode' | 'purposes' | 'voice'>[]

/**
 * Checks that store and key store have a volume for each purpose that a line records.
 *
 * @returns a warning for each purpose without a recipient, because nothing is recorded for it
 * @throws AppError `config.invalid` with the lines and purposes that have no volume
 */
export function checkPurposes(
  lines: Lines,
  {
    store,
    keyStore,
    recipients,
  }: { store: AppendStore; keyStore: KeyStore; recipients: readonly Recipient[] },
): Message[] {
  const purposes = [...new Set(lines.flatMap(recordedPurposes))]
  const linesOf = (purpose: string) =>
    lines.filter(line => recordedPurposes(line).includes(purpose)).map(({ number }) => number)
  const settings = { CONSENTRY_STORE: store, CONSENTRY_KEYSTORE: keyStore }
  const unplaced = purposes.flatMap(purpose =>
    Object.entries(settings)
      .filter(([, place]) => !place.accepts(purpose))
      .map(([setting]) => text`purpose "${purpose}" (line ${linesOf(purpose).join(', ')}) in ${setting}`),
  )
  if (unplaced.length > 0)
    throw new AppError(
      'config.invalid',
      text`There is no place for ${{ list: unplaced, between: '; ' }}. Add a folder for it to that setting.`,
    )
  return purposes
    .filter(purpose => !recipients.some(recipient => recipient.purpose === purpose))
    .map(
      purpose =>
        text`nothing is recorded for purpose "${purpose}" (line ${linesOf(purpose).join(', ')}): make a key for it on the console's page /setup/key, or add a recipient for this purpose to CONSENTRY_RECIPIENTS`,
    )
}

/** @returns a warning for each thing that is not set up yet and without which no call is recorded, with what to do */
export function missingSetup(recipients: readonly unknown[], lines: readonly unknown[]): string[] {
  const warnings: string[] = []
  if (recipients.length === 0)
    warnings.push(
      "there are no keys, so nothing can be recorded: make one on the console's page /setup/key, or with consentry keygen, and name recipients.json in CONSENTRY_RECIPIENTS",
    )
  if (lines.length === 0)
    warnings.push('there are no lines, so no call is asked or recorded: give one with consentry line set')
  return warnings
}
