import { AppError } from '../../core/errors.js'
import type { Operator } from '../../core/operator.js'
import type { WrittenLanguage } from '../../core/policy.js'
import { type Db, sql } from '../../db/database.js'
import { type Html, html, signatureLine } from '../../lib/documents/html.js'
import { localDay, longDay } from '../../lib/documents/moments.js'
import { PAGE_END, pageStart } from '../../lib/documents/page.js'
import { annexStart, itemRow, TABLE_END } from './act-annex.js'
import { fields } from './act-fields.js'
import { type ActHead, type ClosedAct, purposeText } from './act-head.js'
import { type Act, type ActItem, listActItems } from './act-rows.js'
import type { ActWords } from './words.js'
import { en } from './words-en.js'
import { ru } from './words-ru.js'

const WORDS: Record<WrittenLanguage, ActWords> = { ru, en }

/** Rows of the annex in one piece of the document. */
const ROWS_PER_PIECE = 500

/**
 * Makes the act of destruction as an HTML page for A4 paper. Its annex is the extract from the journal. The page comes in pieces,
 * because the annex may have a hundred thousand rows.
 *
 * @param operator undefined: the page has lines to fill in by hand
 * @throws AppError `not-found` for an act that is not closed yet
 */
export async function* actDocument(
  db: Db,
  act: Act,
  language: WrittenLanguage,
  operator: Operator | undefined,
): AsyncGenerator<string> {
  if (!isClosed(act))
    throw new AppError(
      'not-found',
      `Act ${act.id} is not closed, because some of its recordings are not destroyed yet. The next purge tries again.`,
    )
  const words = WORDS[language]
  const [items, log] = await Promise.all([listActItems(db, act.id), logKeyName(db)])
  const head = {
    act,
    words,
    language,
    operator,
    purposes: purposesOf(items, words),
    firstDestroyedAt: items[0]?.destroyedAt ?? act.openedAt,
    log,
  }
  yield pageStart(`${words.title.act(act.number)} ${words.title.what}`, language).text
  yield html`<main>${title(head)}
<p>${words.preamble(act.cause)}</p>
${fields(head)}
<p class="note">${words.kept(longDay(act.keepUntil, language))}</p>
${signatureLine(operator?.officer, words)}
</main>
${annexStart(head)}`.text
  for (let from = 0; from < items.length; from += ROWS_PER_PIECE) {
    const rows = items.slice(from, from + ROWS_PER_PIECE)
    yield rows.map((item, i) => itemRow(item, from + i + 1, head).text).join('')
  }
  yield TABLE_END.text + PAGE_END.text
}

const isClosed = (act: Act): act is ClosedAct =>
  act.number !== null && act.closedAt !== null && act.keepUntil !== null

function title({ act, words, language }: ActHead): Html {
  return html`<p class="form">${words.form}</p>
<h1>${words.title.act(act.number)} <span class="what">${words.title.what}</span></h1>
<div class="dateline"><span>${words.place}: ____________________</span><span>${localDay(act.closedAt, language)}</span></div>`
}

function purposesOf(items: readonly ActItem[], words: ActWords): string {
  const counts = new Map<string, number>()
  for (const { purpose } of items) counts.set(purpose, (counts.get(purpose) ?? 0) + 1)
  return [...counts].map(([purpose, count]) => `${purposeText(purpose, words)} — ${count}`).join(', ')
}

/** The newest verifier key of the log. */
async function logKeyName(db: Db): Promise<string | undefined> {
  const { rows } = await sql<{ key: string }>`
    select coalesce(
      (select substring(data ->> 'statement' from ${'\nto ([^\n]+)\n'}) from event
        where type = 'log.key-rotated' order by id desc limit 1),
      key) as key from log`.execute(db)
  return rows[0]?.key
}
