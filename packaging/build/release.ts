import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One version of CHANGELOG.md. */
export interface ChangelogSection {
  version: string
  /** The day of the release, `2026-11-27`. Undefined: not released yet. */
  day: string | undefined
  /** The headings below the version, such as `Added`, with their items as plain text. */
  changes: { heading: string; items: string[] }[]
}

/** What a package says about itself. */
export interface Release {
  /** The version in package.json, which is also the first one in CHANGELOG.md. */
  version: string
  /** Counts the packages of one version, from 1. */
  revision: number
  /** The time that all files of the package have, seconds since the epoch. */
  at: number
  /** The newest version first. */
  changelog: readonly ChangelogSection[]
}

/** Noon, so that the day is the same in nearly every time zone. */
const NOON = 'T12:00:00Z'

/**
 * Reads version and changelog of a checkout. The time depends on the sources alone, so that the same sources give the same package: it is
 * SOURCE_DATE_EPOCH if that is set (reproducible-builds.org), else the day of the release, else the time of the last commit.
 *
 * @throws Error if CHANGELOG.md does not begin with the version of package.json, or no time is known
 */
export function readRelease(root: string, revision: number, env = process.env): Release {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const changelog = readChangelog(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'))
  const [newest] = changelog
  if (newest?.version !== version)
    throw new Error(
      `CHANGELOG.md begins with ${newest?.version ?? 'no version'}, package.json has ${version}`,
    )
  const given = env['SOURCE_DATE_EPOCH']
  if (given !== undefined && !/^\d+$/.test(given))
    throw new Error('SOURCE_DATE_EPOCH is no number of seconds')
  const at =
    given !== undefined ? Number(given) : newest.day ? secondsOf(newest.day) : timeOfCommit(root, env)
  return { version, revision, at, changelog }
}

/** The moment that stands for a day, seconds since the epoch. @param day `2026-11-27` */
export const secondsOf = (day: string): number => Date.parse(`${day}${NOON}`) / 1_000

function timeOfCommit(root: string, env: NodeJS.ProcessEnv): number {
  try {
    const words = ['log', '-1', '--format=%ct']
    return Number(execFileSync('git', words, { cwd: root, env, encoding: 'utf8', stdio: 'pipe' }))
  } catch {
    throw new Error(
      'the version is not released and there is no commit to take the time from: set SOURCE_DATE_EPOCH',
    )
  }
}

/**
 * Reads a changelog in the form of keepachangelog.com, whose versions are headed `## 1.2.3 - 2026-11-27` or `## 1.2.3 - unreleased`.
 *
 * @throws Error at a heading of another form
 */
export function readChangelog(text: string): ChangelogSection[] {
  const sections: ChangelogSection[] = []
  for (const line of text.split('\n')) {
    const [, title] = /^## (.*)$/.exec(line) ?? []
    const [, heading] = /^### (.*)$/.exec(line) ?? []
    const [, item] = /^- (.*)$/.exec(line) ?? []
    const section = sections.at(-1)
    const change = section?.changes.at(-1)
    if (title !== undefined) sections.push(sectionOf(title))
    else if (heading !== undefined) section?.changes.push({ heading, items: [] })
    else if (item !== undefined) change?.items.push(plain(item))
    else if (/^ +\S/.test(line) && change)
      change.items.push(`${change.items.pop() ?? ''} ${plain(line.trim())}`)
  }
  return sections
}

function sectionOf(title: string): ChangelogSection {
  const [, version, day] = /^(\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d|unreleased)$/.exec(title) ?? []
  if (!version) throw new Error(`CHANGELOG.md: "${title}" is no heading such as "1.2.3 - 2026-11-27"`)
  return { version, day: day === 'unreleased' ? undefined : day, changes: [] }
}

/** A text without the marks of code and without the targets of links. */
const plain = (markdown: string): string =>
  markdown.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').replaceAll('`', '')
