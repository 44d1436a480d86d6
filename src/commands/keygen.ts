import { resolve } from 'node:path'
import { type MadeKeys, makeKeys } from '../operations/make-keys.js'
import { byOption } from './actor.js'
import { type Command, printJson, text, UsageError } from './command.js'
import { rotate } from './rotate.js'

export const command: Command = {
  summary: 'Makes key pairs, or rotates them',
  details:
    'Writes recipients.json for the host that records, and identity.json for where recordings are opened. --rotate draws new pairs and seals every key file for them, so that the old identities open nothing. It continues a rotation that was interrupted. --drop-old: without services or keys that are gone for good (docs/keys.md).',
  usage: ['PURPOSE… [--dir DIR]', '--rotate [PURPOSE…] [--dir DIR] [--drop-old] [--by NAME]'],
  example: 'keygen service marketing --dir keys',
  options: {
    dir: { type: 'string' },
    rotate: { type: 'boolean' },
    'drop-old': { type: 'boolean' },
    ...byOption,
  },
  async run(request) {
    if (request.options['rotate'] === true) return rotate(request)
    const purposes = [...new Set(request.words)]
    if (purposes.length === 0)
      throw new UsageError('at least one purpose is needed, for example: consentry keygen service')
    const made = await makeKeys(purposes, resolve(text(request, 'dir') ?? '.'))
    if (request.json) printJson(made)
    else process.stdout.write(advice(made))
    return 0
  },
}

const advice = ({ recipients, identity }: MadeKeys): string => `Public halves: ${recipients}
  on the recording host:          CONSENTRY_RECIPIENTS=${recipients}
Secret halves: ${identity}
  only where recordings are opened: CONSENTRY_IDENTITY=${identity}
  Move it off this machine and keep a copy: without it no recording can ever be opened.
`
