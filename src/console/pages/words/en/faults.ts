import { fieldLabel } from '../../../../lines/fields/fields.js'
import { type FaultWords, toldFault, toldRequest } from '../told-faults.js'
import { sentence } from './common.js'

/** Labels of fields outside lines, and of fields that contain a line's fields. */
const OTHERS: Readonly<Record<string, string>> = {
  number: 'Number',
  name: 'Name',
  group: 'Group',
  purposes: 'Purposes',
  keys: 'Keys',
  endpoint: 'Phone',
  publishAt: 'Time of publication',
  text: 'Text',
  template: 'Words',
  voice: 'Voice',
  what: 'Training',
  on: 'Day',
  company: 'Company',
  zone: 'Time zone',
  theme: 'Theme',
  code: 'Code',
}

/** A fault of a field, as a sentence. It does not name the field of a reason, because that is beside it. */
export const fault = (message: string): string => {
  const told = sentence(message.replace(/ in longerBecause$/, ''))
  return /^the prompt ".*" .*, but (on )?this line /.test(message)
    ? `${told} Choose another prompt, or have new words spoken.`
    : told
}

/** The label of a field with a fault. Undefined: no page has the field. */
export const faultLabel = (path: string): string | undefined => fieldLabel(path, 'en') ?? OTHERS[path]

const words: FaultWords = {
  label: faultLabel,
  ofPurpose: (label, which) => `${label} (purpose ${which})`,
  ofLine: number => `Line ${number}`,
  fault,
  malformed: 'The form is not as the page sends it: reload the page.',
}

/** Refusals with a list of faults: the text before it, between two faults, and after it. */
const LISTS: readonly [RegExp, string | RegExp][] = [
  [/^(The (?:draft|line) is not valid\.|Lines of the group would not be valid\.)\n([\s\S]*)$/, '\n'],
  [/^(Lines in force do not agree with this\.)\n([\s\S]*)\n(Change the line first, .*)$/, '\n'],
  [/^(The line's policy is not valid|The group is not valid): ([\s\S]*)$/, '; '],
]

/** The message of a refusal, with the labels of fields in place of their names. */
export function told(message: string): string {
  if (/^(\/|the whole )/.test(message)) return toldRequest(message, words)
  for (const [form, between] of LISTS) {
    const [, before, list, after] = form.exec(message) ?? []
    if (before === undefined || list === undefined) continue
    const faults = list.split(between).map(one => toldFault(one, words))
    return [sentence(before), ...faults, ...(after ? [after] : [])].join('\n')
  }
  return sentence(message)
}
