import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Pbx } from '../../../lab/pbx.js'
import { type CallLab, type CallLabOptions, startCallLab } from '../lab/call-lab.js'
import { asteriskVersion } from '../processes/asterisk-version.js'
import { type FreepbxSite, freepbxDialplan } from './dialplan.js'

/** Modules that FreePBX's dialplan needs and the lab does not load. `app_macro` is there in Asterisk 16 alone. */
const MODULES = ['func_db', 'app_exec', 'app_macro', 'app_voicemail']

/** Feature codes as FreePBX has them: two stars end a call, a star and one records it. */
const CODES = `
disconnect = **
[applicationmap]
apprecord = *1,caller,${asteriskVersion === 22 ? 'Gosub(macro-one-touch-record,s,1)' : 'Macro(one-touch-record)'}
`

/** A FreePBX of the lab. */
export interface FreepbxOptions extends Omit<FreepbxSite, 'version' | 'queues' | 'extensions'> {
  /** Each extension with what FreePBX dials for it. */
  phones: Readonly<Record<string, string>>
  /** Each queue with the extensions that are its members. */
  members: Readonly<Record<string, readonly string[]>>
  /** What the trunk dials. */
  trunk?: string
  /** Options of Dial for calls to extensions, as in Advanced Settings. */
  dialOptions?: string
  lab: Pick<CallLabOptions, 'lines' | 'env'>
}

/** Starts a call lab whose Asterisk has the contexts, the database and the files of a FreePBX. */
export async function startFreepbx(t: Test, options: FreepbxOptions): Promise<CallLab> {
  const { phones, members, trunk, dialOptions = 'Ttr', lab } = options
  const [queues, extensions] = [Object.keys(members), Object.keys(phones)]
  const text = freepbxDialplan({ ...options, version: asteriskVersion, queues, extensions })
  const site = await startCallLab(t, { ...lab, extensions: text })
  const { pbx } = site.lab
  const etc = (name: string) => join(pbx.dir, 'etc', name)
  await appendFile(etc('queues.conf'), Object.entries(members).map(queueSection).join('\n'))
  await appendFile(etc('features.conf'), CODES)
  const boxes = (options.mailboxes ?? []).map(box => `${box} => 1234,Box\n`)
  await writeFile(
    etc('voicemail.conf'),
    `[general]\nformat = wav\nmaxsilence = 0\n[default]\n${boxes.join('')}`,
  )
  for (const module of MODULES) await pbx.cli(`module load ${module}.so`)
  for (const order of ['queue reload all', 'module reload features']) await pbx.cli(order)
  for (const [extension, dialled] of Object.entries(phones)) {
    await put(pbx, `DEVICE/${extension}`, 'dial', dialled)
    await put(pbx, `DEVICE/${extension}`, 'user', extension)
  }
  const globals = {
    ...{ TRANSFER_CONTEXT: 'from-internal-xfer', DIAL_OPTIONS: dialOptions, TRUNK_OPTIONS: 'T' },
    DYNAMIC_FEATURES: 'apprecord',
    ...{ TRUNK_RING_TIMER: '30', OUT_1: trunk ?? '' },
  }
  for (const [name, value] of Object.entries(globals)) await pbx.setGlobal(name, value)
  return site
}

/** @throws Error if the PBX does not keep it */
async function put(pbx: Pbx, family: string, key: string, value: string): Promise<void> {
  const answer = await pbx.cli(`database put ${family} ${key} "${value}"`)
  if (!/successfully/.test(answer)) throw new Error(answer)
}

const queueSection = ([queue, members]: [string, readonly string[]]): string =>
  [
    `\n[${queue}]`,
    ...['strategy = ringall', 'timeout = 4', 'retry = 1'],
    ...members.map(member => `member => Local/${member}@from-queue/n`),
    '',
  ].join('\n')
