/** The variables that the console needs. It has a role of its own in the database, and neither keys nor access to the PBX. */
const NEEDED =
  /^(DATABASE_CONSOLE_URL(_FILE)?|CONSENTRY_(DATA|NODE|LOG_LEVEL|HTTP|CONSOLE\w*|STORE|KEYSTORE|RECIPIENTS|PROMPTS|LANGUAGES|FFMPEG|OPERATOR|LINE_\w+|RING_\w+|SPEECH_\w+)|UV_THREADPOOL_SIZE)$/

/** The part of an environment that the console needs. */
export const consoleSettings = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && NEEDED.test(entry[0]),
    ),
  )
