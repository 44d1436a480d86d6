import type { Role } from '../../../../core/actor.js'
import type { Answer } from '../../../../core/events.js'
import { countedRu } from '../../../../lib/plural.js'
import { bytesIn } from '../bytes.js'

/** A length with a tenth of a second. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1).replace('.', ',')} с`

/** Labels of the purposes that the program names by itself. Other purposes are shown as they were typed. */
const PURPOSES: Readonly<Record<string, string>> = {
  service: 'контроль качества',
  marketing: 'маркетинг',
  consent: 'сказанное «да»',
}

export const common = {
  seconds,
  busy: 'Консоль работает…',
  failed: 'Консоль не смогла этого сделать. Набранное осталось на странице: попробуйте через минуту.',
  lost: 'Консоль не отвечает. Набранное осталось на странице: попробуйте ещё раз.',
  skip: 'К содержанию',
  leave: 'Отмена',
  copy: 'Скопировать',
  copied: 'Скопировано',
  nav: {
    label: 'Разделы',
    now: 'Сейчас',
    lines: 'Линии',
    prompts: 'Фразы',
    people: 'Люди',
    system: 'Система',
    me: 'Профиль',
  },
  roles: {
    administrator: 'администратор',
    supervisor: 'супервизор',
    auditor: 'аудитор',
    'privacy-officer': 'ответственный за персональные данные',
    operator: 'оператор системы',
  } satisfies Record<Role, string>,
  answers: {
    granted: 'да',
    refused: 'нет',
    silent: 'молчание',
    abandoned: 'отбой',
    failed: 'сбой',
    notice: 'остался на линии',
  } satisfies Record<Answer, string>,
  purpose: (name: string): string => PURPOSES[name] ?? name,
  days: (count: number): string => countedRu(count, 'день', 'дня', 'дней'),
  times: (count: number): string => countedRu(count, 'раз', 'раза', 'раз'),
  seconds0: (ms: number): string => `${Math.round(ms / 100) / 10} с`.replace('.', ','),
  number: (count: number): string => count.toLocaleString('ru'),
  bytes: (count: number): string => bytesIn(count, 'ru'),
  percent: (share: number): string =>
    share.toLocaleString('ru', { style: 'percent', maximumFractionDigits: 1 }),
}
