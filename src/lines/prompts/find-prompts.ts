import type { Changer } from '../../core/actor.js'
import { AppError } from '../../core/errors.js'
import type { DraftId } from '../../core/ids.js'
import { text } from '../../core/message.js'
import type { Language, PromptMaking } from '../../core/policy.js'
import type { Db } from '../../db/database.js'
import { isLanguage, languageList } from '../../languages/languages.js'
import { promptsOf, speaks } from '../../prompts/contradictions.js'
import { type ManifestEntry, promptName, readManifest, shippedPromptFolder } from '../../prompts/manifest.js'
import { lastHeard, type StoredPrompt, selectPrompts } from '../../prompts/stored-prompts.js'
import { unfinishedDrafts } from '../draft-rows.js'
import { shownLine } from '../drafts/shown-line.js'
import { allLineVersions } from '../line-rows.js'

/** Most drafts in which a prompt is searched. */
const MAX_DRAFTS = 200

/** A prompt by its name, in one language. */
export interface PromptKey {
  name: string
  language: Language
}

/** One version of a prompt. Times are ISO 8601, UTC. */
export interface PromptVersion extends PromptKey {
  version: number
  /** `shipped` is in force while no other version is. */
  state: 'shipped' | 'draft' | 'published' | 'replaced' | 'withdrawn'
  inForce: boolean
  text: string
  /** The words with their variables; null if they were shipped without. */
  template: string | null
  /** The values of the variables. */
  variables: Record<string, unknown>
  /** The promises of the words to callers. */
  says: Record<string, unknown>
  sha256: string
  lengthMs: number
  /** Loudness, LUFS, and true peak, dBTP; null for shipped prompts. */
  lufs: number | null
  truePeak: number | null
  how: PromptMaking | 'shipped'
  engine: string | null
  voice: string | null
  madeBy: string | null
  madeAt: string | null
  /** Everybody whose words or sound it has. None of them approves it. Empty for a shipped one. */
  changers: Changer[]
  publishedBy: string | null
  publishedAt: string | null
}

/** The uses of a prompt. */
export interface PromptUse {
  /** Versions of lines that name it, by number, the newest first. */
  lines: { number: string; name?: string | undefined; version: number; inForce: boolean }[]
  /** Drafts of lines that name it and can still be published, the last changed first. */
  drafts: { draft: DraftId; line: string; name: string | undefined }[]
  /** The last call that heard any version of it; null if none did. */
  lastHeard: { call: string; at: string } | null
}

/** Checks the name and the language of a prompt. @throws AppError `request.invalid` */
export function checkKey({ name, language }: { name: string; language: string }): PromptKey {
  if (!promptName.safeParse(name).success)
    throw new AppError(
      'request.invalid',
      'The name of a prompt has lower-case words with hyphens between them, at most 60 characters.',
    )
  if (isLanguage(language)) return { name, language }
  throw new AppError('request.invalid', text`The language of a prompt is ${languageList()}.`)
}

/** Lists all prompts, by name and language: of each the version in force, else the newest draft. */
export async function listPrompts({ db }: { db: Db }): Promise<PromptVersion[]> {
  const all = await allVersions(db)
  const best = new Map<string, PromptVersion>()
  for (const version of all) {
    const key = `${version.name}/${version.language}`
    if (!best.has(key) || version.inForce) best.set(key, version)
  }
  return [...best.values()]
}

/** Lists the versions of a prompt, the newest first. @throws AppError `not-found`, `request.invalid` */
export async function promptVersions(
  { db }: { db: Db },
  key: { name: string; language: string },
): Promise<PromptVersion[]> {
  const { name, language } = checkKey(key)
  const found = await allVersions(db, { name, language })
  if (found.length > 0) return found
  throw new AppError('not-found', text`There is no prompt ${name} in ${language}. See consentry prompt list.`)
}

/** Finds where a prompt is used: lines that are or were in force, and the last call that heard it. @throws as `promptVersions` */
export async function wherePrompt(
  deps: { db: Db },
  key: { name: string; language: string },
): Promise<PromptUse> {
  const versions = await promptVersions(deps, key)
  const { name, language } = versions[0]!
  const lines = (await allLineVersions(deps.db))
    .filter(({ policy }) => speaks(policy, language))
    .filter(({ policy }) => promptsOf(policy).some(heard => heard.name === name))
    .map(({ policy: { number, name, version }, inForce }) => ({ number, name, version, inForce }))
  const drafts: PromptUse['drafts'] = []
  for (const draft of await unfinishedDrafts(deps.db, MAX_DRAFTS)) {
    const line = await shownLine(deps.db, draft)
    if (speaks(line, language) && promptsOf(line).some(heard => heard.name === name))
      drafts.push({ draft: draft.id, line: draft.line, name: line.name })
  }
  const heard = await lastHeard(deps.db, [...new Set(versions.map(({ sha256 }) => sha256))])
  return { lines, drafts, lastHeard: heard ? { call: heard.call, at: heard.at.toISOString() } : null }
}

/** All versions, or those of one prompt, by name and language, the newest first; shipped ones last. */
export async function allVersions(db: Db, key?: PromptKey): Promise<PromptVersion[]> {
  const shipped = (await readManifest(shippedPromptFolder())).filter(
    one => !key || (one.name === key.name && one.language === key.language),
  )
  const stored = await selectPrompts(db, key ?? {})
  const isOver = ({ name, language }: ManifestEntry) =>
    stored.some(one => one.name === name && one.language === language && one.state === 'published')
  const all = [...stored.map(storedVersion), ...shipped.map(one => shippedVersion(one, !isOver(one)))]
  const order = ({ name, language }: PromptVersion) => `${name}/${language}`
  return all.sort((a, b) => order(a).localeCompare(order(b), 'en') || rank(b) - rank(a))
}

const rank = ({ how, version }: PromptVersion) => (how === 'shipped' ? 0 : version)

function storedVersion(prompt: StoredPrompt): PromptVersion {
  const { madeAt, publishedAt, variables, ...rest } = prompt
  return {
    ...rest,
    variables: { ...variables },
    inForce: prompt.state === 'published',
    madeAt: madeAt.toISOString(),
    publishedAt: publishedAt?.toISOString() ?? null,
  }
}

const shippedVersion = (prompt: ManifestEntry, inForce: boolean): PromptVersion => ({
  ...{ name: prompt.name, language: prompt.language, version: prompt.version },
  ...{ state: 'shipped', inForce, text: prompt.text, template: prompt.template ?? null, variables: {} },
  ...{
    says: prompt.says ?? {},
    sha256: prompt.sha256,
    lengthMs: prompt.lengthMs,
    lufs: null,
    truePeak: null,
  },
  ...{ how: 'shipped', engine: null, voice: null, madeBy: null, madeAt: null, changers: [] },
  ...{ publishedBy: null, publishedAt: null },
})
