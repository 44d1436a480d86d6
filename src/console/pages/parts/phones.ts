import type { Phone } from '../../../lines/ring-draft.js'

/** Phones that may be rung, and the one that was just rung, as the PBX names it. */
export interface Phones {
  phones: readonly Phone[]
  rung: string | undefined
}

const callOf = ({ endpoint, name }: Phone): string =>
  name === undefined ? endpoint : `${name} (${endpoint})`

/** The phones as choices of a list. */
export const phoneOptions = ({ phones }: Phones): Record<string, string> =>
  Object.fromEntries(phones.map(phone => [phone.endpoint, callOf(phone)]))

/** The name of the phone that was just rung, if any. */
export const rungPhone = ({ phones, rung }: Phones): string | undefined =>
  phones.filter(({ endpoint }) => endpoint === rung).map(callOf)[0]
