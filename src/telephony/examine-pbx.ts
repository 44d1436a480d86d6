import { AppError, codeOf } from '../shared/errors.js'
import type { PbxExamination } from '../shared/pbx-facts.js'
import { askDialplan } from './ask-dialplan.js'
import { inspectPbx } from './inspect-pbx.js'
import { runningModules } from './running-modules.js'
import type { AriTransport } from './transport/ari-transport.js'

/** Most extensions whose setting of recording is read. More would take a PBX that is busy too long. */
const MOST_EXTENSIONS = 200
/** How FreePBX keeps whether the calls of an extension are recorded. */
const FREEPBX_RECORDING = 'recording/in/external'
const ALWAYS = ['force', 'always']

/**
 * Asks a PBX for all that checks look at.
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
  // A user who may only read can make no channel, and without a channel the dialplan cannot be asked.
  const facts = await inspectPbx(ari, app, through)
  const [named, options, families] = await askDialplan(ari, through, [
    'GLOBAL(CONSENTRY_APP)',
    'GLOBAL(DIAL_OPTIONS)',
    'DB_KEYS(AMPUSER)',
  ]).catch(() => [])
  return {
    ...{ url: new URL(url).origin, app, ...facts, modules: modules ? [...modules] : null, writable },
    globals: { CONSENTRY_APP: named ?? null, DIAL_OPTIONS: options ?? null },
    recorded: families === undefined ? null : await recordedExtensions(ari, through, families),
  }
}

/** Sets a global variable that nobody reads. */
async function mayWrite(ari: AriTransport): Promise<boolean | null> {
  const args = { variable: 'CONSENTRY_CHECK', value: '' }
  return ari.request('asterisk', 'setGlobalVar', args).then(
    () => true,
    (error: unknown) => (codeOf(error) === 'pbx.refused' ? false : (unlessAway(error) ?? null)),
  )
}

/** What the PBX refuses is not known. @throws the error if the PBX is away */
function unlessAway(error: unknown): undefined {
  if (error instanceof AppError && !error.retryable) return undefined
  throw error
}

async function recordedExtensions(
  ari: AriTransport,
  through: string,
  families: string,
): Promise<readonly string[]> {
  const extensions = families
    .split(',')
    .filter(one => /^[0-9A-Za-z]{1,20}$/.test(one))
    .slice(0, MOST_EXTENSIONS)
  if (extensions.length === 0) return []
  const names = extensions.map(one => `DB(AMPUSER/${one}/${FREEPBX_RECORDING})`)
  const answers = await askDialplan(ari, through, names).catch(() => [])
  return extensions.filter((_, i) => ALWAYS.includes(answers[i] ?? ''))
}
