import {
  BLANK_LINE,
  BLANK_LINES,
  type FieldRow,
  fieldTable,
  type Html,
  html,
  operatorText,
  withLineBreaks,
} from '../../lib/documents/html.js'
import { momentText } from '../../lib/documents/moments.js'
import type { ActHead } from './act-head.js'

/** @returns the fields of clause 3 of the Requirements (Roskomnadzor, order No. 179), numbered, in the order of the clause */
export function fields(head: ActHead): Html {
  const { words } = head
  const rows: FieldRow[] = [
    [words.operator, operatorText(head.operator, words.taxId)],
    [words.processor, processor(head)],
    [words.persons, words.personsAre(head.act.recordings, head.act.calls)],
    [words.by, by(head)],
    [words.categories, list(categories(head))],
    [words.medium, words.noMedium],
    [words.system, head.operator?.system ?? words.systemName],
    [words.method, list(head.act.lost ? words.lostMethods : words.methods)],
    [words.reason, reason(head)],
    [words.date, date(head)],
  ]
  return fieldTable(rows, true)
}

function processor({ operator, words }: ActHead): Html {
  if (!operator) return BLANK_LINES
  const { processor } = operator
  return processor
    ? html`${processor.name}<br>${withLineBreaks(processor.address)}`
    : html`${words.noProcessor}`
}

/** @returns the categories of destroyed data; an erasure also destroys the number, the pressed keys and the spoken answers */
export const categories = ({ act, words, purposes }: ActHead): string[] => [
  words.voice(purposes),
  words.key,
  ...(act.cause === 'erasure' ? [words.number, words.digits] : []),
]

export const reason = ({ act, words }: ActHead): Html =>
  html`${words.causes[act.cause]}.${act.reason && ` ${words.stated(act.reason)}`}`

const date = ({ act, words, firstDestroyedAt, language }: ActHead): Html =>
  html`<span class="num">${words.from} ${momentText(firstDestroyedAt, language)},<br>${words.to} ${momentText(act.closedAt, language)}</span>`

function by({ act, words, operator }: ActHead): Html {
  const how =
    act.cause === 'withdrawal'
      ? words.byCaller
      : act.by === 'consentry'
        ? words.byService
        : words.byStaff(act.by)
  const officer = operator?.officer
  return html`${how} ${words.answerable}: ${officer ? `${officer.position} ${officer.name}.` : BLANK_LINE}`
}

const list = (entries: readonly string[]): Html =>
  html`<ul>${entries.map(entry => html`<li>${entry}</li>`)}</ul>`
