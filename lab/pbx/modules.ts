import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../src/core/errors.js'

/** Modules of the lab's PBX in loading order. A module that this version does not have is left out. */
const MODULES = [
  'res_timing_timerfd pbx_config codec_alaw codec_ulaw codec_a_mu codec_g722 codec_resample format_pcm format_wav format_sln',
  'func_callerid func_channel func_cut func_dialplan func_env func_global func_logic func_shell func_strings func_math func_timeout func_volume',
  'res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjproject res_geolocation res_pjsip res_pjsip_session',
  'res_pjsip_pubsub res_pjsip_caller_id res_pjsip_dtmf_info res_pjsip_endpoint_identifier_ip res_pjsip_refer',
  'res_pjsip_rfc3326 res_pjsip_authenticator_digest res_pjsip_sdp_rtp res_pjsip_header_funcs res_rtp_asterisk chan_pjsip res_rtp_multicast chan_rtp',
  'bridge_simple bridge_native_rtp bridge_softmix bridge_holding bridge_builtin_features chan_bridge_media',
  'app_stack app_verbose app_dial app_playback app_read app_senddtmf app_mixmonitor app_chanspy app_queue app_userevent',
  'app_record app_bridgewait app_echo app_originate app_channelredirect app_playtones app_softhangup app_confbridge',
  'res_musiconhold res_parking res_clioriginate',
  'res_websocket_client res_http_websocket res_stasis res_stasis_answer res_stasis_playback res_stasis_recording',
  'res_stasis_snoop res_stasis_device_state app_stasis res_ari res_ari_model res_ari_applications',
  'res_ari_asterisk res_ari_bridges res_ari_channels res_ari_device_states res_ari_endpoints res_ari_events',
  'res_ari_playbacks res_ari_recordings res_ari_sounds',
].flatMap(line => line.split(' '))

/** Folders of Asterisk's modules, in forky and in bullseye. */
const FOLDERS = ['usr/lib/x86_64-linux-gnu/asterisk/modules', 'usr/lib/asterisk/modules']

/**
 * Finds the modules of an unpacked Asterisk.
 *
 * @returns their folder, and the lines for modules.conf
 *
 * @throws AppError `tool.missing`
 */
export async function findModules(tree: string): Promise<{ folder: string; lines: string }> {
  for (const folder of FOLDERS.map(path => join(tree, path))) {
    const present = new Set(await readdir(folder).catch(() => [] as string[]))
    if (present.size === 0) continue
    const files = MODULES.map(name => `${name}.so`).filter(file => present.has(file))
    return { folder, lines: files.map(file => `load = ${file}`).join('\n') }
  }
  throw new AppError('tool.missing', `no Asterisk modules below ${tree}: remove it and try again`)
}
