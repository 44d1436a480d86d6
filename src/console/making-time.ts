/**
 * Longest time of making a prompt, ms: a voice may take 40 s, and ffmpeg may be busy with other prompts first. It is
 * below the minute after which proxies usually give up.
 */
export const MAKING_MS = 50_000
