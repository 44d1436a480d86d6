import { access } from 'node:fs/promises'
import { AppError } from '../../src/core/errors.js'
import { runProgram } from './run-program.js'

const KEYRINGS = ['pgp', 'gpg'].map(ending => `/usr/share/keyrings/debian-archive-keyring.${ending}`)

const APT_HINT =
  'The lab unpacks its PBX with apt and dpkg: run it on Debian (or in a Debian container), with network access.'

/** One package source of this machine. */
interface Source {
  uri: string
  suite: string
  component: string
  origin: string
}

/** The sources in the output of `apt-get indextargets`, in the machine's order. */
export const parseSources = (text: string): Source[] =>
  text
    .split('\n')
    .map(line => line.split('|'))
    .filter(fields => fields.length === 4)
    .map(([uri = '', suite = '', component = '', origin = '']) => ({ uri, suite, component, origin }))

/**
 * Picks the mirror for a suite. A source of this very suite wins, so that one line in the machine's apt sources is enough when
 * Debian has moved an old suite to its archive. Otherwise it is the first source with Debian's complete main component,
 * which security and third-party sources do not have.
 *
 * @returns base URI; undefined if no source fits
 */
export function pickMirror(sources: Source[], suite: string): string | undefined {
  const main = sources.filter(source => source.component === 'main')
  const named = main.find(source => source.suite === suite)
  const debian = main.find(
    source => (source.origin === 'Debian' || source.origin === '') && /^[a-z]+$/.test(source.suite),
  )
  return (named ?? debian)?.uri
}

/**
 * Finds a mirror among the machine's own apt sources, so that the lab downloads only from where its owner chose.
 *
 * @throws AppError `tool.missing` without apt or without a Debian source
 */
export async function findMirror(suite: string): Promise<string> {
  const format = '$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)'
  const mirror = pickMirror(
    parseSources(await runProgram('apt-get', ['indextargets', '--format', format], APT_HINT)),
    suite,
  )
  if (!mirror) throw new AppError('tool.missing', `this machine's apt knows no Debian mirror. ${APT_HINT}`)
  return mirror
}

/**
 * Finds the keys with which Debian signs its suites. Every Debian has them.
 *
 * @throws AppError `tool.missing`
 */
export async function findKeyring(): Promise<string> {
  for (const path of KEYRINGS) {
    const found = await access(path).then(
      () => true,
      () => false,
    )
    if (found) return path
  }
  throw new AppError('tool.missing', 'the Debian archive keyring is missing: install debian-archive-keyring')
}
