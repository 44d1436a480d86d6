import type { Phone } from '../../../lines/ring-draft.js'

/** Phones that may be rung, and the one that was just rung, as the PBX names it. */
export interface Phones {
  phones: readonly Phone[]
  rung: string | undefined
}

/** The name of a phone for people. The PBX's name is added where several phones have the same name. */
function nameOf({ endpoint, name }: Phone, phones: readonly Phone[]): string {
  if (name === undefined) return endpoint
  return phones.filter(one => one.name === name).length > 1 ? `${name} (${endpoint})` : name
}

/** The phones as choices of a list. */
export const phoneOptions = ({ phones }: Phones): Record<string, string> =>
  Object.fromEntries(phones.map(phone => [phone.endpoint, nameOf(phone, phones)]))

/** The name of the phone that was just rung, if any. */
export const rungPhone = ({ phones, rung }: Phones): string | undefined =>
  phones.filter(({ endpoint }) => endpoint === rung).map(phone => nameOf(phone, phones))[0]
