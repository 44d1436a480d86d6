// This room has the prompts: it checks their masters, converts them for the PBX, and checks the converted files before each play.

import { availableParallelism } from 'node:os'
import { AppError } from '../core/errors.js'
import type { Language } from '../core/policy.js'
import type { PromptBook, ReadyPrompt } from '../core/ports.js'
import { languages } from '../languages/languages.js'
import { joinWork } from '../lib/join-work.js'
import { Lane } from '../lib/lane.js'
import type { Log } from '../lib/log.js'
import type { CheckedFile } from './checked-file.js'
import { openConverter } from './convert.js'
import { type ManifestEntry, readManifest, readMaster, shippedPromptFolder } from './manifest.js'
import { prepareFolders } from './prompt-folder.js'
import { findVariants, makeVariants, mediaPath } from './variant-files.js'

export interface PromptBookOptions {
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

export interface PromptWithLanguage extends ReadyPrompt {
  language: Language
  says?: NonNullable<ManifestEntry['says']>
}

interface BookEntry extends ProvidedPrompt {
  source: string
}

/** A book whose prompts do not change. */
export interface FixedPromptBook extends PromptBook {
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
export const promptKey = (language: string, name: string) => `${language}/${name}`

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
export interface ProvidedPrompt {
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
export function bookOf(entries: ReadonlyMap<string, ProvidedPrompt>): FixedPromptBook {
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
