/**
 * Run by sh as root of new mount, network and process namespaces: covers the folders that hold secrets or other people's
 * files, puts back those that the child needs, makes all but what it answers in read-only, gives every privilege up and
 * becomes the command. Nothing from outside is part of its text; everything comes as an argument:
 *
 *     sh -c SCRIPT sh USER GROUP N-WRITABLE N-KEPT N-COVERED WRITABLE… KEPT… COVERED… COMMAND…
 *
 * USER and GROUP, where given, are whom to become.
 */
export const sandboxScript = `set -eu
here=$(pwd -P)
user=$1 group=$2 writable=$3 kept=$(($3 + $4)) covered=$5
shift 5
mount -t tmpfs -o mode=755,size=1m tmpfs /mnt
n=0
for path; do
  [ $n -lt $kept ] || break
  if [ -d "$path" ]; then mkdir /mnt/$n; else : >/mnt/$n; fi
  mount --bind "$path" /mnt/$n
  n=$((n + 1))
done
n=0
for path; do
  [ $n -lt $((kept + covered)) ] || break
  [ $n -lt $kept ] || mount -t tmpfs -o mode=755,size=1m tmpfs "$path"
  n=$((n + 1))
done
n=0 rw=
while [ $n -lt $kept ]; do
  if [ ! -e "$1" ]; then
    if [ -d /mnt/$n ]; then mkdir -p "$1"; else mkdir -p "\${1%/*}"; : >"$1"; fi
  fi
  mount --bind /mnt/$n "$1"
  [ $n -ge $writable ] || rw="$rw|$1|"
  shift
  n=$((n + 1))
done
shift $covered
umount -l /mnt
# A flag that a mount came with has to be named again; what cannot be made read-only stays what the runner's user may write.
while read -r _ place _ options _; do
  case $rw in *"|$place|"*) continue ;; esac
  case $place in /proc | /proc/* | /sys | /sys/* | /dev | /dev/*) continue ;; esac
  flags=
  for flag in nosuid nodev noexec; do
    case ,$options, in *,$flag,*) flags=$flag,$flags ;; esac
  done
  mount -o "remount,bind,\${flags}ro" "$place" 2>/dev/null || :
done </proc/mounts
# The old folder lies below what covers it.
cd "$here"
unset PWD OLDPWD
if [ -n "$user" ]; then
  exec setpriv --reuid="$user" --regid="$group" --clear-groups \\
    --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
fi
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
`
