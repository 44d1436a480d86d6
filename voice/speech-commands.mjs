// Makes a folder for `npm run voice:train -- --data` of a copy of Speech Commands, such as TensorFlow's excerpt mini_speech_commands.
// usage: node voice/speech-commands.mjs SOURCE OUT       after `npm run build`. SOURCE/<word>/<speaker>_nohash_<number>.wav
// Writes OUT/en/<word>/… and OUT/en/files.tsv: file, word, speaker. Speakers of the test set of Speech Commands are left out.
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isOfTestSet } from '../dist/lab/voice/held-out.js'

const [source, out] = process.argv.slice(2)
if (!out) throw new Error('usage: node voice/speech-commands.mjs SOURCE OUT')

const rows = []
const seen = new Set()
for (const word of readdirSync(source).sort()) {
  if (!/^[a-z]+$/.test(word)) continue
  mkdirSync(join(out, 'en', word), { recursive: true })
  for (const name of readdirSync(join(source, word)).sort()) {
    const speaker = /^([0-9a-f]{8})_nohash_\d+\.wav$/.exec(name)?.[1]
    if (!speaker || isOfTestSet(speaker)) continue
    // Some recordings are there twice.
    const content = createHash('sha256')
      .update(readFileSync(join(source, word, name)))
      .digest('hex')
    if (seen.has(content)) continue
    seen.add(content)
    copyFileSync(join(source, word, name), join(out, 'en', word, name))
    rows.push([`${word}/${name}`, word, speaker].join('\t'))
  }
}
writeFileSync(join(out, 'en', 'files.tsv'), `${['file\tword\tspeaker', ...rows].join('\n')}\n`)
console.log(`${rows.length} recordings of ${new Set(rows.map(row => row.split('\t')[2])).size} speakers`)
