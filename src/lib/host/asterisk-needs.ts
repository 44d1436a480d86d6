/** HTTP sessions that ARI needs for hundreds of calls. Fewer than `least` are too few. */
export const HTTP_SESSIONS = { least: 1_000, wanted: 2_000 }

/** The names in `channelvars` of ari.conf: variables that Asterisk reports for each channel. */
export const channelVariables = (setting: string | undefined): string[] =>
  (setting ?? '').split(',').flatMap(one => one.trim() || [])

/** Open files that Asterisk needs for hundreds of recorded calls. Without them it crashes. */
export const OPEN_FILES = { least: 8_192, wanted: 65_536 }

/** Shortest stall of a service that must not cost its connection to ARI, ms. */
export const WRITE_TIMEOUT_MS = 1_000

/** Options of `asterisk.conf` that must be off, which is their default. */
export const OPTIONS_OFF = ['cache_record_files', 'live_dangerously', 'dumpcore'] as const
