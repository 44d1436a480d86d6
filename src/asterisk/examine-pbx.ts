import { AppError, codeOf } from '../core/errors.js'
import type { PbxExamination } from '../core/pbx-facts.js'
import { askDialplan } from './ask-dialplan.js'
import { inspectPbx } from './inspect-pbx.js'
import { runningModules } from './running-modules.js'
import type { AriTransport } from './transport/ari-transport.js'

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
