import type { Operator } from '../../core/operator.js'
import type { WrittenLanguage } from '../../core/policy.js'
import type { Db } from '../../db/database.js'
import {
  BLANK_LINES,
  fieldTable,
  type Html,
  html,
  operatorText,
  signatureLine,
  withLineBreaks,
} from '../../lib/documents/html.js'
import { momentText } from '../../lib/documents/moments.js'
import { PAGE_END, pageStart } from '../../lib/documents/page.js'
import { counted, countedRu } from '../../lib/plural.js'
import { type Incident, listIncidentItems, noticeDeadlines } from './incident-rows.js'

/** @returns `2 абонента, 3 вызова, 5 записей` */
const counts = ({ persons, calls, recordings }: NoticeFacts['incident']): string =>
  [
    countedRu(persons, 'абонент', 'абонента', 'абонентов'),
    countedRu(calls, 'вызов', 'вызова', 'вызовов'),
    countedRu(recordings, 'запись', 'записи', 'записей'),
  ].join(', ')

/**
 * The two notices to Roskomnadzor (Federal Law No. 152-FZ, Article 21(3.1)). Their content follows the procedure that order
 * No. 187 of Roskomnadzor of 14 November 2022 approved.
 */
const ru: NoticeWords = {
  title: number => `Уведомления об инциденте № ${number}`,
  number: number => `Инцидент № ${number}`,
  taxId: 'ИНН',
  operator: 'Оператор: наименование, адрес, ИНН',
  place: 'Место составления',
  position: 'должность',
  signature: 'подпись',
  name: 'фамилия, имя, отчество',
  notices: facts => {
    const { incident, officer, purposes, from, to, destroyed } = facts
    const moment = (at: Date) => momentText(at, 'ru')
    const addressee =
      'В Федеральную службу по надзору в сфере связи, информационных технологий и массовых коммуникаций (Роскомнадзор)'
    const noticed: [string, string] = ['Дата и время выявления инцидента', moment(incident.noticedAt)]
    const contact: [string, string | undefined] = [
      'Лицо, уполномоченное оператором на взаимодействие с Роскомнадзором по инциденту, его контакты',
      officer,
    ]
    return [
      {
        title: 'ПЕРВИЧНОЕ УВЕДОМЛЕНИЕ',
        what: 'о факте неправомерной или случайной передачи (предоставления, распространения, доступа) персональных данных',
        form: `${addressee}. Пункт 1 части 3.1 статьи 21 Федерального закона от 27.07.2006 № 152-ФЗ «О персональных данных», приказ Роскомнадзора от 14.11.2022 № 187`,
        dueLabel: 'Направить в течение 24 часов с момента выявления, до',
        clock: 'initial',
        rows: [
          noticed,
          ['Сведения о произошедшем инциденте', incident.what],
          [
            'Характеристика персональных данных',
            `Голос абонента и сведения, сообщённые им в телефонном разговоре (аудиозаписи, хранившиеся в зашифрованном виде); номер телефона, дата и время разговора. Цели записи: ${purposes}. Разговоры с ${moment(from)} по ${moment(to)}.`,
          ],
          [
            'Субъекты персональных данных',
            `Абоненты, звонившие оператору. Всего ${counts(incident)}${destroyed > 0 ? `, из них уничтожено к моменту составления: ${destroyed}` : ''}.`,
          ],
          ['Предполагаемые причины, повлекшие нарушение прав субъектов', BY_HAND],
          ['Предполагаемый вред, нанесённый правам субъектов', BY_HAND],
          ['Принятые меры по устранению последствий инцидента', BY_HAND],
          contact,
        ],
      },
      {
        title: 'ДОПОЛНИТЕЛЬНОЕ УВЕДОМЛЕНИЕ',
        what: 'о результатах внутреннего расследования выявленного инцидента',
        form: `${addressee}. Пункт 2 части 3.1 статьи 21 Федерального закона от 27.07.2006 № 152-ФЗ «О персональных данных», приказ Роскомнадзора от 14.11.2022 № 187`,
        dueLabel: 'Направить в течение 72 часов с момента выявления, до',
        clock: 'result',
        rows: [
          noticed,
          ['Дата, время и номер первичного уведомления', BY_HAND],
          ['Результаты внутреннего расследования: установленные причины и вред', BY_HAND],
          ['Принятые и дополнительные меры по устранению последствий', BY_HAND],
          ['Лица, действия которых стали причиной инцидента (при наличии)', BY_HAND],
          ['Уточнённое число субъектов', `${counts(incident)}.`],
          contact,
        ],
      },
    ]
  },
}

