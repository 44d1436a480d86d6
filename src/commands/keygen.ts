import { resolve } from 'node:path'
import { Secret } from '../core/secret.js'
import { isPurpose, type MadeKeys, makeKeys } from '../recordings/keys/make-keys.js'
import { restoreKeys } from '../recordings/keys/restore-keys.js'
import { byOption } from './actor.js'
import { type Command, printJson, type Request, text, UsageError } from './command.js'
import { rotate } from './rotate.js'

export const command: Command = {
  summary: 'Makes key pairs, or rotates them',
  details:
    'Writes recipients.json for the host that records, and identity.json for where recordings are opened. --rotate draws new pairs and seals every key file for them, so that the old identities open nothing. It continues a rotation that was interrupted. --drop-old: without services or keys that are gone for good (docs/keys.md). --restore: writes identity.json from the 24 words of a recovery sheet, which it reads from standard input.',
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
    if (request.json) printJson(made)
    else process.stdout.write(advice(made))
    return 0
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
  if (request.json) printJson(restored)
  else
    process.stdout.write(`Secret halves: ${restored.identity} (${restored.keys.join(', ')})
  only where recordings are opened: CONSENTRY_IDENTITY=${restored.identity}
`)
  return 0
}

const advice = ({ recipients, identity }: MadeKeys): string => `Public halves: ${recipients}
  on the recording host:          CONSENTRY_RECIPIENTS=${recipients}
Secret halves: ${identity}
  only where recordings are opened: CONSENTRY_IDENTITY=${identity}
  Move it off this machine and keep a copy: without it no recording can ever be opened.
`
