import { type DepsWith, proofSettings } from '../../accounts/deps.js'
import type { WrittenLanguage } from '../../core/policy.js'
import type { Db } from '../../db/database.js'
import { makeExtract } from '../../receipts/extract/make-extract.js'
import { extractFileName } from './act-annex.js'
import { actDocument as documentOf } from './act-document.js'
import { type Act, type ActItem, findAct, listActItems, listActs as selectActs } from './act-rows.js'

export type { Act } from './act-rows.js'

/** A document about an act, in pieces. */
export interface ActDocument {
  act: Act
  pieces: AsyncIterable<string>
}

/** Lists all acts of destruction: open ones first, then the latest. */
export const listActs = ({ db }: { db: Db }): Promise<Act[]> => selectActs(db)

/** Finds an act by its number or id, with the recordings that it destroyed. @throws AppError `not-found` */
export async function showAct({ db }: { db: Db }, name: string): Promise<Act & { items: ActItem[] }> {
  const act = await findAct(db, name)
  return { ...act, items: await listActItems(db, act.id) }
}

/**
 * Makes an act as an HTML page to print and sign.
 *
 * @param name its number or id
 * @throws AppError `not-found`; the pieces, for an act that is not closed
 */
export async function actDocument(
  { db, config }: DepsWith<'db', 'operator'>,
  name: string,
  language: WrittenLanguage,
): Promise<ActDocument> {
  const act = await findAct(db, name)
  return { act, pieces: documentOf(db, act, language, config.operator) }
}

/**
 * Makes the extract of an act from the journal, in which each event is proved.
 *
 * @param name its number or id
 * @returns the extract, and its usual file name
 * @throws AppError `not-found`; the pieces, for an act that is not closed or logged, and `journal.inconsistent`
 */
export async function actExtract(
  { db, config }: DepsWith<'db', 'log'>,
  name: string,
): Promise<ActDocument & { fileName: string }> {
  const act = await findAct(db, name)
  const pieces = makeExtract(db, act.id, proofSettings(config))
  return { act, pieces, fileName: extractFileName(act.number ?? 0) }
}
