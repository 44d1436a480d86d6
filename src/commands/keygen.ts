import { join, resolve } from 'node:path'
import pc from 'picocolors'
import { keyFilePaths } from '../config/settings-file.js'
import { Secret } from '../core/secret.js'
import { counted } from '../lib/plural.js'
import { isPurpose, type MadeKeys, makeKeys, restoreKeys } from '../recordings/keys/make-keys.js'
import {
  type KeyPairFiles,
  purposesToRotate,
  type Rotation,
  rotateKeys,
} from '../recordings/keys/rotate-keys.js'
import { actor, byOption } from './actor.js'
import { type Command, print, type Request, text, UsageError } from './command.js'
import { showProgress, table } from './table.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Makes key pairs, or rotates them',
  details:
    'Writes recipients.json for the host that records, and identity.json for where recordings are opened. --rotate draws new pairs and seals every key file for them, so that the old identities open nothing. It continues a rotation that was interrupted. --drop-old: without services or keys that are gone for good (docs/security.md). --restore: writes identity.json from the 24 words of a recovery sheet, which it reads from standard input.',
  usage: [
    'PURPOSE… [--dir DIR]',
    'PURPOSE… --restore [--dir DIR] <WORDS',
    '--rotate [PURPOSE…] [--dir DIR] [--drop-old] [--by NAME]',
  ],
  example: 'keygen service marketing --dir keys',
  options: {
    dir: { type: 'string' },
    restore: { type: 'boolean' },
    rotate: { type: 'boolean' },
    'drop-old': { type: 'boolean' },
    ...byOption,
  },
  async run(request) {
    if (request.options['rotate'] === true) return rotate(request)
    const purposes = [...new Set(request.words)]
    if (purposes.length === 0)
      throw new UsageError('at least one purpose is needed, for example: consentry keygen service')
    const odd = purposes.find(purpose => !isPurpose(purpose))
    if (odd !== undefined)
      throw new UsageError(`"${odd}" is no purpose: lower-case letters, digits and hyphens are allowed`)
    if (request.options['restore'] === true) return restore(request, purposes)
    const made = await makeKeys(purposes, resolve(text(request, 'dir') ?? '.'))
    return print(request, made, advice(made))
  },
}

/** Longest input of `--restore`, characters. The words of a sheet have some 200. */
const MAX_INPUT = 10_000

async function restore(request: Request, purposes: readonly string[]): Promise<number> {
  if (process.stdin.isTTY) process.stderr.write('Type the 24 words of the sheet, then Ctrl-D:\n')
  let typed = ''
  for await (const piece of process.stdin.setEncoding('utf8')) {
    typed += piece
    if (typed.length > MAX_INPUT) throw new UsageError('give the 24 words of the sheet, and nothing else')
  }
  const dir = resolve(text(request, 'dir') ?? '.')
  const restored = await restoreKeys(purposes, { words: new Secret(typed), dir })
  return print(
    request,
    restored,
    `Secret halves: ${restored.identity} (${restored.keys.join(', ')})
  only where recordings are opened: CONSENTRY_IDENTITY=${restored.identity}
`,
  )
}

const advice = ({ recipients, identity }: MadeKeys): string => `Public halves: ${recipients}
  on the recording host:          CONSENTRY_RECIPIENTS=${recipients}
Secret halves: ${identity}
  only where recordings are opened: CONSENTRY_IDENTITY=${identity}
  Move it off this machine and keep a copy: without it no recording can ever be opened.
`

/**
 * `keygen --rotate`: rotates the keys of the purposes named, or of all, and reports the remaining steps.
 *
 * @returns the exit code: 1 while it is not finished, and an old identity still opens key files
 */
async function rotate(request: Request): Promise<number> {
  const files = filesOf(request)
  const by = actor(request)
  const purposes = await purposesToRotate(files, request.words)
  const rotations = await withProject(async project => {
    const done: Rotation[] = []
    for (const purpose of purposes) {
      const progress = request.json ? {} : { progress: showProgress(`keys of ${purpose}`) }
      const how = { files, dropOld: request.options['drop-old'] === true, ...progress }
      done.push(await rotateKeys(project, by, purpose, how))
    }
    return done
  })
  print(request, { ...files, rotations }, report(files, rotations))
  return rotations.every(({ finished }) => finished) ? 0 : 1
}

