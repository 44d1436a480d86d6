import { fillTemplate, type Message } from '../../../../core/message.js'
import { fieldLabel } from '../../../../lines/fields/fields.js'
import { type Catalogue, type MessageWords, type Translation, translate } from '../translate.js'
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

/** The label of a field with a fault. Undefined: no page has the field. */
export const faultLabel = (path: string): string | undefined => fieldLabel(path, 'en') ?? OTHERS[path]

/** Adds advice to a contradiction between a prompt and its line. */
const withAdvice = (template: string): [string, Translation] => [
  template,
  (...values) =>
    `${sentence(fillTemplate(template, values))} Choose another prompt, or have new words spoken.`,
]

/** Messages that pages word otherwise than programs and commands. */
const CATALOGUE: Catalogue = {
  ...Object.fromEntries(
    [
      'the prompt "{}" says key {} for {}, but this line takes {}',
      'the prompt "{}" says {} to withdraw, but this line takes {}',
      'the prompt "{}" says key {} for this language, but this line takes {}',
      'the prompt "{}" says {} days, but this line keeps recordings for {}',
      'the prompt "{}" says that {}, but on this line {}',
      'the prompt "{}" confirms {}, but this line has it after {}',
      'the prompt "{}" {}, but this line {}',
      'the prompt "{}" names another company, but this line has "{}"',
    ].map(withAdvice),
  ),
  // The label of the reason stands beside the fault.
  'more than {} days need a reason in longerBecause': 'More than {1} days need a reason.',
  "The line's policy is not valid: {}": "The line's policy is not valid.\n{1}",
  'The group is not valid: {}': 'The group is not valid.\n{1}',
  '  {}': '{1}',
  '  {}: {}': ofField,
  '{} {}': ofField,
  '  line {}: {}': 'Line {1}: {2}',
  'line {}, {}: {}': (line, label, fault) => `Line ${line}: ${ofField(label, fault)}`,
}

/** A fault with the label of its field. No label: the fault is one of the whole line. */
function ofField(label = '', fault = ''): string {
  return label ? `${label}: ${fault}` : fault
}

const words: MessageWords = {
  catalogue: CATALOGUE,
  untranslated: sentence,
  unsuitable: sentence,
  seconds: ms => `${ms / 1_000} s`,
  label: faultLabel,
  ofPurpose: (label, which) => `${label} (purpose ${typeof which === 'number' ? which : `“${which}”`})`,
  malformed: 'The form is not as the page sends it: reload the page.',
}

/** A message of a refusal or a warning, with the labels of fields in place of their names. */
export const inWords = (message: Message): string => translate(message, words)

/** A fault of a field, as a sentence. */
export const fault = inWords
