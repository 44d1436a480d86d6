import { resolve } from 'node:path'
import pc from 'picocolors'
import { readConfig } from '../config/config.js'
import { counted } from '../lib/plural.js'
import { readLog } from '../log/read-log.js'
import { type LogKeyRotation, rotateKeyOfLog } from '../log/rotate-key.js'
import { actor, byOption } from './actor.js'
import { type Command, print, type Request, text, UsageError } from './command.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: "Prints the transparency log's public key and last checkpoint, or rotates its key",
  details:
    'Whoever checks receipts or the journal needs this key. rotate-key draws a new one: both keys sign from how many events on it signs, the log has that statement, and the former key is destroyed, or copied to the file of --keep first. Services may run or not. Run again after an interruption.',
  usage: ['', 'rotate-key [--keep FILE] [--by NAME]'],
  example: 'log rotate-key --by anna',
  options: { keep: { type: 'string' }, ...byOption },
  async run(request) {
    const [verb, ...more] = request.words
    if (more.length > 0 || (verb !== undefined && verb !== 'rotate-key'))
      throw new UsageError('say nothing, or rotate-key')
    return verb === undefined ? show(request) : rotate(request)
  },
}

async function show(request: Request): Promise<number> {
  if (Object.keys(request.options).some(name => ['keep', 'by'].includes(name)))
    throw new UsageError('--keep and --by go with rotate-key')
  const log = await readLog({ config: readConfig(process.env, 'tool') })
  return print(request, log, [`${log.key}\n`, log.checkpoint, ...log.rotations].filter(Boolean).join('\n'))
}

async function rotate(request: Request): Promise<number> {
  const by = actor(request)
  const keep = text(request, 'keep')
  const file = keep === undefined ? undefined : resolve(keep)
  const done = await withProject(project => rotateKeyOfLog(project, by, file))
  return print(request, { ...done, kept: file ?? null }, report(done, file))
}

const report = ({ from, to, size, continued }: LogKeyRotation, kept: string | undefined): string =>
  `${pc.green('Rotated.')} ${continued ? 'This finished an earlier run. ' : ''}Checkpoints of more than ${counted(size, 'event', 'events')} are signed by the new key:
${to}
The former key signs nothing any more, and is ${kept ? `in ${kept}` : 'destroyed'}:
${from}
What is to be done:
  1. Copy log.key to the backup and to each other service that extends the log.
  2. Publish the new key, and log/rotations.txt as soon as a service has written it: both keys have signed it.
  3. Restart each witness with --log FILE, a file with the new key and these statements.
`
