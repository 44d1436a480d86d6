import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { address } from '../config/fields.js'
import { createLog } from '../lib/log.js'
import { endOnFault, stopSignal } from '../lib/process/faults.js'
import { createSigningKey, readSigningKey } from '../log/notes/log-key.js'
import { COSIGNATURE, ED25519, parseVerifier, type Verifier } from '../log/notes/note.js'
import { joinTrust, trustIn } from '../log/notes/trusted-keys.js'
import { requireMemory, WitnessBook } from '../log/notes/witness.js'
import { startWitnessServer } from '../log/witness-server.js'
import { type Command, noWords, print, type Request, text, texts, UsageError } from './command.js'

export const command: Command = {
  summary: 'Witnesses the logs of other machines',
  details:
    'Remembers the largest state of each log, cosigns what continues it, and refuses forks and roll-backs. KEY is the verifier key of the log, or a file that holds it and the statements by which it was rotated.',
  usage: ['--log KEY… [--name NAME] [--dir DIR] [--listen HOST:PORT]'],
  example: 'witness --log /etc/consentry/log.pub',
  options: {
    log: { type: 'string', multiple: true },
    name: { type: 'string' },
    dir: { type: 'string' },
    listen: { type: 'string' },
  },
  async run(request) {
    noWords(request)
    const { logs, rotations } = await logsOf(request)
    const dir = resolve(text(request, 'dir') ?? './witness')
    const name = text(request, 'name') ?? 'consentry/witness'
    if (/[\s+]/.test(name)) throw new UsageError('--name takes a name without spaces and plus signs')
    const at = address.safeParse(text(request, 'listen') ?? '127.0.0.1:7380')
    if (!at.success) throw new UsageError(`--listen: ${at.error.issues[0]!.message}`)
    const file = join(dir, 'witness.key')
    const known = await readSigningKey(file, name, COSIGNATURE)
    await requireMemory(join(dir, 'logs'), known === undefined)
    const key = known ?? (await createSigningKey(file, name, COSIGNATURE))
    const log = createLog()
    endOnFault(log)
    const book = new WitnessBook({ dir: join(dir, 'logs'), name, key, logs, rotations }, (origin, status) =>
      log.warn({ origin, status }, 'a checkpoint was refused'),
    )
    const server = await startWitnessServer(at.data, book)
    const ready = { ready: true, url: server.url, key: key.verifier, logs: logs.map(one => one.name) }
    print(request, ready, `Witness at ${server.url}\nCONSENTRY_WITNESS_KEY=${key.verifier}\n`)
    await stopSignal()
    await server.close()
    return 0
  },
}

async function logsOf(request: Request): Promise<{ logs: Verifier[]; rotations: readonly string[] }> {
  const given = texts(request, 'log')
  if (given.length === 0)
    throw new UsageError('--log is needed: what consentry log prints on the machine that keeps it')
  const trust = joinTrust(
    await Promise.all(
      given.map(async word => {
        const named = trustIn(parseVerifier(word) ? word : await readFile(word, 'utf8').catch(() => ''))
        if (logKeysIn(named.keys).length > 0 || named.rotations.length > 0) return named
        throw new UsageError(`"${word}" is neither the verifier key of a log nor a file that holds one`)
      }),
    ),
  )
  const logs = logKeysIn(trust.keys)
  if (logs.length > 0) return { logs, rotations: trust.rotations }
  throw new UsageError('give the verifier key of the log besides the statements by which it was rotated')
}

const logKeysIn = (keys: readonly string[]): Verifier[] =>
  keys.map(parseVerifier).filter((one): one is Verifier => one?.type === ED25519)
