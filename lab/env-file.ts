import { replaceSecretFile } from '../src/files/secret-file.js'

/** What a shell has of its own, and keeps. */
const SHELL_VARIABLES = new Set(['PATH', 'HOME'])

/** Writes an environment so that a shell takes it up: `set -a; . FILE`. It holds passwords, and is its owner's alone. */
export async function saveEnv(file: string, env: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(env)
    .filter(([name]) => !SHELL_VARIABLES.has(name))
    .map(([name, value]) => `${name}='${value.replaceAll("'", `'\\''`)}'\n`)
  await replaceSecretFile(file, lines.join(''))
}
