/** What the lab can fetch for itself. */
export type ToolSetName =
  | 'asterisk22'
  | 'asterisk16'
  | 'sipp'
  | 'ffmpeg'
  | 'sounds'
  | 'litetlog'
  | 'chromium'
  | 'strace'
  | 'bindfs'
  | 'faketime'
  | 'sipvicious'
  | 'pgbouncer'

export interface ToolSet {
  /** Debian suite it comes from. */
  suite: string
  /** Packages asked for; what they depend on comes along. */
  packages: string[]
  /** Programs that get a wrapper in `bin/`, as paths inside the unpacked tree. */
  programs: string[]
}

/**
 * Debian 13 itself has no Asterisk: 22 LTS is in forky, and bullseye still has 16, the oldest that is supported.
 * Whatever else comes from forky shares its package list with Asterisk 22.
 */
export const TOOL_SETS: Record<ToolSetName, ToolSet> = {
  asterisk22: { suite: 'forky', packages: ['asterisk'], programs: ['usr/sbin/asterisk'] },
  asterisk16: { suite: 'bullseye', packages: ['asterisk'], programs: ['usr/sbin/asterisk'] },
  sipp: { suite: 'forky', packages: ['sip-tester'], programs: ['usr/bin/sipp'] },
  ffmpeg: { suite: 'forky', packages: ['ffmpeg'], programs: ['usr/bin/ffmpeg', 'usr/bin/ffprobe'] },
  // Recordings of people, 8 kHz WAV: what the agent says, and what tests let callers say.
  sounds: {
    suite: 'forky',
    packages: ['asterisk-core-sounds-en-wav', 'asterisk-core-sounds-ru-wav'],
    programs: [],
  },
  // Prints documents. Its fonts come along: what is printed must not depend on the machine.
  chromium: {
    suite: 'trixie',
    packages: ['chromium-headless-shell', 'fontconfig-config', 'fonts-liberation'],
    programs: [],
  },
  // What tests put around the service: they are loaded into, or run, programs of this machine, so they are of its suite.
  strace: { suite: 'trixie', packages: ['strace'], programs: ['usr/bin/strace'] },
  bindfs: { suite: 'trixie', packages: ['bindfs'], programs: ['usr/bin/bindfs'] },
  faketime: { suite: 'trixie', packages: ['libfaketime'], programs: [] },
  // What strangers on the internet try on every SIP port; with the Python that it is written in.
  sipvicious: { suite: 'trixie', packages: ['sipvicious'], programs: ['usr/bin/python3.13'] },
  // The usual pooler for PostgreSQL.
  pgbouncer: { suite: 'trixie', packages: ['pgbouncer'], programs: ['usr/sbin/pgbouncer'] },
  // A verifier of transparency logs that nobody here has written; Debian 13 is the last to have it under this name.
  litetlog: { suite: 'trixie', packages: ['litetlog'], programs: ['usr/bin/spicy-litetlog'] },
}

/** Part of a folder's name in the cache: raise it when the recipe changes what is unpacked. */
export const RECIPE = 1
