/**
 * A launcher for a service in its own mount namespace: only the service sees what `script` mounts. Users other than root also
 * get a user namespace. The service's files are below `/proc/PID/root`.
 *
 * @param script shell commands
 */
export const inNamespace = (script: string): string[] => [
  'unshare',
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  '--mount',
  // A change of namespace resets `--pdeathsig`, so it is set afterwards.
  ...['setpriv', '--pdeathsig', 'KILL', '--'],
  ...['sh', '-ec', `${script}\nexec "$@"`, 'sh'],
]
