#!/usr/bin/env bash
# Builds the two images without a Docker engine, as root on Debian 12: a fresh Debian root of the packages the program
# needs (mmdebstrap, from the sources of this machine), from that the few files that are used (collect.sh), and an image
# of those (buildah, which runs nothing). Writes build/image/NAME.oci.tar, which `ctr images import`, `kind load
# image-archive`, `podman load` and `skopeo copy oci-archive:…` take.
#   k8s/image/build.sh zhuxiao|zhuxiao-redis [TAG]
# BIN (default build/bin) is where zhuxiaod was built.
set -euo pipefail
cd "$(dirname "$0")/../.."
name=${1:?zhuxiao or zhuxiao-redis}
version=$(sed -n 's/^project(zhuxiao VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
tag=${2:-$version}
bin=${BIN:-build/bin}

.ci/packages.sh image
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

# The packages whose libraries a program built here loads.
packages_of() {
  local libraries
  mapfile -t libraries < <(ldd "$@" | awk '$3 ~ /^\// { print $3 }' | sort -u)
  # By both names, for dpkg knows a file by the place before or after /lib became a link to /usr/lib.
  { realpath "${libraries[@]}"; printf '%s\n' "${libraries[@]}"; } | sort -u | xargs dpkg-query -S 2>/dev/null |
    cut -d: -f1 | sort -u
}

case $name in
  zhuxiao)
    # Not the command line: with ICU, whose data alone takes 31 MB, the image would be twice as large.
    mapfile -t packages < <(packages_of "$bin/zhuxiaod")
    programs=(/usr/bin/zhuxiaod)
    entrypoint='["/usr/bin/zhuxiaod"]'
    ;;
  zhuxiao-redis)
    # cp lays the first configuration on a volume (see the component redis-quorum); there is no shell to do it.
    packages=(redis-server redis-tools coreutils)
    programs=(/usr/bin/redis-server /usr/bin/redis-cli /bin/cp)
    entrypoint='["/usr/bin/redis-server"]'
    ;;
  *)
    echo "build.sh: knows no image $name" >&2
    exit 2
    ;;
esac

# Extracted without running any package's scripts: nothing of them is in the image, and no chroot has to work.
mapfile -t sources < <(ls /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources 2>/dev/null)
include=$(IFS=,; echo "${packages[*]},base-files,tzdata,libc6")
mmdebstrap --quiet --variant=extract --include="$include" bookworm "$work/debian" "${sources[@]}"
if [[ $name == zhuxiao ]]; then
  install -m 755 "$bin/zhuxiaod" "$work/debian/usr/bin/"
  strip "$work/debian/usr/bin/zhuxiaod"
fi
k8s/image/collect.sh "$work/debian" "$work/root" "${programs[@]}"

# Kept apart from the machine's own containers, and gone with the rest.
buildah() { command buildah --root "$work/store" --runroot "$work/run" --storage-driver vfs "$@"; }
container=$(buildah from scratch)
buildah copy --quiet "$container" "$work/root" / >/dev/null
buildah config --user 65532:65532 --entrypoint "$entrypoint" --cmd '' --workingdir / \
  --label org.opencontainers.image.title="$name" --label org.opencontainers.image.version="$tag" "$container"
mkdir -p build/image
rm -f "build/image/$name.oci.tar"
buildah commit --quiet --disable-compression=false "$container" "oci-archive:build/image/$name.oci.tar:$name:$tag" >/dev/null
printf '%s:%s: %s unpacked, %s as an archive\n' "$name" "$tag" \
  "$(du -sh --apparent-size "$work/root" | cut -f1)" "$(du -h --apparent-size "build/image/$name.oci.tar" | cut -f1)"

# Tried as it will run: its own root, nobody's user.
root=$(buildah mount "$container")
for program in "${programs[@]}"; do
  chroot --userspec=65532:65532 "$root" "$program" --version
done
find "$root" -name 'sh' -o -name 'bash' -o -name 'dash' -o -name 'busybox' | grep . && {
  echo "build.sh: a shell got into the image" >&2
  exit 1
}
exit 0
