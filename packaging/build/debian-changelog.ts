import { type ChangelogSection, type Release, secondsOf } from './release.js'

/** Who signs for the package. The domain exists nowhere (RFC 2606), because the project has no address. */
const MAINTAINER = 'Consentry maintainers <maintainers@consentry.invalid>'

/** Longest line of a changelog, characters (Debian policy 4.4 leaves it open; tools wrap at 80). */
const LINE = 78

/** The version of the package: the program's, and the count of packages of it. */
export const debianVersion = ({ version, revision }: Pick<Release, 'version' | 'revision'>): string =>
  `${version}-${revision}`

/** Makes the changelog of the package, in the form of deb-changelog(5). */
export const debianChangelog = ({ changelog, revision, at }: Release): string =>
  changelog
    .map((section, i) => block(section, i === 0 ? revision : 1, section.day ? secondsOf(section.day) : at))
    .join('\n')

function block({ version, day, changes }: ChangelogSection, revision: number, at: number): string {
  const state = day ? 'stable' : 'UNRELEASED'
  const parts = changes.map(
    ({ heading, items }) => `  [ ${heading} ]\n${items.map(item => wrapped(item)).join('\n')}\n`,
  )
  return `consentry (${version}-${revision}) ${state}; urgency=medium

${parts.join('\n')}
 -- ${MAINTAINER}  ${rfc2822(at)}
`
}

/** An item, indented, in lines that are not too long. */
function wrapped(item: string): string {
  const lines = ['  *']
  for (const word of item.split(' ')) {
    const last = lines.at(-1)!
    if (last.length + word.length < LINE) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`    ${word}`)
  }
  return lines.join('\n')
}

/** A moment as `Fri, 27 Nov 2026 12:00:00 +0000`. */
const rfc2822 = (at: number): string => new Date(at * 1_000).toUTCString().replace('GMT', '+0000')
