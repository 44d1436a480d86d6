import type { Answer, EventData } from '../../core/events.js'
import type { CallId } from '../../core/ids.js'
import type { WrittenLanguage } from '../../core/policy.js'
import { Html, html } from '../../lib/documents/html.js'
import type { PersonFound } from '../collect-person.js'
import type { RequestKind } from '../deadlines.js'
import type { OpenedRecording, UnopenedRecording } from './open-recordings.js'

/** The content of a copy, which the summary shows. */
export interface Copy {
  person: PersonFound
  opened: readonly OpenedRecording[]
  unopened: readonly UnopenedRecording[]
  /** Calls that have no receipt. */
  callsWithoutReceipt: readonly CallId[]
  /** The operator (controller). Undefined if it is not configured. */
  operator: { name: string; address: string } | undefined
  at: Date
}

/** Makes the page that a person reads first. It lists the content of the archive in Russian and English, with audio players. */
export const summary = (copy: Copy): string =>
  html`<!doctype html>
<html lang="ru">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; media-src 'self' file:">
<title>${WORDS.ru.title} · ${WORDS.en.title}</title>
${Html.style(SUMMARY_STYLE)}
</head>
<body>
<nav><a href="#ru">Русский</a> <a href="#en">English</a></nav>
${section(copy, 'ru')}
${section(copy, 'en')}
</body>
</html>
`.text

function section(copy: Copy, language: WrittenLanguage): Html {
  const words = WORDS[language]
  const { person, operator, at } = copy
  return html`<section id="${language}" lang="${language}">
<h1>${words.title}</h1>
<p>${words.intro}</p>
<dl>
${operator && html`<dt>${words.operator}</dt><dd>${operator.name}, ${operator.address}</dd>`}
<dt>${words.number}</dt><dd>${person.number}</dd>
<dt>${words.made}</dt><dd>${time(at.toISOString())}</dd>
</dl>
${[calls(copy, language), recordings(copy, language), missing(copy, language), listens(copy, language), requests(copy, language)]}
<p class="note">${words.check}</p>
</section>`
}

function calls({ person, callsWithoutReceipt }: Copy, language: WrittenLanguage): Html {
  const w = WORDS[language]
  const rows = person.calls.map(
    call => html`<tr><td>${time(call.startedAt)}</td><td>${call.endedAt ? time(call.endedAt) : '–'}</td><td>${call.line ?? w.noLine}</td>
<td>${call.purposes.map(({ purpose, answer, withdrawnAt }) => html`<div>${purpose}: ${w.answer[answer]}${withdrawnAt && html`, ${w.withdrawn} ${time(withdrawnAt)}`}</div>`)}</td>
<td>${callsWithoutReceipt.includes(call.id) ? w.noReceipt : html`<a href="receipts/${call.id}.json">${call.id}</a>`}</td></tr>`,
  )
  return list(w.calls, [w.started, w.ended, w.line, w.answers, w.receipt], rows, w.noCalls)
}

function recordings({ opened }: Copy, language: WrittenLanguage): Html {
  const w = WORDS[language]
  const rows = opened.map(
    ({
      recording,
      name,
      complete,
    }) => html`<tr><td>${time(recording.startedAt)}</td><td>${recording.purpose}</td>
<td class="num">${recording.seconds.toFixed(1)} ${w.seconds}${complete ? '' : html`<div class="note">${w.cut}</div>`}</td>
<td><audio controls preload="none" src="${name}"></audio><div><a href="${name}">WAV</a></div></td></tr>`,
  )
  return list(w.recordings, [w.started, w.purpose, w.length, ''], rows, w.noRecordings)
}

function missing({ unopened }: Copy, language: WrittenLanguage): Html {
  const w = WORDS[language]
  if (unopened.length === 0) return html``
  const rows = unopened.map(
    ({ recording, why }) => html`<tr><td class="id">${recording}</td><td>${w.why[why]}</td></tr>`,
  )
  return list(w.missing, [w.recordings, ''], rows, '')
}

function listens({ person }: Copy, language: WrittenLanguage): Html {
  const w = WORDS[language]
  const rows = person.listens.map(
    ({
      at,
      by,
      how,
      reason,
      recording,
    }) => html`<tr><td>${time(at)}</td><td>${by}: ${w.how[how]}</td><td>${reason}</td>
<td class="id">${recording}</td></tr>`,
  )
  return list(w.listens, [w.at, w.by, w.reason, w.recordings], rows, w.noListens)
}

function requests({ person }: Copy, language: WrittenLanguage): Html {
  const w = WORDS[language]
  const rows = person.requests.map(
    ({ receivedOn, kind, dueOn, outcome }) =>
      html`<tr><td>${receivedOn}</td><td>${w.kind[kind]}</td><td>${dueOn}</td><td>${outcome ?? '–'}</td></tr>`,
  )
  return list(w.requests, [w.received, w.asked, w.due, w.closed], rows, w.noRequests)
}

function list(title: string, head: string[], rows: Html[], nothing: string): Html {
  if (rows.length === 0) return html`<h2>${title}</h2><p>${nothing}</p>`
  return html`<h2>${title}</h2>
<table><thead><tr>${head.map(cell => html`<th>${cell}</th>`)}</tr></thead><tbody>
${rows}
</tbody></table>`
}

/**
 * @param at ISO 8601, UTC
 * @returns `2026-01-31 09:30:00`
 */
const time = (at: string): Html => html`<time datetime="${at}">${at.slice(0, 19).replace('T', ' ')}</time>`

/** The style of the summary, for screens, telephones and paper. It loads no script, font or picture. */
const SUMMARY_STYLE = `
body { margin: 2rem auto; padding: 0 1rem; max-width: 60rem; color: #111; background: #fff; font: 1rem/1.5 system-ui, sans-serif; }
nav { text-align: right; }
nav a { margin-left: 1rem; }
section + section { margin-top: 4rem; border-top: 1px solid #999; padding-top: 2rem; }
h1 { font-size: 1.6rem; }
h2 { margin-top: 2rem; font-size: 1.15rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; }
dt { color: #555; }
dd { margin: 0; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .4rem .6rem; border-bottom: 1px solid #ccc; text-align: left; vertical-align: top; overflow-wrap: break-word; }
th { color: #555; font-weight: 600; }
time { white-space: nowrap; }
audio { width: 15rem; max-width: 100%; height: 2rem; }
.num { white-space: nowrap; font-variant-numeric: tabular-nums; }
.id, td a { overflow-wrap: anywhere; }
.id { font: .75rem/1.6 monospace; }
.note { color: #555; font-size: .85rem; }
@media print { nav, audio { display: none; } tr { break-inside: avoid; } section + section { break-before: page; } }
`

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
const WORDS: Record<WrittenLanguage, Words> = {
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
