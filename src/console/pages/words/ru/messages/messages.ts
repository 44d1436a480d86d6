import type { Message } from '../../../../../core/message.js'
import { fieldLabel } from '../../../../../lines/fields/fields.js'
import { type Catalogue, type MessageWords, translate } from '../../translate.js'
import { FAULTS, faultWords } from '../faults.js'
import { CONSOLE } from './console.js'
import { LINES } from './lines.js'
import { PEOPLE } from './people.js'
import { PROMPTS } from './prompts.js'
import { SETUP } from './setup.js'

/** Messages of refusals and warnings, and what puts faults together. A test compares these with the sources. */
export const MESSAGES: Catalogue = {
  ...CONSOLE,
  ...PEOPLE,
  ...LINES,
  ...PROMPTS,
  ...SETUP,
  '{}': '{1}',
  '  {}': '{1}',
  '  {}: {}': ofField,
  '{} {}': ofField,
  '  line {}: {}': 'Линия {1}: {2}',
  'line {}, {}: {}': (line, label, fault) => `Линия ${line}: ${ofField(label, fault)}`,
}

/** A fault with the label of its field. No label: the fault is one of the whole line. */
function ofField(label = '', fault = ''): string {
  return label ? `${label}: ${fault}` : fault
}

/** Labels of fields outside lines, and of fields that contain a line's fields. */
const OTHERS: Readonly<Record<string, string>> = {
  number: 'Номер',
  name: 'Имя',
  group: 'Группа',
  purposes: 'Цели',
  keys: 'Клавиши',
  endpoint: 'Телефон',
  publishAt: 'Время публикации',
  text: 'Текст',
  template: 'Слова',
  voice: 'Голос',
  what: 'Обучение',
  on: 'День',
  company: 'Компания',
  zone: 'Часовой пояс',
  theme: 'Тема',
  code: 'Код',
}

/** The label of a field with a fault. Undefined: no page has the field. */
export const faultLabel = (path: string): string | undefined => fieldLabel(path, 'ru') ?? OTHERS[path]

const words: MessageWords = {
  ...faultWords,
  catalogue: { ...FAULTS, ...MESSAGES },
  label: faultLabel,
  ofPurpose: (label, which) => `${label} (цель ${typeof which === 'number' ? which : `«${which}»`})`,
}

/** A message of a refusal or a warning in Russian. Without a translation, the original is shown. */
export const inWords = (message: Message): string => translate(message, words)
