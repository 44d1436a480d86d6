import { type Clock, systemClock } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import type { PromptBook } from '../core/ports.js'
import type { Database } from '../db/database.js'
import { describeFailure } from '../db/failure.js'
import { follow } from '../db/follow.js'
import { waitAtMost } from '../lib/deadline.js'
import type { Log } from '../lib/log.js'
import type { CheckedFile } from './checked-file.js'
import { openConverter } from './convert.js'
import {
  bookOf,
  type FixedPromptBook,
  openPromptBook,
  type PromptWithLanguage,
  type ProvidedPrompt,
  promptKey,
} from './prompt-book.js'
import { readStoredMaster, type StoredPrompt, selectPrompts } from './stored-prompts.js'
import { findVariants, makeVariants, mediaPath } from './variant-files.js'
import { isVerified, type LetPbxPlay, verifyVariants } from './verify-variants.js'

/** How often the log reports progress with the prompts at the start, ms. Most starts take less than a second. */
const SLOW_MS = 20_000

export interface LivePromptsOptions {
  db: Database
  /** Folder of the converted files. */
  dir: string
  /** Path or name of ffmpeg. */
  ffmpeg: string
  log: Log
  clock?: Pick<Clock, 'after'>
  /** Receives messages of progress at the start, for people. */
  progress?: (message: string) => void
  /** Lets the PBX play a version before it comes into force. Without it, no PBX is asked. */
  play?: LetPbxPlay
  /** Called once for each published version that cannot be played. */
  onUnusable(prompt: StoredPrompt, reason: string, detail: string): void
}

/** The prompts in force, which follow publications. */
export interface LivePromptBook extends PromptBook {
  /** Every prompt in force. */
  all(): PromptWithLanguage[]
  forCall(): PromptBook
  /** Published prompts that cannot be played. `check`: prompt and version. `detail`: the reason, too, as text for people. */
  readonly unusable: readonly { check: string; detail: string }[]
  stop(): Promise<void>
}

/**
 * Opens the shipped prompts, puts the published ones over them, and follows later publications without a restart. A published version
 * that cannot be converted or checked, or that the PBX cannot play, does not come into force: the version before it stays. While the PBX is
 * away, a version that it has never played waits.
 *
 * @throws AppError as `openPromptBook`; `db.unavailable` if the first load fails
 */
export async function startLivePrompts(options: LivePromptsOptions): Promise<LivePromptBook> {
  const { clock = systemClock, log } = options
  let doing = 'reading the prompts'
  const progress = (message: string) => {
    doing = message
    options.progress?.(message)
  }
  const starting = openBooks({ ...options, progress })
  // A busy machine may take minutes for all prompts. Only a start without progress may mean a hanging disk.
  for (let before = doing; !(await waitAtMost(clock, SLOW_MS, starting)); before = doing)
    if (doing !== before) log.info({ doing }, 'the service makes its prompts ready')
    else
      log.error(
        { doing, ms: SLOW_MS },
        'the service waits for its prompts: check whether the disk of CONSENTRY_PROMPTS hangs',
      )
  return starting
}

async function openBooks(options: LivePromptsOptions): Promise<LivePromptBook> {
  const { db, log } = options
  const shipped = await openPromptBook(options)
  let book: FixedPromptBook = shipped
  let failures = new Map<string, string>()

  const load = async () => {
    const rows = await selectPrompts(db, { states: ['published', 'replaced'] })
    const failed = new Map<string, string>()
    const fresh: StoredPrompt[] = []
    const entries = new Map(shipped.entries)
    /** The PBX did not answer. It is asked again at the next load, so that calls wait for one answer at most. */
    let away = false
    for (const candidates of byPrompt(rows)) {
      const key = promptKey(candidates[0]!.language, candidates[0]!.name)
      const former = book.entries.get(key)
      const found = await firstUsable(candidates, former)
      if (found) entries.set(key, found)
    }
    failures = failed
    book = bookOf(entries)
    for (const { name, language, version } of fresh)
      log.info({ prompt: name, language, version }, 'a published prompt is in force')

    /** The published version; if it cannot be played, the present one, else the latest that was replaced. */
    async function firstUsable(candidates: StoredPrompt[], former: ProvidedPrompt | undefined) {
      for (const prompt of candidates) {
        if (former?.prompt.sha256 === prompt.sha256 && former.prompt.version === prompt.version) return former
        try {
          const media = mediaPath(options.dir, prompt)
          const files = await provide(prompt, media, options)
          if (!(await playsOnPbx(prompt, media))) continue
          fresh.push(prompt)
          return { prompt, media, files }
        } catch (error) {
          noteFailure(prompt, error)
          if (former && former !== shipped.entries.get(promptKey(prompt.language, prompt.name))) return former
        }
      }
      return undefined
    }

    /** @returns false if the PBX is away, so that the result is not known yet @throws AppError `prompt.damaged` */
    async function playsOnPbx(prompt: StoredPrompt, media: string): Promise<boolean> {
      if (!options.play || (await isVerified(media))) return true
      const { name, language, version } = prompt
      if (away) return false
      try {
        const known = await verifyVariants(media, prompt.lengthMs, options.play)
        if (!known)
          log.warn({ prompt: name, language, version }, 'this PBX cannot say whether it plays a prompt')
        return true
      } catch (error) {
        if (!codeOf(error)?.startsWith('pbx.')) throw error
        away = codeOf(error) === 'pbx.unavailable'
        log.warn({ prompt: name, language, version }, 'a published prompt waits until the PBX has played it')
        return false
      }
    }

    function noteFailure(prompt: StoredPrompt, error: unknown) {
      const version = `${promptKey(prompt.language, prompt.name)} version ${prompt.version}`
      const detail = error instanceof AppError ? error.message : describeFailure(error)
      failed.set(version, `${version}: ${detail}`)
      if (failures.has(version)) return
      log.error(
        { prompt: prompt.name, version: prompt.version, reason: detail },
        'a published prompt is not used',
      )
      options.onUnusable(prompt, codeOf(error) ?? 'tool.failed', detail)
    }
  }
  const following = await follow(db, { channel: 'prompt_changed', what: 'prompts', load, log })
  return {
    find: (...args) => book.find(...args),
    ready: (...args) => book.ready(...args),
    all: () => book.all(),
    forCall: () => book,
    get unusable() {
      return [...failures].map(([check, detail]) => ({ check, detail }))
    },
    stop: () => following.stop(),
  }
}

/** The versions of each prompt that has a published one: that one, then those that it replaced, the latest first. */
function byPrompt(rows: StoredPrompt[]): StoredPrompt[][] {
  return rows
    .filter(({ state }) => state === 'published')
    .map(published => {
      const replaced = rows.filter(
        ({ name, language, state }) =>
          name === published.name && language === published.language && state === 'replaced',
      )
      replaced.sort((a, b) => (b.publishedAt?.getTime() ?? 0) - (a.publishedAt?.getTime() ?? 0))
      return [published, ...replaced]
    })
}

/** Finds the converted files of a stored prompt, or converts its master, and checks them. */
async function provide(
  prompt: StoredPrompt,
  media: string,
  { db, ffmpeg }: LivePromptsOptions,
): Promise<CheckedFile[]> {
  const found = await findVariants(media)
  if (found) return found
  const wav = await readStoredMaster(db, prompt.sha256)
  return makeVariants(wav, prompt, media, await openConverter(ffmpeg))
}
