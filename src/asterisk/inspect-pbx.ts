import { AppError, codeOf } from '../core/errors.js'
import type { PbxExamination, PbxFacts } from '../core/pbx-facts.js'
import { askDialplan } from './ask-dialplan.js'
import { dialplanVersion } from './dialplan-version.js'
import type { AriTransport } from './transport/ari-transport.js'

/** Places of consentry.conf: entry of a call, continuation of a decided call, entry of a trial phone. */
const PLACES = ['consentry,s,1', 'consentry-purposes,s,1', 'consentry-trial,s,1']
/** A version as a PBX names it. */
const VERSION = /^[\w.~+-]{1,40}$/

/**
 * What a connected PBX reports about itself.
 *
 * @param app the ARI application of the service
 * @param through an ARI application that this process is connected to
 */
export async function inspectPbx(
  ari: AriTransport,
  app: string,
  through = app,
): Promise<Pick<PbxFacts, 'version' | 'registered' | 'included' | 'current'>> {
  const [version, registered, dialplan] = await Promise.all([
    versionOf(ari).catch(() => null),
    isRegistered(ari, app),
    dialplanOf(ari, through).catch(() => ({ included: null, current: null })),
  ])
  return { version, registered, ...dialplan }
}

async function versionOf(ari: AriTransport): Promise<string | null> {
  const info = await ari.request('asterisk', 'getInfo', { only: 'system' })
  const version = (info as { system?: { version?: unknown } } | undefined)?.system?.version
  return typeof version === 'string' && VERSION.test(version) ? version : null
}

async function isRegistered(ari: AriTransport, applicationName: string): Promise<boolean | null> {
  try {
    await ari.request('applications', 'get', { applicationName })
    return true
  } catch (error) {
    return codeOf(error) === 'pbx.gone' ? false : null
  }
}

/** Whether the dialplan has all places of consentry.conf, and whether they belong to this version. */
async function dialplanOf(
  ari: AriTransport,
  app: string,
): Promise<{ included: boolean | null; current: boolean | null }> {
  const version = dialplanVersion()
  const wanted = [...PLACES, `consentry-version,${version ?? 'none'},1`]
  const answers = await askDialplan(
    ari,
    app,
    wanted.map(place => `DIALPLAN_EXISTS(${place})`),
  )
  const current = answers.pop()
  const included = answers.includes('0') ? false : answers.every(one => one === '1') ? true : null
  const known = included !== null && version !== undefined && current !== undefined
  return { included, current: known ? included && current === '1' : null }
}

/** Global variables that checks read. */
const GLOBALS = ['CONSENTRY_APP', 'DIAL_OPTIONS', 'TRUNK_OPTIONS']

/**
 * Asks a PBX for everything that checks need.
 *
 * @param app the ARI application of the service
 * @param through an ARI application that this process is connected to
 * @throws AppError `pbx.*` if the PBX does not answer
 */
export async function examinePbx(
  ari: AriTransport,
  { url, app, through }: { url: string; app: string; through: string },
): Promise<PbxExamination> {
  const [modules, writable] = await Promise.all([runningModules(ari).catch(unlessAway), mayWrite(ari)])
  // A read-only user can make no channel, and the dialplan can only be asked through a channel.
  const facts = await inspectPbx(ari, app, through)
  const names = [...GLOBALS.map(name => `GLOBAL(${name})`), 'FEATUREMAP(disconnect)']
  const [named, dial, trunk, disconnect] = await askDialplan(ari, through, names).catch(() => [])
  return {
    ...{ url: new URL(url).origin, app, ...facts, modules: modules ? [...modules] : null, writable },
    globals: { CONSENTRY_APP: named ?? null, DIAL_OPTIONS: dial ?? null, TRUNK_OPTIONS: trunk ?? null },
    ...{ disconnect: disconnect ?? null, followed: null },
  }
}

/** Whether this user may write. Sets a global variable that has no reader. */
async function mayWrite(ari: AriTransport): Promise<boolean | null> {
  const args = { variable: 'CONSENTRY_CHECK', value: '' }
  return ari.request('asterisk', 'setGlobalVar', args).then(
    () => true,
    (error: unknown) => (codeOf(error) === 'pbx.refused' ? false : (unlessAway(error) ?? null)),
  )
}

/** A refused value counts as unknown. @throws the error if the PBX is away */
function unlessAway(error: unknown): undefined {
  if (error instanceof AppError && !error.retryable) return undefined
  throw error
}

/** Names of the modules that run, such as `app_stasis.so`. @throws AppError `pbx.*` */
export async function runningModules(ari: AriTransport): Promise<ReadonlySet<string>> {
  const list = await ari.request('asterisk', 'listModules', {})
  const modules = Array.isArray(list) ? (list as { name: string; status: string }[]) : []
  return new Set(modules.filter(({ status }) => status === 'Running').map(({ name }) => name))
}
