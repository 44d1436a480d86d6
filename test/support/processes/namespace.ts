/**
 * What starts a service in a mount namespace of its own: what `script` mounts, it alone sees. For others than root in a user
 * namespace too. Its files are found below `/proc/PID/root`.
 *
 * @param script shell commands
 */
export const inNamespace = (script: string): string[] => [
  'unshare',
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  '--mount',
  // The wish to die with the parent is lost on the way into a namespace.
  ...['setpriv', '--pdeathsig', 'KILL', '--'],
  ...['sh', '-ec', `${script}\nexec "$@"`, 'sh'],
]
