/**
 * How long a prompt may be in the making, ms: a voice may speak for 20 s, and ffmpeg shapes others before it. It stays below the minute
 * after which proxies usually give up.
 */
export const MAKING_MS = 50_000
