import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { AppError } from '../../core/errors.js'
import { readGuarded } from './guarded-files.js'
import { type Leader, namesIn, withHeld } from './guarded-path.js'

/** One section of an Asterisk configuration, at one place. Several may have one name. */
export interface ConfigSection {
  name: string
  /** True if the section adds to an earlier one of its name: `[general](+)`. */
  adds: boolean
  /** True if it is only a template: `[phone](!)`. */
  template: boolean
  /** The templates whose settings it inherits. */
  templates: string[]
  file: string
  /** From 1. */
  line: number
  settings: { key: string; value: string }[]
}

/** An Asterisk configuration file with all that it includes, in the order in which Asterisk reads it. */
export interface AsteriskConfig {
  sections: ConfigSection[]
  /** The targets of includes, as written. */
  includes: string[]
  /** Each file that was read, and who named it, if not root alone. */
  files: { path: string; leader: Leader }[]
  /** Who can change the file itself, and so has named all that it names; undefined for root alone. */
  leader: Leader
}

/** The configuration without a file. */
export const noConfig = (): AsteriskConfig => ({ sections: [], includes: [], files: [], leader: undefined })

/** Limit against includes that form a loop. Asterisk allows ten levels. */
const MOST_LEVELS = 10

/** Options of reading. */
export interface Reading {
  /** Folder to which paths of includes are relative. By default the file's folder. */
  folder: string
  /** Prefix of absolute paths. */
  root: string
  /** True to skip missing includes. Asterisk would refuse the whole file. */
  skipMissing: boolean
  /** Pattern of the lines of settings to read; all by default. It reads a large dialplan in a third of the time. */
  only: RegExp | undefined
  /** The user who named the file, if it was not root. */
  leader: Leader
}

/** Lines that affect other lines: sections, includes, and blocks of comment. */
const FRAME = /^\s*[[#]|;--/

/**
 * Reads a configuration file of Asterisk, as Asterisk does: sections, templates, comments, `#include` and
 * `#tryinclude`. `#exec` is ignored.
 *
 * @param path absolute path of the file, with the prefix of absolute paths
 * @throws AppError `tool.failed` if a file cannot be read; `file.refused` if its user may not have root read it
 */
export function readAsteriskConfig(path: string, reading: Partial<Reading> = {}): AsteriskConfig {
  const config = noConfig()
  const { folder = dirname(path), root = '/', skipMissing = false, only, leader } = reading
  readInto(config, path, { folder, root, skipMissing, only, leader }, 0)
  return config
}

/**
 * The settings of the sections of a name that Asterisk merges: the first, and those that add to it. Settings of their
 * templates are included.
 */
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

/** The effective value: the last one in the merged sections. */
export const settingIn = (config: AsteriskConfig, section: string, key: string): string | undefined =>
  settingsOf(config, section).findLast(setting => setting.key.toLowerCase() === key)?.value

/** Sections that repeat a name without adding to it. Asterisk does not merge them. */
export const repeatedSections = ({ sections }: AsteriskConfig, name: string): ConfigSection[] =>
  sections.filter(section => section.name === name && !section.adds && !section.template).slice(1)

/** True if a value means yes to Asterisk (`ast_true`). */
export const isTrue = (value: string | undefined): boolean =>
  ['yes', 'true', 'y', 't', '1', 'on'].includes(value?.toLowerCase() ?? '')

/** A folder that `asterisk.conf` names, or Asterisk's default. */
export const folderOf = (asterisk: AsteriskConfig, key: string, usual: string): string =>
  settingIn(asterisk, 'directories', key)?.replace(/^>\s*/, '') ?? usual

function readInto(config: AsteriskConfig, path: string, reading: Reading, level: number): void {
  let inComment = false
  const { lines, leader } = readLines(path, reading)
  config.files.push({ path, leader: reading.leader })
  if (level === 0) config.leader = leader
  for (const [index, raw] of lines.entries()) {
    if (reading.only && !inComment && !reading.only.test(raw) && !FRAME.test(raw)) continue
    const { text, goesOn } = withoutComment(raw, inComment)
    inComment = goesOn
    const [, word, target] = /^#\s*(include|tryinclude)\s+["<]?([^">]+)[">]?\s*$/i.exec(text) ?? []
    if (word === undefined || target === undefined) readLine(config, text, path, index + 1)
    else {
      // Who can change this file has named those that it includes.
      const named = { ...reading, skipMissing: reading.skipMissing || /^try/i.test(word), leader }
      for (const file of included(config, target.trim(), named))
        if (level < MOST_LEVELS) readInto(config, file, { ...reading, leader }, level + 1)
    }
  }
}

/** Finds the files of an include. @throws AppError `tool.failed` if none exists */
function included(config: AsteriskConfig, target: string, reading: Reading): string[] {
  const { folder, root, skipMissing } = reading
  config.includes.push(target)
  const found = expand(isAbsolute(target) ? join(root, target) : resolve(folder, target), reading)
  if (found.length > 0 || skipMissing) return found
  throw new AppError(
    'tool.failed',
    `${target} is included and missing: Asterisk then reads nothing of the file`,
  )
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

/** Removes comments from a line: from an unescaped `;` on, and blocks between `;--` and `--;`. */
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

/** The files that match a pattern with `*` and `?` in its last part. */
function expand(pattern: string, { root, leader }: Reading): string[] {
  const name = basename(pattern)
  const onMachine = inRoot(pattern, root)
  if (!/[*?]/.test(name)) return withHeld({ root }, onMachine, leader, () => true) ? [pattern] : []
  const form = new RegExp(
    `^${name
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  )
  return namesIn({ root }, dirname(onMachine), leader)
    .filter(one => form.test(one))
    .sort()
    .map(one => join(dirname(pattern), one))
}

/** A path without the prefix of absolute paths. */
const inRoot = (path: string, root: string): string => `/${relative(root, path)}`

function readLines(path: string, { root, leader }: Reading): { lines: string[]; leader: Leader } {
  const found = readGuarded({ root }, inRoot(path, root), leader)
  if (!found) throw new AppError('tool.failed', `${path} cannot be read: ENOENT`)
  return { lines: found.text.split(/\r?\n/), leader: found.leader }
}
