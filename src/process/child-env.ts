/**
 * The variables that any program may need. A child gets no others: settings hold passwords, and whoever may look at the child
 * sees its environment.
 */
const COMMON =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TERM|NO_COLOR|LD_LIBRARY_PATH|FONTCONFIG_\w+)$/

/** What a program that downloads needs besides: proxies and certificates. */
const NETWORK = /^((https?|ftp|no|all)_proxy|SSL_CERT_\w+|APT_CONFIG)$/i

/** What this process itself reads later: variables of Node, libuv, the loader, libfaketime, and libpq except the password. */
const OWN = /^(NODE_\w+|UV_\w+|LD_\w+|FAKETIME\w*|PG(?!PASSWORD$)\w+)$/

/** Where a Linux system has its programs: the PATH of a child if ours is not set, or if the child gets nothing of ours. */
export const USUAL_PATH = '/usr/local/bin:/usr/bin:/bin'

const pick = (from: Environment, ...kinds: RegExp[]): Record<string, string> => ({
  PATH: USUAL_PATH,
  ...Object.fromEntries(
    Object.entries(from).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && kinds.some(names => names.test(entry[0])),
    ),
  ),
})

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The environment of a child process.
 *
 * @param extra variables for this child alone
 * @param from where the named variables come from; our own environment by default
 */
export const childEnv = (
  extra: Readonly<Record<string, string>> = {},
  from: Environment = process.env,
): Record<string, string> => ({ ...pick(from, COMMON), ...extra })

/** The same for a program that downloads. @param extra variables for this child alone */
export const downloaderEnv = (extra: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ...pick(process.env, COMMON, NETWORK),
  ...extra,
})

/**
 * Removes every variable from our own environment except the named ones and those that this process itself reads later, so
 * that a child that a library starts gets no secret either. The environment at the start of this process stays visible in
 * /proc, to its own user and to root.
 */
export function removeSettings(env: Record<string, string | undefined> = process.env): void {
  const kept = pick(env, COMMON, OWN)
  for (const name of Object.keys(env)) if (!(name in kept)) delete env[name]
}
