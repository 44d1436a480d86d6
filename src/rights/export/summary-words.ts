import type { Answer, EventData } from '../../core/events.js'
import type { WrittenLanguage } from '../../core/policy.js'
import type { RequestKind } from '../deadlines.js'
import type { UnopenedRecording } from './open-recordings.js'

interface Words {
  title: string
  intro: string
  operator: string
  number: string
  made: string
  calls: string
  noCalls: string
  call: string
  line: string
  noLine: string
  started: string
  ended: string
  answers: string
  answer: Record<Answer, string>
  /** Label of a yes, before the moment of its withdrawal. */
  withdrawn: string
  recordings: string
  noRecordings: string
  purpose: string
  length: string
  seconds: string
  cut: string
  receipt: string
  noReceipt: string
  missing: string
  why: Record<UnopenedRecording['why'], string>
  listens: string
  noListens: string
  at: string
  by: string
  how: Record<EventData['recording.opened']['how'], string>
  reason: string
  requests: string
  noRequests: string
  received: string
  asked: string
  kind: Record<RequestKind, string>
  due: string
  closed: string
  check: string
}

/** The texts of the summary, in each language. */
export const WORDS: Record<WrittenLanguage, Words> = {
  ru: {
    title: 'Ваши персональные данные',
    intro:
      'Здесь собрано всё, что записано о звонках с вашего номера: когда вы звонили, что ответили на вопрос о записи разговора, сами записи и кто их слушал. Время всемирное (UTC).',
    operator: 'Оператор',
    number: 'Номер',
    made: 'Составлено',
    calls: 'Звонки',
    noCalls: 'Звонков нет.',
    call: 'Звонок',
    line: 'Линия',
    noLine: 'не определена',
    started: 'Начало',
    ended: 'Конец',
    answers: 'Ответы по целям',
    answer: {
      granted: 'согласие',
      refused: 'отказ',
      silent: 'нет ответа',
      abandoned: 'звонок прерван',
      failed: 'сбой, без записи',
      notice: 'уведомлён',
    },
    withdrawn: 'отозвано',
    recordings: 'Записи',
    noRecordings: 'Записей нет.',
    purpose: 'Цель',
    length: 'Длительность',
    seconds: 'с',
    cut: 'запись обрывается раньше конца разговора',
    receipt: 'Подтверждение',
    noReceipt: 'нет',
    missing: 'Не вошло в копию',
    why: {
      destroyed: 'уничтожено',
      'still-recorded': 'разговор ещё идёт',
      'no-identity': 'ключа для прослушивания здесь нет',
      'key-missing': 'ключ уничтожен, прослушать нельзя',
      'key-refused': 'имеющийся ключ не подходит',
      damaged: 'запись повреждена',
    },
    listens: 'Кто слушал записи',
    noListens: 'Записи никто не слушал.',
    at: 'Время',
    by: 'Кто',
    how: { open: 'прослушал файл', export: 'сделал копию', play: 'слушал' },
    reason: 'Зачем',
    requests: 'Ваши обращения',
    noRequests: 'Обращений не было.',
    received: 'Получено',
    asked: 'О чём',
    kind: { access: 'доступ', correction: 'исправление', blocking: 'блокирование', erasure: 'уничтожение' },
    due: 'Ответ не позднее',
    closed: 'Итог',
    check:
      'Подтверждения в папке receipts любой может проверить сам, без доступа к нашим системам: consentry verify ФАЙЛ --key КЛЮЧ.',
  },
  en: {
    title: 'Your personal data',
    intro:
      'This is everything that is kept of calls from your number: when you called, what you answered when asked about recording, the recordings themselves, and who listened to them. Times are universal (UTC).',
    operator: 'Controller',
    number: 'Number',
    made: 'Made',
    calls: 'Calls',
    noCalls: 'There are no calls.',
    call: 'Call',
    line: 'Line',
    noLine: 'not known',
    started: 'Began',
    ended: 'Ended',
    answers: 'Answers by purpose',
    answer: {
      granted: 'agreed',
      refused: 'refused',
      silent: 'no answer',
      abandoned: 'hung up',
      failed: 'failed, not recorded',
      notice: 'was told',
    },
    withdrawn: 'withdrawn',
    recordings: 'Recordings',
    noRecordings: 'There are no recordings.',
    purpose: 'Purpose',
    length: 'Length',
    seconds: 's',
    cut: 'it breaks off before the conversation did',
    receipt: 'Receipt',
    noReceipt: 'none',
    missing: 'Not in this copy',
    why: {
      destroyed: 'destroyed',
      'still-recorded': 'the conversation is still going on',
      'no-identity': 'the key to listen with is not here',
      'key-missing': 'its key is destroyed, it cannot be listened to',
      'key-refused': 'the key that is here does not fit',
      damaged: 'the recording is damaged',
    },
    listens: 'Who listened to the recordings',
    noListens: 'Nobody listened to the recordings.',
    at: 'When',
    by: 'Who',
    how: { open: 'opened the file', export: 'took a copy', play: 'listened' },
    reason: 'Why',
    requests: 'Your requests',
    noRequests: 'There were no requests.',
    received: 'Received',
    asked: 'For what',
    kind: { access: 'access', correction: 'correction', blocking: 'restriction', erasure: 'erasure' },
    due: 'To be answered by',
    closed: 'Outcome',
    check:
      'Anybody can verify the receipts in the folder receipts without access to our systems: consentry verify FILE --key KEY.',
  },
}
