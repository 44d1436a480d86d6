import type { Release } from './release.js'
import type { Verb } from './verbs.js'

/** A text for roff: what begins a request or an escape stands for itself, and hyphens can be searched. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll(/^(?=[.'])/gm, '\\&')

function entry({ name, summary, details, usage, example }: Verb): string {
  const lines = usage.map(words => `consentry ${name} ${words}`.trim())
  return [
    `.SS ${roff(name)}`,
    `${roff(summary)}.`,
    ...(details ? ['.PP', roff(details)] : []),
    '.PP',
    '.nf',
    ...lines.map(roff),
    '.fi',
    '.PP',
    `Example: ${roff(`consentry ${example}`)}`,
  ].join('\n')
}

function section(group: string, verbs: readonly Verb[]): string {
  return [
    `.SH "${roff(group).toUpperCase()}"`,
    ...verbs.filter(verb => verb.group === group).map(entry),
  ].join('\n')
}

/** Makes the manual page of the command, in the form of man-pages(7). */
export function manPage(verbs: readonly Verb[], { version, at }: Pick<Release, 'version' | 'at'>): string {
  const day = new Date(at * 1_000).toISOString().slice(0, 10)
  const groups = [...new Set(verbs.map(({ group }) => group))]
  return `.TH CONSENTRY 1 "${day}" "Consentry ${version}"
.SH NAME
consentry \\- recording consent beside an Asterisk PBX
.SH SYNOPSIS
.B consentry
.I VERB
.RI [ options ]
.SH DESCRIPTION
Consentry asks callers of an Asterisk PBX for recording consent and records, encrypted, only those who said yes.
Each verb prints one JSON document with
.BR \\-\\-json .
.B consentry help
.I VERB
prints what is below about a verb.
.PP
As root, and through
.BR sudo (8),
the command runs as the user
.B consentry
with the settings of the installation. It can read the files that its arguments name, and what it writes belongs to its caller.
Run by another user, it has neither the settings nor the recordings of the installation: then it makes keys and opens recordings
with what is in the environment.
${groups.map(group => section(group, verbs)).join('\n')}
.SH EXIT STATUS
.TP
.B 0
What was asked holds.
.TP
.B 1
It does not hold, or was refused.
.TP
.B 2
The command line was not understood.
.SH FILES
.TP
.I /etc/consentry/consentry.env
The settings: one
.IR NAME = VALUE
a line.
.TP
.I /etc/consentry/recipients.json
The public keys for which recordings are encrypted.
.TP
.I /var/lib/consentry
The data folder, with the encrypted recordings.
.TP
.I /var/lib/consentry\\-keys
The key store. It belongs into no backup.
.TP
.I /usr/share/doc/consentry
The guides.
.SH SEE ALSO
.BR asterisk (8),
.BR systemctl (1)
`
}
