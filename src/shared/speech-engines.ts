/** The engines that can hear an answer. */
export const SPEECH_ENGINES = ['embedded', 'sherpa', 'vosk'] as const
export type SpeechEngine = (typeof SPEECH_ENGINES)[number]
