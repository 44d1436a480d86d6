import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../../core/errors.js'
import { text } from '../../core/message.js'
import type { Language } from '../../core/policy.js'
import { describeLanguage, languages } from '../../languages/languages.js'
import { findOnPath } from '../../lib/process/find-on-path.js'
import { type InsideHosts, requestOutgoing } from '../../lib/process/outgoing.js'
import { MAX_SPEECH_BYTES, runVoice, SPEECH_TIMEOUT_MS, speakToFile, WAV } from './run-voice.js'

/** A voice that can speak now. */
export interface Voice {
  engine: string
  voice: string
  language: Language
}

/** A program or service that turns text into speech. */
export interface SpeechEngine {
  name: string
  /** The voices available now; none if the engine is not installed. Never rejects. */
  voices(): Promise<Voice[]>
  /**
   * @param text words without variables; a plus before a Russian vowel marks its stress
   * @returns a WAV of any form
   * @throws AppError `tool.failed`
   */
  speak(text: string, voice: Voice): Promise<Buffer>
}

/** A plus marks a stressed vowel for RHVoice. Other engines would read it aloud. */
const withoutStress = (text: string) => text.replaceAll(/\+(?=[аеёиоуыэюя])/giu, '')

/** Marks for festival. Its Russian voice does not speak a text with a mark beyond ASCII. */
const MARKS: readonly [RegExp, string][] = [
  [/[«»“”„]/g, '"'],
  [/[’‘]/g, "'"],
  [/\s*[–—]/g, ','],
  [/…/g, '.'],
  [/[^\p{L}\p{N}\s!-~]/gu, ' '],
]
const withPlainMarks = (text: string) =>
  MARKS.reduce((plain, [mark, known]) => plain.replaceAll(mark, known), text)

/**
 * The voices of an engine, as the languages name them in their folders: the best of each language first.
 *
 * @param installed names of the engine's installed voices
 */
const voicesOf = (engine: string, installed: readonly string[]): Voice[] =>
  languages().flatMap(language => {
    const wanted = describeLanguage(language).voices[engine] ?? []
    const begins = wanted.filter(name => name.endsWith('*')).map(name => name.slice(0, -1))
    const named = wanted.filter(name => installed.includes(name))
    const others = installed.filter(
      name => !named.includes(name) && begins.some(begin => name.startsWith(begin)),
    )
    return [...named, ...others].map(voice => ({ engine, voice, language }))
  })

/** Names of voices are put into arguments and, for festival, into an expression. */
const NAME = /^[A-Za-z0-9][\w-]*$/

const rhvoice: SpeechEngine = {
  name: 'rhvoice',
  async voices() {
    const program = await findOnPath('RHVoice-test')
    if (!program) return []
    const folders = [join(dirname(program), '..', 'share', 'RHVoice', 'voices'), '/usr/share/RHVoice/voices']
    // Libraries beside the program are its own. Without any, it uses the system's.
    const [beside, system] = await Promise.all(folders.map(folder => readdir(folder).catch(() => [])))
    const installed = beside!.length > 0 ? beside! : system!
    return voicesOf('rhvoice', installed)
  },
  speak: async (text, { voice }) =>
    speakToFile(await program('RHVoice-test'), ['-p', voice, '-o', WAV], text),
}

const festival: SpeechEngine = {
  name: 'festival',
  async voices() {
    const found = await findOnPath('festival')
    if (!found || !(await findOnPath('text2wave'))) return []
    const list = await runVoice(found, ['--pipe'], '(print (voice.list))').catch(() => '')
    const names = list.split(/[\s()]+/).filter(name => NAME.test(name))
    return voicesOf('festival', names)
  },
  speak: async (text, { voice }) =>
    speakToFile(
      await program('text2wave'),
      ['-eval', `(voice_${voice})`, '-o', WAV],
      withPlainMarks(withoutStress(text)),
    ),
}

