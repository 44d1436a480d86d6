/**
 * Flags of Node for `consentry serve`. V8 marks its whole heap whenever the heap and the buffers outside it have grown by some
 * 10 MB. The cipher puts each block of audio into a new buffer, so 400 calls would cause that every 2 s, and it would take a
 * third of the service's processor time. While heap and buffers together are below this size in MB, V8 collects young objects only.
 */
export const SERVICE_FLAGS = ['--initial-old-space-size=128']
