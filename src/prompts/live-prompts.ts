import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { type Clock, systemClock } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import type { Language } from '../core/policy.js'
import type { PromptBook, ReadyPrompt } from '../core/ports.js'
import type { Database } from '../db/database.js'
import { describeFailure } from '../db/failure.js'
import { follow } from '../db/follow.js'
import { languages } from '../languages/languages.js'
import { waitAtMost } from '../lib/deadline.js'
import { Lane } from '../lib/lane.js'
import type { Log } from '../lib/log.js'
import { joinWork } from '../lib/work.js'
import type { CheckedFile } from './checked-file.js'
import { openConverter } from './convert.js'
import { type ManifestEntry, readManifest, readMaster, shippedPromptFolder } from './manifest.js'
import { prepareFolders, RECIPE_VERSION, throwUnwritable, VARIANTS, WORK_PREFIX } from './prompt-folder.js'
import { readStoredMaster, type StoredPrompt, selectPrompts } from './stored-prompts.js'
import { findVariants, makeVariants, mediaPath } from './variant-files.js'

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

/** A file for the PBX to play. */
interface FileToPlay {
  /** Absolute path without extension. No other file has it. */
  path: string
  extension: string
  lengthMs: number
}

/**
 * Plays files on the PBX without a listener.
 *
 * @returns false if the PBX does not report the result
 * @throws AppError `prompt.damaged` if it cannot play one; `pbx.*` while it is away
 */
type LetPbxPlay = (files: readonly FileToPlay[]) => Promise<boolean>

/** The PBX's user may enter the folder. */
const FOLDER_MODE = 0o755

const markOf = (media: string) => `${media}.played`

/** Whether the PBX has played the variants of a prompt before. @param media path without extension */
export const isVerified = async (media: string): Promise<boolean> =>
  (await readFile(markOf(media), 'utf8').catch(() => '')) === String(RECIPE_VERSION)

/**
 * Has the PBX open and play each variant of a prompt, and stores the result beside the files. Of several files of one
 * name, Asterisk plays the one that fits its channel. Each variant therefore gets a link in a separate folder.
 *
 * @param media path without extension
 * @returns false if the PBX does not report the result
 * @throws AppError `prompt.damaged`, `pbx.*`, as `LetPbxPlay`; `store.unwritable`
 */
