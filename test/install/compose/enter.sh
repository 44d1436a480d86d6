#!/bin/sh
# Runs a command as on a machine of its own, as root: with folders /etc, /run and /var/lib whose changes are gone afterwards, and a network
# of its own with nothing but the loopback interface. The network of the machine stays reachable by /run/outer-net, for builds.
# It must be the first process of new namespaces for mounts and processes.
set -eu
mount --make-rprivate /
mount -t tmpfs -o mode=0755 tmpfs /run
touch /run/outer-net
mount --bind /proc/self/ns/net /run/outer-net
for folder in etc var/lib; do
  mkdir -p "/run/layers/$folder/changes" "/run/layers/$folder/work"
  mount -t overlay overlay \
    -o "lowerdir=/$folder,upperdir=/run/layers/$folder/changes,workdir=/run/layers/$folder/work" "/$folder"
done
exec unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$@"
