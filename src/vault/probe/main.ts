/**
 * The prober: a small process that tests whether store and key store can be written and prompts can be read. A disk that hangs
 * blocks threads of this process and none of the service. It reads lines of JSON from standard input: first its settings, then
 * questions. It writes one line of JSON to standard output for each answer, and ends when its input ends.
 */
import { createInterface } from 'node:readline'
import { endProcess } from '../../lib/process/end-process.js'
import { watchWork } from '../../lib/work.js'
import type { KeyStore } from '../keys/key-store.js'
import { openKeyStore } from '../keys/key-store.js'
import type { AppendStore } from '../store/store.js'
import { openStore } from '../store/store.js'
import { listBelow, type ProbeAnswer, type ProbeQuestion, type ProbeSettings } from './messages.js'

process.title = 'consentry prober'
process.umask(0o077)

interface OpenStorage {
  store: AppendStore
  keyStore: KeyStore
  /** Path of the folder of converted prompts. */
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
    else if (what === 'prompts') await listBelow(prompts)
    else {
      const room = await store.freeSpace(purpose)
      return { n, ...(room && { room }) }
    }
    return { n }
  } catch (error) {
    return { n, error: (error as Error).message }
  }
}

const answer = (one: ProbeAnswer) => void process.stdout.write(`${JSON.stringify(one)}\n`)

let storage: Promise<OpenStorage> | undefined
const lines = createInterface({ input: process.stdin })
lines.on('line', async line => {
  if (!storage) {
    storage = openStorage(JSON.parse(line) as ProbeSettings)
    return
  }
  const question = JSON.parse(line) as ProbeQuestion
  const work = answerQuestion(await storage, question)
  answer(await watchWork(work, underWayMs => answer({ n: question.n, underWayMs: Math.round(underWayMs) })))
})
lines.on('close', () => endProcess(0))
// Writing fails when the service has ended.
process.stdout.on('error', () => endProcess(1))
