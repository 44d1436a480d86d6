// Runs command lines, given as JSON, one after the other in this process. Prints the result of each as one JSON document.
import { main } from '../../../src/cli.js'
import type { CommandResult } from './command.js'

/** Collects in `said[name]` what is written to a stream. @returns ends that */
function collect(stream: NodeJS.WriteStream, said: CommandResult, name: 'out' | 'err'): () => void {
  const write = stream.write
  stream.write = ((piece: string | Uint8Array) => {
    said[name] += piece
    return true
  }) as typeof write
  return () => {
    stream.write = write
  }
}

const results: CommandResult[] = []
for (const args of JSON.parse(process.argv[2]!) as string[][]) {
  const said: CommandResult = { code: null, out: '', err: '' }
  const ends = [collect(process.stdout, said, 'out'), collect(process.stderr, said, 'err')]
  said.code = await main(args)
  for (const end of ends) end()
  results.push(said)
}
process.stdout.write(JSON.stringify(results))
