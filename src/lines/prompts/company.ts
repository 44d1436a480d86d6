import { requireRight } from '../../accounts/deeds.js'
import type { Deps } from '../../accounts/deps.js'
import type { Config } from '../../config/config.js'
import type { Actor } from '../../core/actor.js'
import { AppError } from '../../core/errors.js'
import { event } from '../../core/events.js'
import { text } from '../../core/message.js'
import type { Language } from '../../core/policy.js'
import { UNTURNED_TEXT, WRITABLE_TEXT } from '../../core/texts.js'
import type { Db } from '../../db/database.js'
import { companySetting, setCompany } from '../../db/installation.js'
import { appendIn } from '../../journal/write/append-in.js'
import { isLanguage, languageList } from '../../languages/languages.js'
import { exampleCompanies } from '../../prompts/example-company.js'
import { readManifest, shippedPromptFolder } from '../../prompts/manifest.js'

/** Longest name of a company, characters. Callers hear it in each disclosure. */
const MAX_NAME = 100

/** The company in prompts and on the console. */
export interface Company {
  /** Undefined: neither it nor `CONSENTRY_OPERATOR` is set. */
  name: string | undefined
  /** True if the name comes from `CONSENTRY_OPERATOR`, because none is set. */
  byDefault: boolean
  /** The language that most callers speak. Undefined: not set. */
  language: Language | undefined
}

/** What reading the company needs. */
export interface CompanyDeps {
  db: Db
  config: Pick<Config, 'operator'>
}

/**
 * The company's name, as prompts and the console say it. This is its only source; `CONSENTRY_OPERATOR` is the default.
 * Documents for authorities name the operator, with its address, from that setting.
 */
export async function readCompany({ db, config }: CompanyDeps): Promise<Company> {
  const { name, language } = await companySetting(db)
  return {
    name: name ?? config.operator?.name,
    byDefault: name === null && config.operator !== undefined,
    language: language ?? undefined,
  }
}

/**
 * Sets the company's name and the language of most callers. Existing prompts stay unchanged.
 *
 * @param request.name 1 to 100 characters
 * @throws AppError `request.invalid`; `journal.refused`; the errors of the database
 */
export async function changeCompany(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  actor: Actor,
  request: { name: string; language: Language },
): Promise<void> {
  requireRight(actor, 'company.set')
  const { name: by, way } = actor
  if (!isLanguage(request.language))
    throw new AppError('request.invalid', text`The language of callers is ${languageList()}.`)
  const after = { name: await checkCompanyName(request.name), language: request.language }
  await db.transaction().execute(async trx => {
    const before = await companySetting(trx, 'to change')
    if (before.name === after.name && before.language === after.language) return
    await setCompany(trx, after)
    await appendIn(trx, [event('company.changed', null, clock.now(), { before, after, by, way })])
  })
}

/**
 * Checks a company's name.
 *
 * @returns the name, with single blanks
 * @throws AppError `request.invalid` unless it has 1 to 100 characters and is not the example of the shipped prompts
 */
export async function checkCompanyName(given: string): Promise<string> {
  const name = given.trim().replace(/\s+/g, ' ')
  const isText = WRITABLE_TEXT.test(name) && UNTURNED_TEXT.test(name)
  if (name === '' || name.length > MAX_NAME || !isText || /[{}<>]/.test(name))
    throw new AppError(
      'request.invalid',
      text`Give the company's name as callers know it, at most ${MAX_NAME} characters, without braces and angle brackets.`,
    )
  if (exampleCompanies(await readManifest(shippedPromptFolder())).has(name))
    throw new AppError(
      'request.invalid',
      text`“${name}” is the example of the shipped prompts. Give the company's own name.`,
    )
  return name
}
