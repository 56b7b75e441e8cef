/**
 * The guard, for any POSIX shell: it stands outside of our process group and our session, hears on its stdin which process groups we
 * lead (`+123`, `-123`), and when that ends, as it does however we end, it ends them and whatever has left them. `$1` is what the
 * environment of all these holds (Linux); elsewhere those that left are found by their parents, as long as these live.
 *
 * Nobody is signalled for a number alone that he once had: a group is one that we have not given back, whose number the system gives
 * to no other while it has a member; others carry our mark, or are of a group or of a parent that is ours now.
 */
export const guardScript = `
trap '' HUP INT QUIT TERM PIPE
mark=$1
groups=' '
known=' '
while IFS= read -r said; do
  case $said in
    +*) groups="$groups\${said#+} " ;;
    -*) case $groups in
          *" \${said#-} "*) groups="\${groups%%" \${said#-} "*} \${groups#*" \${said#-} "}" ;;
        esac ;;
  esac
done
everybody() {
  if [ ! -r /proc/self/stat ]; then
    ps -Ao pid=,ppid=,pgid=,stat= | while read -r pid parent group state; do
      case $state in Z*) ;; *) echo "$pid/$parent/$group" ;; esac
    done
    return
  fi
  for at in /proc/[0-9]*; do
    read -r stat <"$at/stat" || continue
    set -- \${stat##*") "}
    case $1 in Z|X) ;; *) echo "\${at#/proc/}/$2/$3" ;; esac
  done
}
marked() {
  [ -r /proc/self/stat ] || return
  grep -lF -- "$mark" /proc/[0-9]*/environ | while IFS=/ read -r _ _ pid _; do echo "$pid"; done
}
look() {
  own=' '
  all=$(everybody)
  held=" $(echo $(marked)) "
  more=yes
  while [ "$more" ]; do
    more=
    for one in $all; do
      pid=\${one%%/*} group=\${one##*/} parent=\${one#*/}
      parent=\${parent%/*}
      case $own in *" $pid "*) continue ;; esac
      case "$groups$own" in
        *" $group "*) ;;
        *) case $own in
             *" $parent "*) ;;
             *) case $held in
                  *" $pid "*) ;;
                  *) case $known in *" $pid/$group "*) ;; *) continue ;; esac ;;
                esac ;;
           esac ;;
      esac
      own="$own$pid "
      known="$known$pid/$group "
      more=yes
    done
  done
}
send() {
  for pid in $own; do kill -s "$1" "$pid"; done
}
any() {
  for pid in $own; do kill -s 0 "$pid" && return; done
  return 1
}
look
# Who was being started when we ended may not carry its mark yet.
if [ "$own" = ' ' ]; then
  sleep 0.1 || sleep 1
  look
fi
[ "$own" = ' ' ] && exit
send TERM
for turn in 1 2 3 4 5 6; do
  any || break
  sleep 0.1 || sleep 1
done
for turn in 1 2 3 4 5; do
  look
  [ "$own" = ' ' ] && exit
  send KILL
  sleep 0.1 || sleep 1
done
`;
