import type { HeardLanguage } from '../../core/policy.js'

/** Phrases with their pronunciations, in the phones of CMUdict, which the acoustic model was trained with. */
type Phrases = Record<string, string[]>

interface Vocabulary {
  yes: Phrases
  no: Phrases
  /**
   * Phrases that catch other words, so that these are not forced into an answer. Words that sound nearly like an answer
   * are left to the net.
   */
  filler: Phrases
}

/**
 * Each text after each of these phones, without a pause. With a pause, "yes, speaking" and a Russian prompt of Asterisk
 * became a yes.
 */
const after = (begins: string[], texts: string[]): string[] =>
  texts.flatMap(text => begins.map(begin => `${begin} ${text}`))

// A telephone cuts most of an "s", so the model may hear another soft consonant. The vowel varies among speakers.
const YES = [
  ...['Y EH S', 'Y AE S', 'Y IH S', 'Y EH Z', 'Y EH AH S', 'Y AH S'],
  ...['Y EH F', 'Y EH TH', 'Y EH HH', 'Y EH V'],
]

const english: Vocabulary = {
  yes: {
    yes: YES,
    'yes-yes': YES.slice(0, 3).map(phones => `${phones} ${phones}`),
    'i-agree': ['AY AH G R IY'],
    'yes-i-agree': ['Y EH S AY AH G R IY'],
    'i-consent': ['AY K AH N S EH N T'],
    'yes-i-consent': ['Y EH S AY K AH N S EH N T'],
    'yes-please': ['Y EH S P L IY Z'],
    'yes-i-do': ['Y EH S AY D UW'],
  },
  no: {
    no: ['N OW'],
    'no-no': ['N OW N OW'],
    nope: ['N OW P'],
    nah: ['N AA'],
    "i-don't-agree": ['AY D OW N T AH G R IY'],
    'i-do-not-agree': ['AY D UW N AA T AH G R IY'],
    "i-don't-consent": ['AY D OW N T K AH N S EH N T'],
    'i-do-not-consent': ['AY D UW N AA T K AH N S EH N T'],
    'i-disagree': ['AY D IH S AH G R IY'],
    'i-refuse': ['AY R AH F Y UW Z'],
    'no-thanks': ['N OW TH AE NG K S'],
    'not-agree': ['N AA T AH G R IY'],
    never: ['N EH V ER'],
  },
  filler: {
    okay: ['OW K EY'],
    sure: ['SH UH R'],
    fine: ['F AY N'],
    'uh-huh': ['AH HH AH'],
    hello: ['HH AH L OW'],
    what: ['W AH T'],
    maybe: ['M EY B IY'],
    up: ['AH P'],
    left: ['L EH F T'],
    right: ['R AY T'],
    stop: ['S T AA P'],
    down: ['D AW N'],
    three: ['TH R IY'],
    'you-agree': ['Y UW AH G R IY', 'D UW Y UW AH G R IY', 'IH F Y UW AH G R IY'],
    yesterday: ['Y EH S T ER D EY'],
    yellow: ['Y EH L OW'],
    agreement: ['AH G R IY M AH N T'],
  },
}

// The model knows English only. To it, a Russian "d" sounds like "n", because it is voiced before it opens, and a short
// "a" may end like a "t". So "da" has many pronunciations, and the net must distinguish it from "na" and "ta".
const DA = ['D AA', 'N AA']
const AGREED = [
  ...['S AH G L AA S IH N', 'S AH G L AA S Y IH N', 'Z G L AA S IH N'],
  ...['S AH G L AA S N AA', 'S AH G L AA S N AH', 'Z G L AA S N AA'],
]

