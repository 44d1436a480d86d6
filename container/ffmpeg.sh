#!/bin/sh
# Builds ffmpeg from Debian's source with only what prompts need: the formats that src/prompts/intake takes in, the codings that
# Asterisk plays, and the filters of src/prompts. It opens no network. Debian's own package brings 471 MB of libraries.
#
# usage: ffmpeg.sh FILE     where the program is put
set -eu
to=$1
sed -i 's/^Types: deb$/Types: deb deb-src/' /etc/apt/sources.list.d/debian.sources
apt-get update
apt-get install -y --no-install-recommends dpkg-dev gcc libc6-dev make nasm
mkdir -p /tmp/ffmpeg && cd /tmp/ffmpeg
# apt checks the signature of the source. dpkg-source applies Debian's patches.
apt-get source ffmpeg
cd ffmpeg-*/
./configure \
  --disable-everything --disable-autodetect --disable-network --disable-doc --disable-debug \
  --disable-avdevice --disable-swscale --disable-postproc --disable-ffplay --disable-ffprobe \
  --enable-protocol=file,pipe \
  --enable-demuxer=wav,flac,mov,mp3,ogg,pcm_alaw \
  --enable-decoder=pcm_s16le,pcm_s24le,pcm_s32le,pcm_u8,pcm_f32le,pcm_f64le,pcm_alaw,pcm_mulaw \
  --enable-decoder=mp3,mp3float,aac,alac,flac,vorbis,opus \
  --enable-parser=aac,flac,mpegaudio,opus,vorbis \
  --enable-encoder=pcm_s16le,pcm_alaw,pcm_mulaw,adpcm_g722 \
  --enable-muxer=pcm_s16le,pcm_alaw,pcm_mulaw,g722 \
  --enable-filter=adelay,aresample,asetnsamples,highpass,loudnorm,lowpass
make -j"$(nproc)" ffmpeg
install -D -m 0755 ffmpeg "$to"
# The version for scanners of images, and the licence (LGPL 2.1 or later as configured above).
mkdir -p "$(dirname "$to")/../share/doc/ffmpeg"
cp debian/copyright "$(dirname "$to")/../share/doc/ffmpeg/copyright"
dpkg-parsechangelog --show-field Version > "$(dirname "$to")/../share/doc/ffmpeg/version"
cd / && rm -rf /tmp/ffmpeg
