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
import type { Tap, TapListener } from '../../../src/audio/tap/tap.js'
import type { Leg } from '../../../src/core/audio.js'
import { silent } from './database.js'

/**
 * A process that takes audio from the keeper as the service does, but does not seal it. It appends each block to a file for
 * each leg, syncs the file and acknowledges the block. After a kill the next process continues where the files end.
 */
const [settingsFile, folder] = process.argv.slice(2) as [string, string]
const fileOf = (leg: Leg): string => `${folder}/${leg}`
const sizeOf = (leg: Leg): number => (existsSync(fileOf(leg)) ? statSync(fileOf(leg)).size : 0)

const files = { caller: openSync(fileOf('caller'), 'a'), agent: openSync(fileOf('agent'), 'a') }
let tap: Tap
const listener: TapListener = {
  block({ leg, sample, bytes }) {
    if (sample !== sizeOf(leg)) writeFileSync(`${folder}/wrong-place`, `${leg} ${sample} ${sizeOf(leg)}`)
    appendFileSync(files[leg], bytes)
    fsyncSync(files[leg])
    tap.acknowledge(leg, sample + bytes.length)
  },
  gap(leg, from, to) {
    writeFileSync(`${folder}/gap`, `${leg} ${from} ${to}`)
  },
  filling() {},
  end(leg) {
    closeSync(files[leg])
    writeFileSync(`${folder}/end-${leg}`, '')
  },
  interrupted() {
    writeFileSync(`${folder}/interrupted`, '')
  },
}
const client = await KeeperClient.start(JSON.parse(readFileSync(settingsFile, 'utf8')), silent)
const [held] = client.held
if (held) tap = client.recoverTap(held, { caller: sizeOf('caller'), agent: sizeOf('agent') }, listener)
else {
  tap = await client.openTap('the call', listener)
  writeFileSync(`${folder}/prefix`, tap.reference)
}
