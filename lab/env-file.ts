import { replaceSecretFile } from '../src/lib/files/secret-file.js'

/** Variables that the file leaves out: a shell keeps its own. */
const SHELL_VARIABLES = new Set(['PATH', 'HOME'])

/** Writes an environment for shells, to be read by `set -a; . FILE`. It holds passwords: only its owner can read the file. */
export async function saveEnv(file: string, env: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(env)
    .filter(([name]) => !SHELL_VARIABLES.has(name))
    .map(([name, value]) => `${name}='${value.replaceAll("'", `'\\''`)}'\n`)
  await replaceSecretFile(file, lines.join(''))
}
