// Real: the keeper, a consuming process with its files, pipes, kill -9. Fake: Asterisk.
// The test writes blocks of 32 KB like Asterisk, but a hundred times faster.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { LEGS } from '../../src/core/audio.js'
import { until } from '../support/processes/database.js'
import { keeperSettings, openPipes, startKeeper } from '../support/processes/keeper.js'

const ROUNDS = 30
const BLOCK = 32_768
const consumer = join(import.meta.dirname, '../support/processes/keeper-consumer.js')

/** Writes blocks until `talking` is false, and then a shorter last one. @returns all bytes written */
async function speak(pipe: FileHandle, talking: () => boolean): Promise<Buffer> {
  const blocks: Buffer[] = []
  while (talking()) {
    const block = randomBytes(BLOCK)
    await pipe.writeFile(block)
    blocks.push(block)
    await pause(randomInt(20, 100))
  }
  const last = randomBytes(randomInt(1, BLOCK))
  await pipe.writeFile(last)
  await pipe.close()
  return Buffer.concat([...blocks, last])
}

t.test(`a consumer killed ${ROUNDS} times at any moment loses no byte and doubles none`, async t => {
  // The test writes minutes of audio in seconds, so the keeper may hold more than 30 s of it.
  const settings = await keeperSettings(t, { heldBytes: 10_000_000 })
  await startKeeper(t, settings)
  const folder = join(dirname(settings.tapDir), 'consumer')
  mkdirSync(folder)
  const settingsFile = join(folder, 'settings')
  writeFileSync(settingsFile, JSON.stringify(settings))
  let child: ChildProcess | undefined
  const start = (): void => {
    child = spawn(process.execPath, [consumer, settingsFile, folder], { stdio: 'inherit' })
  }
  const kill = async (): Promise<void> => {
    const ended = new Promise(resolve => child?.once('exit', resolve))
    child?.kill('SIGKILL')
    await ended
  }
  t.teardown(() => child?.kill('SIGKILL'))

  start()
  const prefixFile = join(folder, 'prefix')
  await until(() => existsSync(prefixFile) && readFileSync(prefixFile, 'utf8') !== '')
  const pipes = await openPipes(t, readFileSync(prefixFile, 'utf8'))
  let talking = true
  const spoken = Promise.all(pipes.map(pipe => speak(pipe, () => talking)))
  for (let round = 0; round < ROUNDS; round++) {
    await pause(randomInt(10, 500))
    await kill()
    start()
  }
  talking = false
  const expected = await spoken
  await until(() => LEGS.every(leg => existsSync(join(folder, `end-${leg}`))))
  for (const [pipe, leg] of LEGS.entries()) {
    const received = readFileSync(join(folder, leg))
    t.equal(received.length, expected[pipe]!.length, `${leg}, bytes`)
    t.ok(received.equals(expected[pipe]!), `${leg}, each byte in its place`)
  }
  for (const sign of ['gap', 'wrong-place', 'interrupted']) t.notOk(existsSync(join(folder, sign)), sign)
})
