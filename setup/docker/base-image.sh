#!/usr/bin/env bash
# Makes the file system of a small Debian image, as `debian:<suite>-slim` is: the essential packages and apt, up to date,
# without documentation and package lists.
#
#   base-image.sh SUITE ARCHIVE.tar.gz [MIRROR]        as root; needs debootstrap
#
# The packages come from debootstrap's own mirror, unless another is named. This file's content is part of the cache key:
# a change of it makes new archives.
set -euo pipefail
suite=$1
archive=$2
mirror=${3:-}
export LC_ALL=C DEBIAN_FRONTEND=noninteractive PATH="/usr/local/sbin:/usr/sbin:/sbin:$PATH"

root=$(mktemp -d)
chmod 0755 "$root" # the mode of "/" in every container
trap 'rm -rf --one-file-system "$root"' EXIT

debootstrap --variant=minbase "$suite" "$root" ${mirror:+"$mirror"}

# debootstrap leaves the release alone in sources.list. Updates lie on the same mirror; security updates beside it.
mirror=$(awk '$1 == "deb" { print $2; exit }' "$root/etc/apt/sources.list")
mirror=${mirror%/}
cat >"$root/etc/apt/sources.list" <<END
deb $mirror $suite main
deb $mirror $suite-updates main
END
security="deb ${mirror%/debian}/debian-security $suite-security main"
echo "$security" >"$root/etc/apt/sources.list.d/security.list"
if ! chroot "$root" apt-get -qq update; then
  echo "No security updates beside the mirror: going on without them."
  rm "$root/etc/apt/sources.list.d/security.list"
  chroot "$root" apt-get -qq update
fi

# Services must not start while an image is built.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 0755 "$root/usr/sbin/policy-rc.d"

chroot "$root" apt-get -qq --yes -o Dpkg::Use-Pty=0 dist-upgrade

# What every later apt-get in the image shall leave out or not keep.
cat >"$root/etc/apt/apt.conf.d/slim" <<'END'
APT::AutoRemove::SuggestsImportant "false";
Acquire::Languages "none";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
END
cat >"$root/etc/dpkg/dpkg.cfg.d/slim" <<'END'
force-unsafe-io
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
END

# What the packages so far have put there all the same. Licences stay.
find "$root/usr/share/doc" -type f ! -name copyright -delete
find "$root/usr/share/doc" -depth -type d -empty -delete
rm -rf "$root"/usr/share/{info,locale,man}/* "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/archives/*.deb \
  "$root"/var/cache/apt/*.bin "$root"/var/log/*.log "$root"/var/log/apt/* "$root"/var/cache/debconf/*-old

# What belongs to the machine this was made on.
rm -f "$root/etc/hostname" "$root/etc/resolv.conf"
: >"$root/etc/machine-id"

tar --create --numeric-owner --xattrs --directory "$root" \
  --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' . |
  gzip -1 >"$archive"
