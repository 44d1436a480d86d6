/**
 * The variables that a program of the machine may need. Everything else stays with us: settings hold passwords, and what a
 * child has in its environment is seen by whoever may look at that child.
 */
const NAMED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TERM|NO_COLOR|LD_LIBRARY_PATH|FONTCONFIG_\w+)$/

/** What a program that downloads needs besides: the way out of this network, and whose certificates hold there. */
const NETWORK = /^((https?|ftp|no|all)_proxy|SSL_CERT_\w+|APT_CONFIG)$/i

/** What this process itself still reads: Node, libuv, the loader, and libpq's variables except the password. */
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
 * @param from what to take the named ones from; ours by default
 */
export const childEnv = (
  extra: Readonly<Record<string, string>> = {},
  from: Environment = process.env,
): Record<string, string> => ({ ...pick(from, NAMED), ...extra })

/** The same for a program that downloads. */
export const downloaderEnv = (extra: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ...pick(process.env, NAMED, NETWORK),
  ...extra,
})

/**
 * Takes every variable out of our own environment except the named ones and those that we still read ourselves, so that a
 * child which a library starts gets no secret either. The kernel goes on showing what this process was started with, to its own
 * user and to root.
 */
export function forgetSettings(env: Record<string, string | undefined> = process.env): void {
  const kept = pick(env, NAMED, OWN)
  for (const name of Object.keys(env)) if (!(name in kept)) delete env[name]
}
