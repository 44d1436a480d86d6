import type { TryCaller } from '../../../operations/lines/try-line.js'
import type { Role } from '../../../shared/actor.js'
import type { Answer } from '../../../shared/events.js'
import { countedRu } from '../../../shared/plural.js'
import type { NextStep } from '../../../shared/policy.js'

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1).replace('.', ',')} с`

/** All words of the pages in one language. */
export type Words = typeof ru

/** Words of the pages in Russian. `en.ts` has the same ones in English. */
export const ru = {
  skip: 'К содержанию',
  nav: {
    label: 'Разделы',
    now: 'Сейчас',
    lines: 'Линии',
    system: 'Система',
    me: 'Я',
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
    abandoned: 'трубка',
    failed: 'сбой',
    notice: 'уведомлён',
  } satisfies Record<Answer, string>,
  seconds,
  days: (count: number): string => countedRu(count, 'день', 'дня', 'дней'),
  times: (count: number): string => countedRu(count, 'раз', 'раза', 'раз'),
  seconds0: (ms: number): string => `${Math.round(ms / 100) / 10} с`.replace('.', ','),
  problem: {
    title: 'Не получилось',
    back: 'На главную',
    titles: {
      400: 'Запрос составлен неверно',
      403: 'Ваша роль этого не позволяет',
      404: 'Здесь ничего нет',
      422: 'Так сделать нельзя',
      429: 'Слишком много запросов',
      500: 'Сбой консоли',
      503: 'База данных не отвечает',
    } as Record<number, string>,
    advice: {
      400: 'Вернитесь и попробуйте ещё раз.',
      403: 'Нужную роль даёт администратор в разделе «Люди».',
      404: 'Проверьте адрес или начните с главной.',
      422: 'Исправьте указанное и попробуйте ещё раз.',
      429: 'Подождите минуту и попробуйте ещё раз.',
      500: 'В журнале консоли есть запись об этом. Звонки идут без неё.',
      503: 'Звонки идут без консоли. Если вы что-то меняли, проверьте, изменилось ли оно, прежде чем повторять.',
    } as Record<number, string>,
    details: 'Подробности',
  },
  lines: {
    title: 'Линии',
    lead: 'Что слышит звонящий на каждом номере. Щёлкните по номеру, чтобы посмотреть разговор целиком.',
    number: 'Номер',
    asks: 'Как спрашивает',
    purposes: 'Для чего запись',
    version: 'Версия',
    none: 'Линий пока нет. Линия — это номер, на котором спрашивают согласие.',
    modes: {
      key: 'спрашивает, отвечают клавишей',
      notice: 'только предупреждает',
      none: 'не записывает',
    },
    languages: { ru: 'по-русски', en: 'по-английски' },
    kept: (days: number): string => `хранится ${countedRu(days, 'день', 'дня', 'дней')}`,
  },
  line: {
    title: (number: string): string => `Линия ${number}`,
    state: (version: number): string => `В силе версия ${version}.`,
    versions: (count: number): string => countedRu(count, 'версия', 'версии', 'версий'),
    told: 'Звонящий слышит',
    toldWhen: 'сразу после ответа на звонок',
    asked: 'Звонящего спрашивают',
    askedFor: (purpose: string): string => `цель: ${purpose}`,
    next: 'Дальше',
    during: 'Во время разговора',
    after: 'После разговора',
    length: (name: string, ms: number): string => `«${name}» · ${seconds(ms)}`,
    missing: (name: string): string => `Фразы «${name}» на этом языке нет.`,
    bargeIn: {
      true: ['Клавиша считается', 'в любой момент', 'и обрывает фразу.'],
      false: ['Клавиша считается', 'только после фразы', '.'],
    },
    keys: {
      yes: 'да,',
      no: 'нет; ждём клавишу',
      repeat: 'и повторяем вопрос',
      never: 'ни разу',
    },
    ways: {
      granted: 'Записываем',
      refused: 'Не записываем',
      silent: 'Считается отказом',
      failed: 'Звонок идёт дальше, без записи',
      notice: 'Остался на линии: записываем',
    },
    steps: {
      continue: 'дальше по диалплану',
      transfer: 'в другое место диалплана',
      hangup: 'звонок завершается',
    } satisfies Record<NextStep['do'], string>,
    withdraw: {
      destroy: 'звонящий отзывает согласие: записанное',
      destroyed: 'уничтожается',
      keep: 'звонящий отзывает согласие: записанное до этого',
      kept: 'хранится',
    },
    pause: 'оператор приостанавливает запись, не дольше чем на',
    keep: (purpose: string): string => `«${purpose}»: хранится`,
    because: 'Основание:',
    longer: 'Дольше, потому что:',
    try: 'Попробуйте',
    tryNote:
      'Отвечает та же программа, что и на настоящие звонки. Она работает в вашем браузере; ничего не записывается.',
    phone: {
      call: 'Позвонить',
      silence: 'Промолчать',
      hangUp: 'Положить трубку',
      breakOff: 'Сбой',
      again: 'Ещё раз',
      recorded: 'Разговор записывается. До оператора {time}.',
      unrecorded: 'Разговор не записывается. До оператора {time}.',
      gone: 'Звонящий положил трубку. Записи нет.',
      keys: 'Клавиши телефона',
    },
    noScript: 'Чтобы попробовать линию здесь, включите в браузере скрипты.',
    meets: 'Что встретит каждый',
    who: 'Кто',
    answer: 'Ответ',
    untilAgent: 'до оператора',
    callers: {
      'yes-at-once': 'Сразу соглашается',
      'yes-after-question': 'Дослушивает и соглашается',
      'no-at-once': 'Сразу отказывается',
      'no-after-question': 'Дослушивает и отказывается',
      silent: 'Молчит',
      'wrong-key': 'Нажимает не ту клавишу',
      'hangs-up': 'Кладёт трубку',
      'prompt-fails': 'Фраза обрывается',
      withdraws: 'Соглашается, потом отзывает',
    } satisfies Record<TryCaller, string>,
    slow: (ms: number): string =>
      `Кто молчит, ждёт ${seconds(ms)}. Сократите фразы, ожидание или число повторов: больше 25 с ждут неохотно.`,
    history: 'Версии',
    unknownBy: 'неизвестно кто',
    inForce: 'в силе',
    restore: 'Вернуть',
    changed: (field: string, before: string, after: string): string => `${field}: ${before} → ${after}`,
    nothing: 'нет',
  },
}