/** The minimum content of a notification to the supervisory authority (GDPR, Article 33(3)). */
const en: NoticeWords = {
  title: number => `Notification of incident No. ${number}`,
  number: number => `Incident No. ${number}`,
  taxId: 'Registration number',
  operator: 'Controller: name, address, number',
  place: 'Place',
  position: 'position',
  signature: 'signature',
  name: 'full name',
  notices: ({ incident, officer, purposes, from, to, destroyed }) => {
    const moment = (at: Date) => momentText(at, 'en')
    return [
      {
        title: 'NOTIFICATION OF A PERSONAL DATA BREACH',
        what: 'to the supervisory authority',
        form: 'Article 33 of Regulation (EU) 2016/679 (GDPR)',
        dueLabel: 'To be sent within 72 hours of becoming aware of the breach, by',
        clock: 'result',
        rows: [
          ['When the controller became aware of the breach', moment(incident.noticedAt)],
          ['Nature of the breach (a)', incident.what],
          [
            'Categories and approximate number of data subjects (a)',
            `${counted(incident.persons, 'caller', 'callers')} of the controller.`,
          ],
          [
            'Categories and approximate number of records (a)',
            `The caller's voice and what the caller said in a telephone conversation (audio recordings, stored encrypted), telephone number, date and time. ${counted(incident.recordings, 'recording', 'recordings')} of ${counted(incident.calls, 'call', 'calls')} between ${moment(from)} and ${moment(to)}. Purposes: ${purposes}.${destroyed > 0 ? ` Destroyed by now: ${destroyed}.` : ''}`,
          ],
          ['Data protection officer or other contact point (b)', officer],
          ['Likely consequences of the breach (c)', BY_HAND],
          ['Measures taken or proposed, also to mitigate its adverse effects (d)', BY_HAND],
          ['If later than 72 hours: reasons for the delay (paragraph 1)', BY_HAND],
          ['What will be provided later, in phases (paragraph 4)', BY_HAND],
          ['Whether the data subjects are told, and how (Article 34)', BY_HAND],
        ],
      },
    ]
  },
}

const WORDS: Record<WrittenLanguage, NoticeWords> = { ru, en }

/**
 * Makes the notices that the law requires, filled in from the record of the incident. Russian gives the two notices of 152-FZ,
 * English the notice of the GDPR. The notices give the number of people, not their names.
 */
export async function* noticeDocument(
  db: Db,
  incident: Incident,
  language: WrittenLanguage,
  operator: Operator | undefined,
): AsyncGenerator<string> {
  const words = WORDS[language]
  const facts = await noticeFacts(db, incident, operator)
  yield pageStart(words.title(incident.number), language).text
  for (const [i, notice] of words.notices(facts).entries())
    yield html`<section${i > 0 && html` class="annex"`}>${noticeSection(notice, words, facts, language, operator)}</section>`
      .text
  yield PAGE_END.text
}

function noticeSection(
  { title, what, form, dueLabel, clock, rows }: NoticeText,
  words: NoticeWords,
  { incident }: NoticeFacts,
  language: WrittenLanguage,
  operator: Operator | undefined,
): Html {
  const { dueAt } = noticeDeadlines(incident.noticedAt, incident.noticedAt).find(
    ({ name }) => name === clock,
  )!
  return html`<p class="form">${form}</p>
<h1>${title} <span class="what">${what}</span></h1>
<div class="dateline"><span>${words.place}: ____________________</span><span>${words.number(incident.number)}</span></div>
<p>${dueLabel} <strong>${momentText(dueAt, language)}</strong></p>
${fieldTable(
  [
    [words.operator, operatorText(operator, words.taxId)],
    ...rows.map(([label, value]): [string, Html] => [
      label,
      value === undefined ? BLANK_LINES : withLineBreaks(value),
    ]),
  ],
  true,
)}
${signatureLine(operator?.officer, words)}
`
}

async function noticeFacts(db: Db, incident: Incident, operator: Operator | undefined): Promise<NoticeFacts> {
  const items = await listIncidentItems(db, incident.id)
  const times = items.map(({ recordedAt }) => recordedAt.getTime()).sort((a, b) => a - b)
  const { name, position, contact } = operator?.officer ?? {}
  return {
    incident,
    officer: name && [`${position} ${name}`, contact, operator?.email].filter(Boolean).join(', '),
    purposes: [...new Set(items.map(({ purpose }) => purpose))].sort().join(', '),
    from: new Date(times[0] ?? incident.noticedAt),
    to: new Date(times.at(-1) ?? incident.noticedAt),
    destroyed: items.filter(({ state }) => state === 'destroyed').length,
  }
}

/** Facts from the record of an incident, for its notices. */
interface NoticeFacts {
  incident: Incident
  /** The contact person for the authority, with contact details. */
  officer: string | undefined
  purposes: string
  /** When the first and the last of the recordings began. */
  from: Date
  to: Date
  /** Number of recordings that are destroyed by now. */
  destroyed: number
}

/** The value of a field to fill in by hand. */
const BY_HAND = undefined

/** The texts of one notice, and its deadline. */
interface NoticeText {
  title: string
  what: string
  /** The addressee and the legal basis. */
  form: string
  dueLabel: string
  clock: 'initial' | 'result'
  rows: [label: string, value: string | typeof BY_HAND][]
}

/** The texts of all notices in one language. */
interface NoticeWords {
  title: (number: number) => string
  number: (number: number) => string
  taxId: string
  operator: string
  place: string
  position: string
  signature: string
  name: string
  notices: (facts: NoticeFacts) => NoticeText[]
}
