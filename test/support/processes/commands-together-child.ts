// Runs the command lines that its parent sends, one after the other.
import { main } from '../../../src/cli.js'
import type { CommandResult } from './command.js'

const channel = process.channel!
const settings = { ...process.env }
let result: CommandResult | undefined

for (const [stream, name] of [
  [process.stdout, 'out'],
  [process.stderr, 'err'],
] as const) {
  // Each command watches its output.
  stream.setMaxListeners(0)
  stream.write = ((piece: string | Uint8Array) => {
    if (result) result[name] += piece
    return true
  }) as typeof stream.write
}

process.on('message', async (args: string[]) => {
  const current: CommandResult = { code: null, out: '', err: '' }
  result = current
  // A command may have removed its settings.
  Object.assign(process.env, settings)
  channel.unref()
  current.code = await main(args)
})

// Nothing of the command keeps this process any more: a process of its own would end here.
process.on('beforeExit', () => {
  if (!result) return
  channel.ref()
  process.send!(result)
  result = undefined
})

process.on('disconnect', () => process.exit())
