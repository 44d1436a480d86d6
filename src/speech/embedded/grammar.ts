import type { Language } from '../../shared/policy.js'

/** Words of a grammar with their sounds, in the phones of CMUdict, which the acoustic model was trained with. */
interface Vocabulary {
  /** Phrases of agreement. A telephone cuts the end of "yes", so that words like it count too: the head tells them apart. */
  yes: Record<string, string>
  no: Record<string, string>
  /** What keeps other words from being forced into an answer. */
  filler: Record<string, string>
}

const vocabularies: Record<string, Vocabulary> = {
  en: {
    yes: {
      yes: 'Y EH S',
      'yes-yes': 'Y EH S Y EH S',
      'i-agree': 'AY AH G R IY',
      'yes-i-agree': 'Y EH S AY AH G R IY',
      'i-consent': 'AY K AH N S EH N T',
      'yes-i-consent': 'Y EH S AY K AH N S EH N T',
      'yes-please': 'Y EH S P L IY Z',
      'yes-i-do': 'Y EH S AY D UW',
    },
    no: {
      no: 'N OW',
      'no-no': 'N OW N OW',
      nope: 'N OW P',
      nah: 'N AA',
      "i-don't-agree": 'AY D OW N T AH G R IY',
      'i-do-not-agree': 'AY D UW N AA T AH G R IY',
      "i-don't-consent": 'AY D OW N T K AH N S EH N T',
      'i-do-not-consent': 'AY D UW N AA T K AH N S EH N T',
      'i-disagree': 'AY D IH S AH G R IY',
      'i-refuse': 'AY R AH F Y UW Z',
      'no-thanks': 'N OW TH AE NG K S',
      'not-agree': 'N AA T AH G R IY',
      never: 'N EH V ER',
    },
    filler: {
      okay: 'OW K EY',
      sure: 'SH UH R',
      fine: 'F AY N',
      'uh-huh': 'AH HH AH',
      hello: 'HH AH L OW',
      what: 'W AH T',
      maybe: 'M EY B IY',
      up: 'AH P',
      left: 'L EH F T',
      right: 'R AY T',
      stop: 'S T AA P',
      down: 'D AW N',
      three: 'TH R IY',
    },
  },
  ru: {
    yes: {
      da: 'D AA',
      'da-da': 'D AA D AA',
      soglasen: 'S AH G L AA S IH N',
      soglasna: 'S AH G L AA S N AA',
      'da-soglasen': 'D AA S AH G L AA S IH N',
      'da-soglasna': 'D AA S AH G L AA S N AA',
      'ya-soglasen': 'Y AA S AH G L AA S IH N',
      'ya-soglasna': 'Y AA S AH G L AA S N AA',
      'da-ya-soglasen': 'D AA Y AA S AH G L AA S IH N',
      'da-ya-soglasna': 'D AA Y AA S AH G L AA S N AA',
      'da-konechno': 'D AA K AH N Y EH SH N AH',
      'da-horosho': 'D AA HH AH R AH SH OW',
      'da-pozhaluysta': 'D AA P AH ZH AA L AH S T AH',
      'da-davayte': 'D AA D AH V AY T IY',
    },
    no: {
      net: 'N Y EH T',
      'net-net': 'N Y EH T N Y EH T',
      nea: 'N Y EH AA',
      'ne-soglasen': 'N IY S AH G L AA S IH N',
      'ne-soglasna': 'N IY S AH G L AA S N AA',
      'ya-ne-soglasen': 'Y AA N IY S AH G L AA S IH N',
      'ya-ne-soglasna': 'Y AA N IY S AH G L AA S N AA',
      'net-ne-soglasen': 'N Y EH T N IY S AH G L AA S IH N',
      'ne-nado': 'N IY N AA D AH',
      'ne-hochu': 'N IY HH AH CH UW',
      nelzya: 'N IH L Z Y AA',
      protiv: 'P R OW T IH F',
      'ya-protiv': 'Y AA P R OW T IH F',
      otkazyvayus: 'AH T K AA Z IH V AH Y UW S',
    },
    filler: {
      aga: 'AH G AA',
      ugu: 'UW G UW',
      konechno: 'K AH N Y EH SH N AH',
      horosho: 'HH AH R AH SH OW',
      ladno: 'L AA D N AH',
      mozhno: 'M OW ZH N AH',
      davayte: 'D AH V AY T IY',
      allo: 'AH L OW',
      chto: 'SH T OW',
      kto: 'K T OW',
      nu: 'N UW',
      na: 'N AA',
      ta: 'T AA',
      pa: 'P AA',
      ga: 'G AA',
      voda: 'V AH D AA',
      'ne-znayu': 'N IY Z N AA Y UW',
    },
  },
}

/** What the grammar made of an utterance. */
export type GrammarAnswer = 'yes' | 'no' | 'other'

/** The grammar of one language, for pocketsphinx. */
export interface Grammar {
  name: string
  /** Words with their phones. */
  words: Record<string, string>
  /** In JSGF. */
  text: string
  /** @param hypothesis what was recognised; null if no word fits */
  answer(hypothesis: string | null): GrammarAnswer
}

export const GRAMMAR_LANGUAGES = Object.keys(vocabularies)

/** @returns the grammar of a language; undefined if there is none */
export function grammarOf(language: Language): Grammar | undefined {
  const vocabulary = Object.hasOwn(vocabularies, language) ? vocabularies[language] : undefined
  if (!vocabulary) return undefined
  const name = (kind: string, word: string) => `${language}.${kind}.${word}`
  const words = Object.fromEntries(
    Object.entries(vocabulary).flatMap(([kind, list]) =>
      Object.entries(list as Record<string, string>).map(([word, phones]) => [name(kind, word), phones]),
    ),
  )
  return {
    name: language,
    words,
    // One word for each phrase: 5prealpha lets a repetition go on with any other word.
    text: `#JSGF V1.0; grammar ${language}; public <answer> = ${Object.keys(words).join(' | ')};`,
    answer: hypothesis => {
      const kind = hypothesis?.split('.')[1]
      return kind === 'yes' || kind === 'no' ? kind : 'other'
    },
  }
}
