/** The engines that can hear an answer. */
export const SPEECH_ENGINES = ['embedded', 'sherpa', 'vosk'] as const
export type SpeechEngine = (typeof SPEECH_ENGINES)[number]

/** The kinds of models that the engine `sherpa` runs: two families of CTC, NeMo's CTC, and a transducer. */
export const SHERPA_KINDS = ['tone-ctc', 'zipformer2-ctc', 'nemo-ctc', 'transducer'] as const
export type SherpaKind = (typeof SHERPA_KINDS)[number]
