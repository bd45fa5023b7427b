#!/bin/sh
# Collects a root file system that holds given programs and nothing else: each program, the libraries it loads, what a
# process looks up (users, time zones), and the licence and status of every Debian package any of it came from, so that
# a scanner knows the versions. No shell, no package manager, no certificate store (the server calls nobody).
#   collect.sh FROM TO PROGRAM…     FROM a Debian root ("/" works), TO a new directory, PROGRAM a path below FROM
# Run by build.sh and by the Dockerfile, so that both make the same image.
set -eu
from=${1%/} to=$2
shift 2

# Copies one file with its links followed, to the path it was asked by.
take() {
  mkdir -p "$to/$(dirname "$1")"
  cp -L --preserve=mode,timestamps "$from$1" "$to$1"
}

# The libraries of a program, as the loader of FROM finds them there.
libraries() {
  if [ -z "$from" ]; then set -- "" "$1"; else set -- "chroot $from" "$1"; fi
  $1 /lib64/ld-linux-x86-64.so.2 --list "$2" | awk '$3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }'
}

mkdir -p "$to"
for program in "$@"; do
  take "$program"
  libraries "$program"
done | sort -u | while read -r library; do take "$library"; done
take /usr/share/zoneinfo/Asia/Shanghai
take /usr/share/zoneinfo/UTC

# 65532 is what images without users of their own use by custom; nothing on a node has it.
mkdir -p "$to/etc" "$to/tmp" "$to/var/lib/zhuxiao"
chown 65532:65532 "$to/var/lib/zhuxiao"
chmod 1777 "$to/tmp"
echo 'nonroot:x:65532:65532:nonroot:/:/sbin/nologin' >"$to/etc/passwd"
echo 'nonroot:x:65532:' >"$to/etc/group"
take /etc/os-release

# Programs built here belong to no package, hence the silence. Each file is asked for by its own name and by the one
# it links to, before and after /lib became a link to /usr/lib.
cd "$to"
find . -type f | sed 's/^\.//' | while read -r file; do
  real=$(realpath "$from$file")
  printf '%s\n' "$file" "${file#/usr}" "${real#"$from"}"
done | sort -u | { xargs dpkg-query --admindir="$from/var/lib/dpkg" -S 2>/dev/null || true; } |
  sed -n 's/^\([^:, ]*\).*/\1/p' | sort -u | while read -r package; do
  mkdir -p "$to/var/lib/dpkg/status.d"
  dpkg-query --admindir="$from/var/lib/dpkg" -s "$package" >"$to/var/lib/dpkg/status.d/$package"
  take "/usr/share/doc/$package/copyright"
done
