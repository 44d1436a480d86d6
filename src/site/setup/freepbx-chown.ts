import { join } from 'node:path'
import { words } from '../../core/words.js'
import { asteriskFile, asteriskFolder, CUSTOM, MODE, ownFile } from './asterisk-file.js'
import type { Change, FileChange } from './change.js'
import { type Machine, readFile, seenFile } from './machine.js'
import { writeFile } from './text-file.js'

/** Exemptions from FreePBX's `fwconsole chown`, which opens every other file of Asterisk's folder to all users. */
const chownFile = (machine: Machine): string => join(asteriskFolder(machine).path, 'freepbx_chown.conf')

const itemFor = (machine: Machine): string => `item = ${ownFile(machine, 'ari.conf')}`

/**
 * Keeps the file with ARI's password closed, even if FreePBX sets the modes of files.
 *
 * @param isWritten whether that file is about to be written
 */
export function planClosedPassword(machine: Machine, isWritten: boolean): Change[] {
  const password = ownFile(machine, 'ari.conf')
  const { leader } = asteriskFolder(machine)
  const seen = seenFile(machine, password, leader)
  if (!seen && !isWritten) return []
  const { config } = asteriskFile(machine, 'ari.conf')
  const isFreePbx = config.includes.includes(CUSTOM['ari.conf']!)
  const close: Change = { do: 'close', path: password, leader, why: CLOSES }
  return [...(isFreePbx ? exempt(machine) : []), ...(((seen?.mode ?? 0) & 0o007) !== 0 ? [close] : [])]
}

const CLOSES = words('Only Asterisk reads the password.', 'Пароль читает только Asterisk.')

function exempt(machine: Machine): FileChange[] {
  const path = chownFile(machine)
  const { leader, path: folder } = asteriskFolder(machine)
  const before = readFile(machine, path, leader) ?? ''
  const item = itemFor(machine)
  if (before.split('\n').includes(item)) return []
  const after = /^\[blacklist\]/m.test(before)
    ? before.replace(/^\[blacklist\].*$/m, section => `${section}\n${item}`)
    : `${before.replace(/\n?$/, before === '' ? '' : '\n')}[blacklist]\n${item}\n`
  return writeFile(machine, path, { after, mode: MODE, leader, like: join(folder, 'ari.conf') })
}

/** Removes the exemption. */
export function withoutExemption(machine: Machine): FileChange[] {
  const { leader } = asteriskFolder(machine)
  const before = readFile(machine, chownFile(machine), leader)
  if (before === undefined) return []
  const after = before.split('\n').filter(line => line !== itemFor(machine))
  return writeFile(machine, chownFile(machine), { after: after.join('\n'), mode: MODE, leader })
}
