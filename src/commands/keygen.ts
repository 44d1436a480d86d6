import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { makeFolders } from '../files/make-folders.js'
import { makeSecretFile } from '../files/secret-file.js'
import { AppError } from '../shared/errors.js'
import { generateIdentity } from '../vault/crypto/keygen.js'
import { cryptoReady } from '../vault/crypto/ready.js'
import { byOption } from './actor.js'
import { type Command, printJson, text, UsageError } from './command.js'
import { rotate } from './rotate.js'

const slug = /^[a-z][a-z0-9-]{0,31}$/

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
    const odd = purposes.find(purpose => !slug.test(purpose))
    if (odd)
      throw new UsageError(`"${odd}" is no purpose: lower-case letters, digits and hyphens are allowed`)
    await cryptoReady
    const pairs = purposes.map(generateIdentity)
    const dir = resolve(text(request, 'dir') ?? '.')
    await makeFolders(dir, 0o700).catch(cannotWrite(dir))
    const recipients = join(dir, 'recipients.json')
    const identity = join(dir, 'identity.json')
    // Refusing to overwrite: a lost identity makes every recording under it unreadable.
    await save(
      identity,
      pairs.map(pair => pair.identity),
      0o600,
    )
    await save(
      recipients,
      pairs.map(pair => pair.recipient),
      0o644,
    ).catch(async error => {
      // Half a pair is of no use, and would stand in the way of the next try.
      await rm(identity)
      throw error
    })
    if (request.json) printJson({ recipients, identity, keys: pairs.map(pair => pair.recipient) })
    else process.stdout.write(advice(recipients, identity))
    return 0
  },
}

async function save(path: string, content: unknown, mode: number): Promise<void> {
  await makeSecretFile(path, `${JSON.stringify(content, null, 2)}\n`, mode).catch(cannotWrite(path))
}

const cannotWrite =
  (path: string) =>
  ({ code }: NodeJS.ErrnoException): never => {
    const why =
      code === 'EEXIST'
        ? 'exists already and is not overwritten; choose another --dir'
        : `cannot be written: ${code}`
    throw new AppError('store.unwritable', `${path} ${why}`)
  }

const advice = (recipients: string, identity: string) => `Public halves: ${recipients}
  on the recording host:          CONSENTRY_RECIPIENTS=${recipients}
Secret halves: ${identity}
  only where recordings are opened: CONSENTRY_IDENTITY=${identity}
  Move it off this machine and keep a copy: without it no recording can ever be opened.
`
