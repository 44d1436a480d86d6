import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { projectRoot } from '../../../src/lib/process/project.js'
import { python } from './python.js'

/** A document for `tools/verify/batch.py`. `content` is in base64. */
export type Asked = { kind: string; content?: string } & Record<string, unknown>

/** The second verifier, which is written in Python from the documents. */
export const folder = join(projectRoot(), 'tools', 'verify')

/**
 * Has the second verifier judge many documents in one process.
 *
 * @returns for each: false if it does not hold; otherwise true, or what a container holds
 */
export async function judge(asked: readonly Asked[]): Promise<unknown[]> {
  const { code, out, err } = await run(
    [join(folder, 'batch.py')],
    asked.map(one => `${JSON.stringify(one)}\n`),
  )
  if (code !== 0) throw new Error(`the second verifier ended with ${code}: ${err}`)
  return out
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
}

/** Runs the second verifier as a person does. */
export const verify = (...words: string[]) => run([folder, ...words])

async function run(
  words: string[],
  input: readonly string[] = [],
): Promise<{ code: number | null; out: string; err: string }> {
  const { program, env } = await python()
  const child = spawn(program, ['-B', ...words], { env: { ...env, PYTHONUTF8: '1' } })
  const ended = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    ended.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    ended.err += text
  })
  // Thousands of documents are longer than a string may be.
  Readable.from(input).pipe(child.stdin)
  return new Promise(resolve => child.on('close', code => resolve({ code, ...ended })))
}
