/** Sessions of HTTP that ARI needs for hundreds of calls. Fewer than `least` are too few. */
export const HTTP_SESSIONS = { least: 1_000, wanted: 2_000 }

/** The names in `channelvars` of ari.conf: variables that Asterisk shows of each channel. */
export const channelVariables = (setting: string | undefined): string[] =>
  (setting ?? '').split(',').flatMap(one => one.trim() || [])

/** Files that Asterisk needs for hundreds of recorded calls. When they run out, it crashes. */
export const OPEN_FILES = { least: 8_192, wanted: 65_536 }

/** Shortest time for which a service may stand still and keep its connection to ARI, ms. */
export const WRITE_TIMEOUT_MS = 1_000

/** Options of `asterisk.conf` that must be off. They are, unless somebody has set them. */
export const OPTIONS_OFF = ['cache_record_files', 'live_dangerously', 'dumpcore'] as const
