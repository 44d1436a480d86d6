import { availableParallelism } from 'node:os'
import { AppError } from '../shared/errors.js'
import { Lane } from '../shared/lane.js'
import type { Log } from '../shared/log.js'
import type { Language } from '../shared/policy.js'
import type { PromptBook, ReadyPrompt } from '../shared/ports.js'
import type { CheckedFile } from './checked-file.js'
import { openConverter } from './convert.js'
import { type ManifestEntry, readManifest, readMaster } from './manifest.js'
import { prepareFolders } from './prompt-folder.js'
import { shippedPrompts } from './shipped.js'
import { findVariants, makeVariants, mediaPath } from './variant-files.js'

export interface PromptBookOptions {
  /** Folders with a `manifest.json` and its recordings; a later one's prompt replaces an earlier one's of the same name. */
  sources?: string[]
  /** Where the converted files live; below it, the PBX's user must be able to read. */
  dir: string
  /** Path or name of ffmpeg. */
  ffmpeg: string
  log: Log
  /** Told what is being done, for people. */
  progress?: (message: string) => void
}

export interface BookedPrompt extends ReadyPrompt {
  language: Language
}

interface Page {
  source: string
  entry: ManifestEntry
  /** Path without extension. */
  media: string
  files: CheckedFile[] | undefined
}

/** Conversions at a time; each keeps one core busy. */
const AT_ONCE = Math.min(4, availableParallelism())

/** Prompts checked at once. A check takes well below 1 ms; on a disk that hangs, each one keeps a thread. */
const CHECKS_AT_ONCE = 8

const key = (language: string, name: string) => `${language}/${name}`

/**
 * Checks every recording against its manifest, converts those that are not converted yet, and remembers what the
 * files are, so that each can be looked at again, cheaply, right before it is played.
 *
 * @throws AppError `prompt.missing`, `prompt.damaged` (a recording or manifest), `tool.missing`, `tool.failed`,
 *   `store.unwritable`
 */
export async function openPromptBook(
  options: PromptBookOptions,
): Promise<PromptBook & { all(): BookedPrompt[] }> {
  const { sources = [shippedPrompts()], dir } = options
  const pages = await listPages(sources, dir)
  const languages = new Set([...pages.values()].map(page => page.entry.language))
  await prepareFolders(dir, [...languages], options.log)
  await fillPages([...pages.values()], options)
  const prompts = new Map([...pages].map(([name, page]) => [name, toPrompt(page)]))
  const checks = new Lane(CHECKS_AT_ONCE)

  return {
    async ready(language, name) {
      const page = pages.get(key(language, name))
      if (!page?.files) throw new AppError('prompt.missing', `there is no prompt ${name} in ${language}`)
      const { files } = page
      await checks.run(async () => {
        for (const file of files) await file.check()
      })
      return prompts.get(key(language, name))!
    },
    all: () => [...prompts.values()],
  }
}

async function listPages(sources: string[], dir: string): Promise<Map<string, Page>> {
  const pages = new Map<string, Page>()
  for (const source of sources) {
    for (const entry of await readManifest(source)) {
      const media = mediaPath(dir, entry)
      pages.set(key(entry.language, entry.name), { source, entry, media, files: undefined })
    }
  }
  return pages
}

/** Checks the master of each page, then finds its files on disk, or converts them, a few at once. */
async function fillPages(pages: Page[], { ffmpeg, log, progress }: PromptBookOptions): Promise<void> {
  for (const page of pages) {
    await readMaster(page.source, page.entry)
    page.files = await findVariants(page.media)
  }
  const missing = pages.filter(page => !page.files)
  if (missing.length === 0) return
  const convert = await openConverter(ffmpeg)
  let started = 0
  const worker = async () => {
    for (let page = missing[started]; page; page = missing[started]) {
      started += 1
      progress?.(`converting prompts ${started}/${missing.length}`)
      page.files = await makeVariants(page.source, page.entry, page.media, convert).catch(error => {
        // What fails once fails again: the other workers finish what they have begun, and no more.
        started = missing.length
        throw error
      })
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  log.info({ converted: missing.length }, 'prompts converted')
}

const toPrompt = ({ entry, media }: Page): BookedPrompt => {
  const { language, name, version, text, lengthMs, sha256 } = entry
  return Object.freeze({ language, name, version, text, lengthMs, sha256, media })
}
