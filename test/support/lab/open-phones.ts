import type { Test } from 'tap'
import { Phone } from '../../../lab/phone.js'

/** Opens a phone for each name, for a test. */
export async function openPhones<Name extends string>(
  t: Test,
  ...names: Name[]
): Promise<Record<Name, Phone>> {
  const phones = await Promise.all(names.map(async name => [name, await Phone.open()] as const))
  t.teardown(() => phones.forEach(([, phone]) => void phone.close()))
  return Object.fromEntries(phones) as Record<Name, Phone>
}
