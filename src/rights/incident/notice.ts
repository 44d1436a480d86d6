import type { Operator } from '../../core/operator.js'
import type { WrittenLanguage } from '../../core/policy.js'
import type { Db } from '../../db/database.js'
import { BLANK_LINES, fieldTable, operatorText, signatureLine } from '../../lib/documents/blocks.js'
import { type Html, html, withLineBreaks } from '../../lib/documents/html.js'
import { momentText } from '../../lib/documents/moments.js'
import { PAGE_END, pageStart } from '../../lib/documents/page.js'
import { type Incident, listIncidentItems } from './incident-rows.js'
import { noticeDeadlines } from './notice-deadlines.js'
import { en } from './notice-en.js'
import { ru } from './notice-ru.js'
import type { NoticeFacts, NoticeText, NoticeWords } from './notice-words.js'

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
