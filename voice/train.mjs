// Makes the heads of the embedded recogniser again: `npm run voice:train -- [--data DIR]… [--language en]… [--work DIR]`.
// Speaks the phrases, computes features with the code that calls use, trains, and says whether the heads are those that were there.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { prepare } from '../bin/prepare.js'

/** Processes for each language. The order of the rows, and so the heads, depend on it: it does not follow the machine. */
const SHARES = 2
const here = import.meta.dirname
const { values } = parseArgs({
  options: {
    data: { type: 'string', multiple: true, default: [join(here, '..', '..', 'shared', 'voice')] },
    language: { type: 'string', multiple: true, default: ['en', 'ru'] },
    work: { type: 'string', default: join(here, '..', 'var', 'voice') },
  },
})
const { data, language: languages, work } = values
for (const folder of data)
  if (!existsSync(join(folder, 'en', 'files.tsv')))
    throw new Error(
      `${folder} has no en/files.tsv: name the folder of recorded words with --data (voice/README.md)`,
    )

const run = (program, ...args) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' })
    child.on('error', reject)
    child.on('close', code =>
      code === 0 ? resolve() : reject(new Error(`${program} ${args[0]} ended with ${code}`)),
    )
  })
const hashes = () =>
  languages.map(language => {
    const path = join(here, 'heads', `${language}.json`)
    return existsSync(path)
      ? createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16)
      : 'none'
  })

await prepare()
mkdirSync(work, { recursive: true })
await run('python3', join(here, 'speak.py'), work)
rmSync(join(work, 'features'), { recursive: true, force: true })
const before = hashes()
await Promise.all(
  languages.flatMap(language =>
    Array.from({ length: SHARES }, (_, share) =>
      run(
        process.execPath,
        join(here, 'features.mjs'),
        work,
        language,
        String(share),
        String(SHARES),
        ...data,
      ),
    ),
  ),
)
for (const language of languages) await run('python3', join(here, 'train.py'), work, language, '--report')
for (const [i, hash] of hashes().entries())
  console.log(
    `${languages[i]}: ${hash}${hash === before[i] ? ', the same as before' : `, before ${before[i]}`}`,
  )