/** The paths of both files, because a rotation rewrites them. */
function filesOf(request: Request): KeyPairFiles {
  const dir = text(request, 'dir')
  if (dir !== undefined)
    return { recipients: resolve(dir, 'recipients.json'), identity: resolve(dir, 'identity.json') }
  const { recipients, identity } = keyFilePaths(process.env)
  if (recipients && identity) return { recipients, identity }
  throw new UsageError(
    `--rotate rewrites the key files: give --dir DIR with ${join('DIR', 'recipients.json')} and identity.json, or set CONSENTRY_RECIPIENTS and CONSENTRY_IDENTITY to their paths`,
  )
}

function report(files: KeyPairFiles, rotations: readonly Rotation[]): string {
  const rows = rotations.map(({ purpose, from, to, resealed, unchanged, failed, missing }) => [
    purpose,
    from.join('\n'),
    to,
    String(resealed),
    String(unchanged),
    ...[failed.length, missing].map(count => (count === 0 ? pc.green('0') : pc.red(String(count)))),
  ])
  const head = ['purpose', 'old key', 'new key', 'resealed', 'as they were', 'failed', 'in no place']
  const faults = rotations.flatMap(({ failed }) =>
    failed.map(({ part, reason }) => `${pc.red('not resealed:')} ${part}: ${reason}\n`),
  )
  return `${table(head, rows)}${faults.join('')}${nextSteps(files, rotations)}`
}

function nextSteps({ recipients, identity }: KeyPairFiles, rotations: readonly Rotation[]): string {
  const missing = rotations.filter(one => one.missing > 0)
  if (rotations.every(({ finished }) => finished))
    return `${pc.green('Finished.')} ${withoutKeys(missing)}The old identities are gone from ${identity}; they open nothing any more.
Keep a copy of the new ones where the old copy was, and destroy that one.
`
  const nodes = [...new Set(rotations.flatMap(({ waiting }) => waiting.map(({ node }) => node)))]
  const again = thisAgain(rotations)
  const failed = rotations.some(({ failed }) => failed.length > 0)
  const keysFirst = failed
    ? `The keys named above do not open with any identity at hand. Nothing of their purpose was dropped: bring back what
they need, from the other mirror for example, and run ${again}.
`
    : ''
  const placesFirst = missing
    .filter(({ finished }) => !finished)
    .map(
      one => `${keysOf(one, ['is', 'are'])} in no folder of CONSENTRY_KEYSTORE: see that it names all folders, and
run ${again}; consentry audit names them. Where they are lost for good, --drop-old goes on without them.
`,
    )
    .join('')
  const first = `${pc.yellow('Not finished.')} ${keysFirst}${placesFirst}`
  if (nodes.length === 0) return first
  return `${first}What is to be done${failed || placesFirst ? ' besides' : ''}, in this order:
  1. Keep a copy of ${identity}: it holds the new identities, and for now the old ones.
  2. Bring ${recipients} to each recording host, and restart the service there; still with an old key: ${nodes.join(', ')}.
  3. Run ${again}: it catches what was recorded meanwhile, and drops the old identities.
Where a service is gone for good, --drop-old goes on without its restart.
`
}

/** @returns `1 key of service is`, `2 keys of service are` */
const keysOf = ({ missing, purpose }: Rotation, [one, other]: [string, string]): string =>
  counted(missing, `key of ${purpose} ${one}`, `keys of ${purpose} ${other}`)

/** Names the missing keys of rotations that were finished without them. */
const withoutKeys = (missing: readonly Rotation[]): string =>
  missing.map(one => `${keysOf(one, ['was', 'were'])} in no folder, and not resealed. `).join('')

/** Leaves out finished purposes, for which another run would begin another rotation. */
function thisAgain(rotations: readonly Rotation[]): string {
  const open = rotations.filter(({ finished }) => !finished).map(({ purpose }) => purpose)
  return open.length === rotations.length ? 'this again' : `this again for ${open.join(' and ')} alone`
}