const russian: Vocabulary = {
  yes: {
    da: [
      ...['D AA', 'N AA', 'G AA', 'DH AA', 'T AA', 'HH D AA', 'D AE', 'D AH'],
      ...['D AA T', 'N AA T', 'N AE T', 'N AH T'],
    ],
    'da-da': ['D AA D AA', 'N AA D AA', 'D AH D AA', 'N AA N AA', 'D AA G AA', 'N AH D AA'],
    soglasen: AGREED,
    'da-soglasen': after(DA, AGREED),
    'ya-soglasen': after(['Y AA'], AGREED),
    'da-ya-soglasen': after(['D AA Y AA'], AGREED),
    'da-konechno': after(DA, ['K AH N Y EH SH N AH']),
    'da-horosho': after(DA, ['HH AH R AH SH OW']),
    'da-pozhaluysta': after(DA, ['P AH ZH AA L AH S T AH']),
    'da-davayte': after(DA, ['D AH V AY T IY']),
  },
  no: {
    net: ['N Y EH T'],
    'net-net': ['N Y EH T N Y EH T'],
    'da-net': ['D AA N Y EH T'],
    'ne-soglasen': after(['N IY', 'N Y EH'], AGREED),
    'ya-ne-soglasen': after(['Y AA N IY'], AGREED),
    'net-ne-soglasen': after(['N Y EH T N IY'], AGREED),
    'ne-nado': ['N IY N AA D AH'],
    'ne-hochu': ['N IY HH AH CH UW'],
    'ne-dayu-soglasiya': ['N IY D AH Y UW S AH G L AA S IY AH'],
    'ne-razreshayu': ['N IY R AH Z R IH SH AA Y UW'],
    nelzya: ['N IH L Z Y AA'],
    protiv: ['P R OW T IH F'],
    'ya-protiv': ['Y AA P R OW T IH F'],
    otkazyvayus: ['AH T K AA Z IH V AH Y UW S'],
  },
  filler: {
    aga: ['AH G AA'],
    ugu: ['UW G UW'],
    konechno: ['K AH N Y EH SH N AH'],
    horosho: ['HH AH R AH SH OW'],
    ladno: ['L AA D N AH'],
    mozhno: ['M OW ZH N AH'],
    davayte: ['D AH V AY T IY'],
    allo: ['AH L OW'],
    chto: ['SH T OW'],
    kto: ['K T OW'],
    gde: ['G D Y EH'],
    nu: ['N UW'],
    'ne-znayu': ['N IY Z N AA Y UW'],
    operator: ['AH P IH R AA T AH R'],
    soglasie: ['S AH G L AA S IY AH', 'S AH G L AA S IY Y EH'],
    soglasovanie: ['S AH G L AH S AA V AH N IY AH'],
    doklad: ['D AH K L AA T'],
    dacha: ['D AA CH AH'],
    podtverzhdayu: ['P AH T V Y EH R ZH D AA Y UW'],
    'nu-davayte': ['N UW D AH V AY T IY'],
    'nu-horosho': ['N UW HH AH R AH SH OW'],
  },
}

const vocabularies: Record<HeardLanguage, Vocabulary> = { en: english, ru: russian }

/** The grammar's answer to an utterance. */
export type GrammarAnswer = 'yes' | 'no' | 'other'

/** The grammar of one language, for pocketsphinx. */
export interface Grammar {
  name: string
  /** Words with their phones. A further pronunciation of a word has a number in brackets. */
  words: Record<string, string>
  /** In JSGF. */
  text: string
  /** @param hypothesis the recognised text; null if no word fits */
  answer(hypothesis: string | null): GrammarAnswer
}

export function grammarOf(language: HeardLanguage): Grammar {
  const phrases = Object.entries(vocabularies[language]).flatMap(([kind, list]) =>
    Object.entries(list as Phrases).map(
      ([name, pronunciations]) => [`${language}.${kind}.${name}`, pronunciations] as const,
    ),
  )
  const words = phrases.flatMap(([word, pronunciations]) =>
    pronunciations.map((phones, i) => [i === 0 ? word : `${word}(${i + 1})`, phones] as const),
  )
  const names = phrases.map(([word]) => word)
  return {
    name: language,
    words: Object.fromEntries(words),
    // One word for each phrase, because in 5prealpha a repetition may continue with any word of the grammar.
    text: `#JSGF V1.0; grammar ${language}; public <answer> = ${names.join(' | ')};`,
    answer: hypothesis => {
      const kind = hypothesis?.split('.')[1]
      return kind === 'yes' || kind === 'no' ? kind : 'other'
    },
  }
}
