import type { Test } from 'tap'
import type { Credentials } from '../../../lab/lab-admin.js'
import { codeAt } from '../../../src/accounts/second-factor.js'
import { peopleSetup, STEP_MS } from './people.js'

/** People as `peopleSetup` makes them, at a console with a name. */
export async function passkeySetup(t: Test, settings: { consoleOrigin?: string } = {}) {
  const { deps, ...rest } = await peopleSetup(t)
  const reached = { console: undefined, consoleTls: undefined, consoleOrigin: 'https://consentry.test' }
  return { ...rest, deps: { ...deps, config: { ...deps.config, ...reached, ...settings } } }
}

/** A code that has not counted yet. The clock goes on by a step. */
export function codeOfNow(
  { clock }: Pick<Awaited<ReturnType<typeof peopleSetup>>, 'clock'>,
  { totp }: Credentials,
): string {
  clock.advance(STEP_MS)
  return codeAt(totp, clock.now())
}
