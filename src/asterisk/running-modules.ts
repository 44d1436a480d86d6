import type { AriTransport } from './transport/ari-transport.js'

/** Names of the modules that run, such as `app_stasis.so`. @throws AppError `pbx.*` */
export async function runningModules(ari: AriTransport): Promise<ReadonlySet<string>> {
  const list = await ari.request('asterisk', 'listModules', {})
  const modules = Array.isArray(list) ? (list as { name: string; status: string }[]) : []
  return new Set(modules.filter(({ status }) => status === 'Running').map(({ name }) => name))
}
