import { join, resolve } from 'node:path'
import pc from 'picocolors'
import { keyFilePaths } from '../config/key-files.js'
import { counted } from '../lib/plural.js'
import {
  type KeyPairFiles,
  purposesToRotate,
  type Rotation,
  rotateKeys,
} from '../recordings/keys/rotate-keys.js'
import { actor } from './actor.js'
import { printJson, type Request, text, UsageError } from './command.js'
import { showProgress } from './progress.js'
import { table } from './table.js'
import { withProject } from './with-project.js'

/**
 * `keygen --rotate`: rotates the keys of the purposes named, or of all, and reports the remaining steps.
 *
 * @returns the exit code: 1 while it is not finished, and an old identity still opens key files
 */
export async function rotate(request: Request): Promise<number> {
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
  if (request.json) printJson({ ...files, rotations })
  else process.stdout.write(report(files, rotations))
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
