import { existsSync } from 'node:fs'
import { join } from 'node:path'
import koffi from 'koffi'
import { AppError } from '../../core/errors.js'

/** A pointer of the library. */
export type Pointer = unknown

/** The functions of pocketsphinx 5prealpha that this room calls, with their C names. */
export interface SphinxLibrary {
  /** @returns the configuration; null if an argument is wrong */
  parseArguments(args: readonly string[]): Pointer
  init(config: Pointer): Promise<Pointer>
  addWord(decoder: Pointer, word: string, phones: string, update: number): number
  setGrammar(decoder: Pointer, name: string, jsgf: string): number
  setSearch(decoder: Pointer, name: string): number
  /**
   * Decodes one whole utterance on a thread of the pool. Cepstral means and noise estimate come from this utterance
   * alone, so that earlier speakers do not affect it.
   */
  decode(decoder: Pointer, samples: Int16Array): Promise<void>
  /** The words of the last utterance; null if no path through the grammar fits. */
  hypothesis(decoder: Pointer): { words: string; score: number } | null
  free(decoder: Pointer): void
}

/** Where Debian puts shared libraries, below a root folder. */
const LIBRARY_FOLDERS = ['usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu']
/** Libraries required by those below, in the order in which they are loaded from an unpacked tree. */
const NEEDED = ['libgfortran.so.5', 'blas/libblas.so.3', 'lapack/liblapack.so.3'] as const
/** The libraries whose functions are called. */
const CALLED = ['libsphinxbase.so.3', 'libpocketsphinx.so.3'] as const
/** Below a root folder: the acoustic model of Debian's pocketsphinx-en-us. */
const MODEL = 'usr/share/pocketsphinx/model/en-us/en-us'

/** Where pocketsphinx and its acoustic model are. */
export interface SphinxPlace {
  libraries: string[]
  model: string
}

/**
 * Finds pocketsphinx and its acoustic model.
 *
 * @param root `/`, or the folder into which the Debian packages were unpacked
 * @throws AppError `speech.unavailable`
 */
export function findSphinx(root: string): SphinxPlace {
  const folder = LIBRARY_FOLDERS.map(name => join(root, name)).find(path =>
    CALLED.every(file => existsSync(join(path, file))),
  )
  const model = join(root, MODEL)
  if (!folder || !existsSync(join(model, 'mdef')))
    throw new AppError(
      'speech.unavailable',
      `${folder ? 'the acoustic model of pocketsphinx' : 'pocketsphinx'} is not below ${root}: apt-get install libpocketsphinx3 pocketsphinx-en-us, or name the folder with both in CONSENTRY_SPEECH_MODELS`,
    )
  const pathOf = (file: string) => join(folder, file)
  // The system's loader finds installed libraries, which are not unpacked below the root.
  const needed = root === '/' ? [] : NEEDED.map(pathOf).filter(path => existsSync(path))
  return { libraries: [...needed, ...CALLED.map(pathOf)], model }
}

let loaded: { library: SphinxLibrary; from: string } | undefined

/**
 * Loads pocketsphinx into this process, once.
 *
 * @throws AppError `speech.unavailable` if the library does not load
 */
export function loadSphinx({ libraries }: SphinxPlace): SphinxLibrary {
  const from = libraries.join(':')
  if (loaded?.from !== from) loaded = { library: bind(libraries), from }
  return loaded.library
}

function bind(libraries: string[]): SphinxLibrary {
  try {
    // Each library finds the ones loaded before it, because they are global.
    return functionsOf(libraries.map(path => koffi.load(path, { global: true })))
  } catch (cause) {
    throw new AppError(
      'speech.unavailable',
      `pocketsphinx does not load: ${(cause as Error).message}. Install libpocketsphinx3 of this machine's Debian.`,
      { cause },
    )
  }
}

/** @throws if a library lacks a function */
function functionsOf(handles: ReturnType<typeof koffi.load>[]): SphinxLibrary {
  const [base, sphinx] = [handles.at(-2)!, handles.at(-1)!]
  const quiet = base.func('void err_set_logfp(void *file)')
  const parse = base.func(
    'void *cmd_ln_parse_r(void *config, void *definition, int count, const char **arguments, int strict)',
  )
  const release = base.func('int cmd_ln_free_r(void *config)')
  const definition = sphinx.func('void *ps_args()')
  const init = sphinx.func('void *ps_init(void *config)')
  const free = sphinx.func('int ps_free(void *decoder)')
  const add = sphinx.func('int ps_add_word(void *decoder, const char *word, const char *phones, int update)')
  const jsgf = sphinx.func('int ps_set_jsgf_string(void *decoder, const char *name, const char *text)')
  const search = sphinx.func('int ps_set_search(void *decoder, const char *name)')
  const forget = sphinx.func('int ps_start_stream(void *decoder)')
  const start = sphinx.func('int ps_start_utt(void *decoder)')
  const process = sphinx.func(
    'int ps_process_raw(void *decoder, const int16_t *samples, size_t count, int noSearch, int whole)',
  )
  const end = sphinx.func('int ps_end_utt(void *decoder)')
  const hypothesis = sphinx.func('const char *ps_get_hyp(void *decoder, _Out_ int *score)')
  quiet(null)
  const inPool = (call: typeof process, ...args: unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      call.async(...args, (error: Error | null, result: unknown) => (error ? reject(error) : resolve(result)))
    })
  return {
    parseArguments: args => parse(null, definition(), args.length, [...args], 1),
    async init(config) {
      try {
        return await inPool(init, config)
      } finally {
        release(config)
      }
    },
    addWord: add,
    setGrammar: jsgf,
    setSearch: search,
    async decode(decoder, samples) {
      const failed = (what: string) => new AppError('speech.failed', `pocketsphinx failed to ${what}`)
      if (forget(decoder) < 0 || start(decoder) < 0) throw failed('begin an utterance')
      const searched = (await inPool(process, decoder, samples, samples.length, 0, 1)) as number
      if (((await inPool(end, decoder)) as number) < 0 || searched < 0) throw failed('decode an utterance')
    },
    hypothesis(decoder) {
      const score = [0]
      const words = hypothesis(decoder, score) as string | null
      return words === null ? null : { words, score: score[0]! }
    },
    free,
  }
}
