import type { CallId } from '../../core/ids.js'
import type { WrittenLanguage } from '../../core/policy.js'
import { Html, html } from '../../lib/documents/html.js'
import type { PersonFound } from '../collect-person.js'
import type { OpenedRecording, UnopenedRecording } from './open-recordings.js'
import { SUMMARY_STYLE } from './summary-style.js'
import { WORDS } from './summary-words.js'

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
