/**
 * The prober: a small process that tries whether store and key store take anything, and whether prompts can be read. A place that hangs keeps threads of this
 * process, and none of the service. It reads its settings and then questions as lines of JSON from standard input, and writes
 * one line to standard output for each answer. It ends with its input.
 */
import { readdir } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { endProcess } from '../../process/end-process.js'
import type { KeyStore } from '../keys/key-store.js'
import { openKeyStore } from '../keys/key-store.js'
import type { ObjectStore } from '../store/store.js'
import { openStore } from '../store/store.js'
import type { Answer, ProbeSettings, Question } from './probe.js'

process.title = 'consentry prober'
process.umask(0o077)

interface Places {
  store: ObjectStore
  keyStore: KeyStore
  /** Folder. */
  prompts: string
}

async function open({ store, keystore, prompts, marking }: ProbeSettings): Promise<Places> {
  return { store: await openStore(store, marking), keyStore: await openKeyStore(keystore, marking), prompts }
}

async function answer({ store, keyStore, prompts }: Places, { n, what, purpose }: Question): Promise<Answer> {
  try {
    if (what === 'store') await store.checkWritable(purpose)
    else if (what === 'keys') await keyStore.checkWritable(purpose)
    else if (what === 'prompts') await readdir(prompts, { recursive: true })
    else {
      const room = await store.room(purpose)
      return { n, ...(room && { room }) }
    }
    return { n }
  } catch (error) {
    return { n, error: (error as Error).message }
  }
}

let places: Promise<Places> | undefined
const lines = createInterface({ input: process.stdin })
lines.on('line', async line => {
  if (!places) {
    places = open(JSON.parse(line) as ProbeSettings)
    return
  }
  const given = await answer(await places, JSON.parse(line) as Question)
  process.stdout.write(`${JSON.stringify(given)}\n`)
})
lines.on('close', () => endProcess(0))
// The service is gone.
process.stdout.on('error', () => endProcess(1))
