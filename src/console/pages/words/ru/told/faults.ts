import type { FaultWords } from '../../told-faults.js'
import { fault } from '../faults.js'
import { fieldLabel } from '../fields.js'

/** Fields of forms that are none of a line, and those of which a line's fields are parts. */
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

/** How faults of fields are told in Russian. */
export const faultWords: FaultWords = {
  label: path => fieldLabel(path) ?? OTHERS[path],
  ofPurpose: (label, which) => `${label} (цель ${which.replace('“', '«').replace('”', '»')})`,
  ofLine: number => `Линия ${number}`,
  // What has no words here is told by the framework in English.
  fault: message => {
    const told = fault(message)
    return /[а-я]/i.test(told) ? told : 'Такого значения здесь быть не может.'
  },
  malformed: 'Форма не такая, какой её отправляет страница. Откройте страницу заново.',
}
