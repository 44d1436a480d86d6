/**
 * The variables that any program may need. A child process gets no others, because settings contain passwords and the
 * environment of the child is visible to its user. By JOURNAL_STREAM a program knows that systemd's journal takes its log.
 */
const COMMON =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TERM|NO_COLOR|JOURNAL_STREAM|LD_LIBRARY_PATH|FONTCONFIG_\w+)$/

/** Additional variables for a program that downloads: proxies and certificates. */
const NETWORK = /^((https?|ftp|no|all)_proxy|SSL_CERT_\w+|APT_CONFIG)$/i

/** Variables that this process reads later: of Node, libuv, the loader, libfaketime, and of libpq except the password. */
const OWN = /^(NODE_\w+|UV_\w+|LD_\w+|FAKETIME\w*|PG(?!PASSWORD$)\w+)$/

/** The usual PATH of a Linux system. A child gets it if PATH is not set, or if the child gets none of our variables. */
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
 * Returns the environment for a child process.
 *
 * @param extra variables for this child only
 * @param from environment from which the common variables are copied; ours by default
 */
export const childEnv = (
  extra: Readonly<Record<string, string>> = {},
  from: Environment = process.env,
): Record<string, string> => ({ ...pick(from, COMMON), ...extra })

/** Returns the environment for a child process that downloads. @param extra variables for this child only */
export const downloaderEnv = (extra: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ...pick(process.env, COMMON, NETWORK),
  ...extra,
})

/**
 * Removes all variables from our environment except the common ones and those that this process reads later. A child that a
 * library starts then gets no secret either. In /proc the original environment stays visible to our user and to root.
 */
export function removeSettings(env: Record<string, string | undefined> = process.env): void {
  const remaining = pick(env, COMMON, OWN)
  for (const name of Object.keys(env)) if (!(name in remaining)) delete env[name]
}
