import type { SphinxLibrary } from '../../../src/speech/embedded/sphinx-library.js'

/** What the fake library takes; everything unless given. */
interface Takes {
  init?(): boolean
  addWord?(word: string): boolean
  setGrammar?(name: string): boolean
}

/** A fake pocketsphinx: an utterance is decoded when the test ends one of `running`. */
export function fakeSphinxLibrary({ init, addWord, setGrammar }: Takes = {}) {
  let [decoders, freed] = [0, 0]
  /** Ends each decoding that runs, in order of their begin. */
  const running: (() => void)[] = []
  const codeOf = (taken = true) => (taken ? 0 : -1)
  const library: SphinxLibrary = {
    parseArguments: () => ({}),
    init: async () => ((init?.() ?? true) ? { decoder: ++decoders } : null),
    addWord: (_decoder, word) => codeOf(addWord?.(word)),
    setGrammar: (_decoder, name) => codeOf(setGrammar?.(name)),
    setSearch: () => 0,
    decode: () => new Promise(resolve => void running.push(resolve)),
    hypothesis: () => ({ words: 'yes', score: 0 }),
    free: () => void freed++,
  }
  return { library, running, decoders: () => decoders, freed: () => freed }
}
