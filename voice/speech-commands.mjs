// Makes a folder for `npm run voice:train -- --data` of a copy of Speech Commands, such as TensorFlow's excerpt mini_speech_commands.
// usage: node voice/speech-commands.mjs SOURCE OUT       SOURCE/<word>/<speaker>_nohash_<number>.wav
// Writes OUT/en/<word>/… and OUT/en/files.tsv: file, word, speaker. Speakers of the test set of Speech Commands are left out.
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [source, out] = process.argv.slice(2)
if (!out) throw new Error('usage: node voice/speech-commands.mjs SOURCE OUT')

/** The data set's own rule: 10 % of the speakers, drawn by name, are for validation and the next 10 % for the test. */
const MOST_FILES = 2 ** 27 - 1
const isOfTestSet = speaker => {
  const hash = BigInt(`0x${createHash('sha1').update(speaker).digest('hex')}`)
  const percent = (Number(hash % BigInt(MOST_FILES + 1)) * 100) / MOST_FILES
  return percent >= 10 && percent < 20
}

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