const flite: SpeechEngine = {
  name: 'flite',
  async voices() {
    const found = await findOnPath('flite')
    const list = found ? await runVoice(found, ['-lv'], '').catch(() => '') : ''
    const names = list
      .replace(/^[^:]*:/, '')
      .split(/\s+/)
      .filter(name => NAME.test(name))
    return voicesOf('flite', names)
  },
  speak: async (text, { voice }) =>
    speakToFile(await program('flite'), ['-voice', voice, '-f', '-', '-o', WAV], text),
}

const espeak: SpeechEngine = {
  name: 'espeak-ng',
  async voices() {
    const found = await findOnPath('espeak-ng')
    if (!found) return []
    const list = await runVoice(found, ['--voices'], '').catch(() => '')
    const names = list.split('\n').map(line => line.trim().split(/\s+/)[1] ?? '')
    return voicesOf(
      'espeak-ng',
      names.filter(name => NAME.test(name)),
    )
  },
  speak: async (text, { voice }) =>
    speakToFile(await program('espeak-ng'), ['-v', voice, '--stdin', '-w', WAV], withoutStress(text)),
}

async function program(name: string): Promise<string> {
  const found = await findOnPath(name)
  if (found) return found
  throw new AppError('tool.failed', `${name} is no longer installed: choose another voice.`)
}

/** The engines, the best voices of each language first. */
export const speechEngines = (url: string | undefined, inside: InsideHosts): SpeechEngine[] => [
  ...(url ? [httpEngine(url, inside)] : []),
  rhvoice,
  festival,
  flite,
  espeak,
]

/** All voices that can speak now, the best of each language first. */
export const listVoices = async (engines: readonly SpeechEngine[]): Promise<Voice[]> =>
  (await Promise.all(engines.map(engine => engine.voices()))).flat()

/**
 * Synthesizes words with a voice.
 *
 * @param wanted an engine, a voice, or both; the best voice of the language by default
 * @returns a WAV, and the voice
 * @throws AppError `request.invalid` if no such voice can speak the language; `tool.failed`
 */
export async function speak(
  engines: readonly SpeechEngine[],
  { text, language, engine, voice }: { text: string; language: Language; engine?: string; voice?: string },
): Promise<{ wav: Buffer; by: Voice }> {
  // Listing the voices of an engine starts a program.
  const asked = engines.filter(({ name }) => engine === undefined || name === engine)
  const by = (await listVoices(asked)).find(
    one => one.language === language && (voice === undefined || one.voice === voice),
  )
  if (!by) {
    const known = (await listVoices(engines)).filter(one => one.language === language)
    throw noVoice(language, known)
  }
  const wav = await engines.find(({ name }) => name === by.engine)!.speak(text, by)
  return { wav, by }
}

function noVoice(language: Language, known: readonly Voice[]): AppError {
  const list = known.map(({ engine, voice }) => `${engine} ${voice}`).join(', ')
  const advice = list
    ? `Voices for ${language} are: ${list}.`
    : `No voice for ${language} is installed: install ${language === 'ru' ? 'rhvoice-russian or espeak-ng' : language === 'en' ? 'festival, flite or espeak-ng' : 'espeak-ng'}, or add a recording.`
  return new AppError('request.invalid', text`There is no such voice. ${advice}`)
}

/**
 * An engine that is asked over HTTP: `POST` of JSON with `text`, `language` and `voice` (`default`). It answers 200 with a
 * WAV. Redirections are not followed.
 *
 * @param url of the setting `CONSENTRY_SPEECH_URL`
 * @param inside hosts that may be inside
 */
const httpEngine = (url: string, inside: InsideHosts): SpeechEngine => ({
  name: 'http',
  voices: async () => languages().map(language => ({ engine: 'http', voice: 'default', language })),
  async speak(text, { language, voice }) {
    const { status, body } = await requestOutgoing(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'audio/wav' },
      body: JSON.stringify({ text, language, voice }),
      ...{ ms: SPEECH_TIMEOUT_MS, mostBytes: MAX_SPEECH_BYTES, inside },
    }).catch((cause: Error) => {
      throw failed(cause.message, cause)
    })
    if (status !== 200) throw failed(`it answered ${status}`)
    return body
  },
})

const failed = (why: string, cause?: unknown) =>
  new AppError('tool.failed', `The engine of CONSENTRY_SPEECH_URL did not speak: ${why}.`, { cause })
