import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { AppError } from '../shared/errors.js'

/** One section of an Asterisk configuration, as it begins at one place. A name may begin several. */
export interface ConfigSection {
  name: string
  /** Whether the section adds to an earlier one of its name: `[general](+)`. */
  adds: boolean
  /** Whether it is only a template: `[phone](!)`. */
  template: boolean
  /** The templates with whose settings it begins. */
  templates: string[]
  file: string
  /** From 1. */
  line: number
  settings: { key: string; value: string }[]
}

/** An Asterisk configuration file with all that it includes, in the order in which Asterisk reads it. */
export interface AsteriskConfig {
  sections: ConfigSection[]
  /** What is included, as it is written. */
  includes: string[]
}

/** Includes that include one another would never end. Asterisk allows ten levels. */
const MOST_LEVELS = 10

/**
 * Reads a configuration file of Asterisk, as Asterisk does: sections, templates, comments, `#include` and `#tryinclude`. `#exec` is
 * left out.
 *
 * @param path absolute path of the file
 * @param folder of Asterisk's configuration, from which the paths of includes begin
 * @param missing what to do with a file that is included and not there. Asterisk refuses all
 * @throws AppError `tool.failed` if a file cannot be read; the message names it
 */
export function readAsteriskConfig(
  path: string,
  folder = dirname(path),
  missing: 'refuse' | 'skip' = 'refuse',
): AsteriskConfig {
  const config: AsteriskConfig = { sections: [], includes: [] }
  readInto(config, path, { folder, level: 0, skipMissing: missing === 'skip' })
  return config
}

/** How the files that one includes are read. */
interface Reading {
  folder: string
  level: number
  skipMissing: boolean
}

/** The settings of all sections of a name that are read as one: the first, and those that add to it. Templates are read with what uses them. */
export function settingsOf({ sections }: AsteriskConfig, name: string): ConfigSection['settings'] {
  const own = sections.filter(section => section.name === name && !section.template)
  return own
    .filter((section, i) => i === 0 || section.adds)
    .flatMap(({ templates, settings }) => [
      ...templates.flatMap(one =>
        sections.filter(other => other.name === one).flatMap(other => other.settings),
      ),
      ...settings,
    ])
}

/** The value that holds: the last one in the sections that are read as one. */
export const settingIn = (config: AsteriskConfig, section: string, key: string): string | undefined =>
  settingsOf(config, section).findLast(setting => setting.key.toLowerCase() === key)?.value

/** Sections that begin anew although their name stood before: Asterisk does not read them as one with it. */
export const repeatedSections = ({ sections }: AsteriskConfig, name: string): ConfigSection[] =>
  sections.filter(section => section.name === name && !section.adds && !section.template).slice(1)

/** Whether a value means yes to Asterisk (`ast_true`). */
export const isTrue = (value: string | undefined): boolean =>
  ['yes', 'true', 'y', 't', '1', 'on'].includes(value?.toLowerCase() ?? '')

/** A folder that `asterisk.conf` names, or Asterisk's default. */
export const folderOf = (asterisk: AsteriskConfig, key: string, usual: string): string =>
  settingIn(asterisk, 'directories', key)?.replace(/^>\s*/, '') ?? usual

function readInto(config: AsteriskConfig, path: string, reading: Reading): void {
  let inComment = false
  for (const [index, raw] of readLines(path).entries()) {
    const { text, goesOn } = withoutComment(raw, inComment)
    inComment = goesOn
    const [, directive, target] = /^#\s*(include|tryinclude)\s+["<]?([^">]+)[">]?\s*$/i.exec(text) ?? []
    if (directive && target) include(config, target.trim(), reading, /^try/i.test(directive))
    else readLine(config, text, path, index + 1)
  }
}

function readLine({ sections }: AsteriskConfig, text: string, file: string, line: number): void {
  const [, name, options = ''] = /^\[([^\]]+)\]\s*(?:\(([^)]*)\))?/.exec(text) ?? []
  if (name !== undefined) {
    const words = options.split(',').map(word => word.trim())
    sections.push({
      ...{ name, file, line, settings: [] },
      adds: words.includes('+'),
      template: words.includes('!'),
      templates: words.filter(word => !['', '+', '!'].includes(word)),
    })
    return
  }
  const [, key, value] = /^([^=]+?)\s*=>?\s*(.*)$/.exec(text) ?? []
  if (key !== undefined && value !== undefined) sections.at(-1)?.settings.push({ key, value })
}

/** Takes comments out of a line: from `;` on, unless it is escaped, and blocks between `;--` and `--;`. */
function withoutComment(raw: string, inComment: boolean): { text: string; goesOn: boolean } {
  let rest = raw
  if (inComment) {
    const end = rest.indexOf('--;')
    if (end < 0) return { text: '', goesOn: true }
    rest = rest.slice(end + '--;'.length)
  }
  const [, before = '', block] = /^((?:[^;\\]|\\.)*)(;--(?!-))?/.exec(rest) ?? []
  if (block === undefined) return { text: before.replaceAll('\\;', ';').trim(), goesOn: false }
  const after = rest.slice(before.length + block.length)
  const end = after.indexOf('--;')
  return end < 0
    ? { text: before.trim(), goesOn: true }
    : {
        text: `${before}${withoutComment(after.slice(end + '--;'.length), false).text}`.trim(),
        goesOn: false,
      }
}

function include(config: AsteriskConfig, target: string, reading: Reading, optional: boolean): void {
  config.includes.push(target)
  const { folder, level, skipMissing } = reading
  if (level >= MOST_LEVELS) return
  const found = expand(isAbsolute(target) ? target : resolve(folder, target))
  if (found.length === 0 && !optional && !skipMissing) throw missingFile(target)
  for (const path of found) readInto(config, path, { ...reading, level: level + 1 })
}

/** The files that a pattern with `*` and `?` in its last part means. */
function expand(pattern: string): string[] {
  const name = basename(pattern)
  if (!/[*?]/.test(name)) return exists(pattern) ? [pattern] : []
  const form = new RegExp(
    `^${name
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  )
  return namesIn(dirname(pattern))
    .filter(one => form.test(one))
    .sort()
    .map(one => join(dirname(pattern), one))
}

const exists = (path: string): boolean => namesIn(dirname(path)).includes(basename(path))

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/)
  } catch (error) {
    throw new AppError('tool.failed', `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}

const missingFile = (target: string): AppError =>
  new AppError('tool.failed', `${target} is included and missing: Asterisk then reads nothing of the file`)
