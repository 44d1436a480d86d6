/** The style of the summary, for screens, telephones and paper. It loads no script, font or picture. */
export const SUMMARY_STYLE = `
body { margin: 2rem auto; padding: 0 1rem; max-width: 60rem; color: #111; background: #fff; font: 1rem/1.5 system-ui, sans-serif; }
nav { text-align: right; }
nav a { margin-left: 1rem; }
section + section { margin-top: 4rem; border-top: 1px solid #999; padding-top: 2rem; }
h1 { font-size: 1.6rem; }
h2 { margin-top: 2rem; font-size: 1.15rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; }
dt { color: #555; }
dd { margin: 0; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .4rem .6rem; border-bottom: 1px solid #ccc; text-align: left; vertical-align: top; overflow-wrap: break-word; }
th { color: #555; font-weight: 600; }
time { white-space: nowrap; }
audio { width: 15rem; max-width: 100%; height: 2rem; }
.num { white-space: nowrap; font-variant-numeric: tabular-nums; }
.id, td a { overflow-wrap: anywhere; }
.id { font: .75rem/1.6 monospace; }
.note { color: #555; font-size: .85rem; }
@media print { nav, audio { display: none; } tr { break-inside: avoid; } section + section { break-before: page; } }
`
