import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { KeeperClient } from '../../../src/audio/tap/keeper-client.js'
import type { PipeListener, PipeTap } from '../../../src/audio/tap/pipe-tap.js'
import type { LegIndex } from '../../../src/keeper/protocol.js'
import { silent } from './database.js'

/**
 * A process that takes audio from the keeper as the service does, but does not seal it. It appends each block to a file for
 * each leg, syncs the file and acknowledges the block. After a kill the next process continues where the files end.
 */
const [settingsFile, folder] = process.argv.slice(2) as [string, string]
const fileOf = (leg: LegIndex): string => `${folder}/leg${leg}`
const sizeOf = (leg: LegIndex): number => (existsSync(fileOf(leg)) ? statSync(fileOf(leg)).size : 0)

const files = [openSync(fileOf(0), 'a'), openSync(fileOf(1), 'a')] as const
let tap: PipeTap
const listener: PipeListener = {
  block(leg, offset, _arrivedAt, bytes) {
    if (offset !== sizeOf(leg)) writeFileSync(`${folder}/wrong-place`, `${leg} ${offset} ${sizeOf(leg)}`)
    appendFileSync(files[leg], bytes)
    fsyncSync(files[leg])
    client.acknowledge(tap, leg, offset + bytes.length)
  },
  gap(leg, from, to) {
    writeFileSync(`${folder}/gap`, `${leg} ${from} ${to}`)
  },
  filling() {},
  end(leg) {
    closeSync(files[leg])
    writeFileSync(`${folder}/end${leg}`, '')
  },
  keeperDied() {
    writeFileSync(`${folder}/interrupted`, '')
  },
}
const client = await KeeperClient.start(JSON.parse(readFileSync(settingsFile, 'utf8')), silent)
const [held] = client.held
if (held) tap = client.recoverTap(held, [sizeOf(0), sizeOf(1)], listener)
else {
  tap = await client.openTap('the call', listener)
  writeFileSync(`${folder}/prefix`, tap.prefix)
}