export async function verifyVariants(media: string, lengthMs: number, play: LetPbxPlay): Promise<boolean> {
  const folder = await mkdtemp(join(dirname(media), WORK_PREFIX)).catch(throwUnwritable(media))
  try {
    await chmod(folder, FOLDER_MODE)
    const files = VARIANTS.map(({ extension, leadMs }) => ({
      path: join(folder, extension),
      extension,
      lengthMs: lengthMs + leadMs,
    }))
    for (const { path, extension } of files)
      await symlink(`${media}.${extension}`, `${path}.${extension}`).catch(throwUnwritable(media))
    if (!(await play(files))) return false
    await writeFile(markOf(media), String(RECIPE_VERSION)).catch(throwUnwritable(media))
    return true
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

// This room has the prompts: it checks their masters, converts them for the PBX, and checks the converted files before each play.

interface PromptBookOptions {
  /** Folders with a `manifest.json` and its masters. A prompt in a later folder replaces one with the same name and language. */
  sources?: string[]
  /** Folder of the converted files. The PBX's user must be able to read there. */
  dir: string
  /** Path or name of ffmpeg. */
  ffmpeg: string
  log: Log
  /** Receives progress messages for people. */
  progress?: (message: string) => void
}

interface PromptWithLanguage extends ReadyPrompt {
  language: Language
  says?: NonNullable<ManifestEntry['says']>
}

interface BookEntry extends ProvidedPrompt {
  source: string
}

/** A book whose prompts do not change. */
interface FixedPromptBook extends PromptBook {
  all(): PromptWithLanguage[]
  /** By language and name. */
  readonly entries: ReadonlyMap<string, ProvidedPrompt>
}

/** Conversions at once. Each keeps one core busy. */
const CONVERSIONS_AT_ONCE = Math.min(4, availableParallelism())

/** Checks at once. A check takes less than 1 ms; on a hung disk, each one blocks a thread. */
const CHECKS_AT_ONCE = 8
const checks = new Lane(CHECKS_AT_ONCE)

/** The key of a prompt in a book. */
const promptKey = (language: string, name: string) => `${language}/${name}`

/**
 * Checks each master against its manifest, and converts those that are not converted yet. `ready` checks a prompt's files again,
 * which is cheap, right before they are played.
 *
 * @throws AppError `prompt.missing`, `prompt.damaged` (a master or a manifest), `tool.missing`, `tool.failed`,
 *   `store.unwritable`
 */
export async function openPromptBook(options: PromptBookOptions): Promise<FixedPromptBook> {
  const { sources = [shippedPromptFolder()], dir } = options
  const entries = await readEntries(sources, dir)
  await prepareFolders(dir, languages(), options.log)
  await provideFiles([...entries.values()], options)
  return bookOf(entries)
}

/** A prompt whose converted files are complete. */
interface ProvidedPrompt {
  prompt: ManifestEntry
  /** Path without extension. */
  media: string
  files: CheckedFile[] | undefined
}

const checkFiles = (files: readonly CheckedFile[]): Promise<void> =>
  checks.run(async () => {
    for (const file of files) await file.check()
  })

/** A book of prompts that does not change. @param entries by language and name, see `promptKey` */
function bookOf(entries: ReadonlyMap<string, ProvidedPrompt>): FixedPromptBook {
  const readyPrompts = new Map([...entries].map(([name, entry]) => [name, toPrompt(entry)]))
  /** The check of each prompt's files; calls that play the same prompt at once share it. */
  const checkOf = new Map([...entries].map(([name, { files }]) => [name, joinWork(() => checkFiles(files!))]))
  return {
    find: (language, name) => readyPrompts.get(promptKey(language, name)),
    async ready(language, name) {
      const key = promptKey(language, name)
      if (!entries.get(key)?.files)
        throw new AppError('prompt.missing', `there is no prompt ${name} in ${language}`)
      await checkOf.get(key)!()
      return readyPrompts.get(key)!
    },
    all: () => [...readyPrompts.values()],
    entries,
  }
}

async function readEntries(sources: string[], dir: string): Promise<Map<string, BookEntry>> {
  const entries = new Map<string, BookEntry>()
  for (const source of sources) {
    for (const prompt of await readManifest(source)) {
      const media = mediaPath(dir, prompt)
      entries.set(promptKey(prompt.language, prompt.name), { source, prompt, media, files: undefined })
    }
  }
  return entries
}

/** Checks the master of each entry. Finds its converted files, or converts it, a few at once. */
async function provideFiles(
  entries: BookEntry[],
  { ffmpeg, log, progress }: PromptBookOptions,
): Promise<void> {
  for (const [i, entry] of entries.entries()) {
    progress?.(`checking prompts ${i + 1}/${entries.length}`)
    await readMaster(entry.source, entry.prompt)
    entry.files = await findVariants(entry.media)
  }
  const missing = entries.filter(entry => !entry.files)
  if (missing.length === 0) return
  const convert = await openConverter(ffmpeg)
  let started = 0
  const worker = async () => {
    for (let entry = missing[started]; entry; entry = missing[started]) {
      started += 1
      progress?.(`converting prompts ${started}/${missing.length}`)
      entry.files = await readMaster(entry.source, entry.prompt)
        .then(wav => makeVariants(wav, entry.prompt, entry.media, convert))
        .catch(error => {
          // Further conversions would fail too, so the other workers begin no more.
          started = missing.length
          throw error
        })
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: CONVERSIONS_AT_ONCE }, worker))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  log.info({ converted: missing.length }, 'prompts converted')
}

const toPrompt = ({ prompt, media }: ProvidedPrompt): PromptWithLanguage => {
  const { language, name, version, text, says, lengthMs, sha256 } = prompt
  return Object.freeze({ language, name, version, text, ...(says && { says }), lengthMs, sha256, media })
}
