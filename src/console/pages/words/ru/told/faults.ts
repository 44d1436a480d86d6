import { fieldLabel } from '../../../../../lines/fields/fields.js'
import type { FaultWords } from '../../told-faults.js'
import { fault } from '../faults.js'

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

/** Patterns of faults of fields in Russian. */
export const faultWords: FaultWords = {
  label: path => fieldLabel(path, 'ru') ?? OTHERS[path],
  ofPurpose: (label, which) => `${label} (цель ${which.replace('“', '«').replace('”', '»')})`,
  ofLine: number => `Линия ${number}`,
  // Faults without a translation come from the framework, in English.
  fault: message => {
    const told = fault(message)
    return /[а-я]/i.test(told) ? told : 'Такого значения здесь быть не может.'
  },
  malformed: 'Форма не такая, какой её отправляет страница. Откройте страницу заново.',
}
