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
import type { ProbeAnswer, ProbeQuestion, ProbeSettings } from './messages.js'

process.title = 'consentry prober'
process.umask(0o077)

interface OpenStorage {
  store: ObjectStore
  keyStore: KeyStore
  /** Folder. */
  prompts: string
}

async function openStorage({ store, keystore, prompts, marking }: ProbeSettings): Promise<OpenStorage> {
  return { store: await openStore(store, marking), keyStore: await openKeyStore(keystore, marking), prompts }
}

async function answerQuestion(
  { store, keyStore, prompts }: OpenStorage,
  { n, what, purpose }: ProbeQuestion,
): Promise<ProbeAnswer> {
  try {
    if (what === 'store') await store.checkWritable(purpose)
    else if (what === 'keys') await keyStore.checkWritable(purpose)
    else if (what === 'prompts') await readdir(prompts, { recursive: true })
    else {
      const room = await store.freeSpace(purpose)
      return { n, ...(room && { room }) }
    }
    return { n }
  } catch (error) {
    return { n, error: (error as Error).message }
  }
}

let storage: Promise<OpenStorage> | undefined
const lines = createInterface({ input: process.stdin })
lines.on('line', async line => {
  if (!storage) {
    storage = openStorage(JSON.parse(line) as ProbeSettings)
    return
  }
  const result = await answerQuestion(await storage, JSON.parse(line) as ProbeQuestion)
  process.stdout.write(`${JSON.stringify(result)}\n`)
})
lines.on('close', () => endProcess(0))
// The service is gone.
process.stdout.on('error', () => endProcess(1))
