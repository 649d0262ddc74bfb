# Runs one PostgreSQL server for as long as one program lives: the program that holds the writing end of this script's
# standard input. The kernel closes that pipe however the program ends, SIGKILL included, so no server is left behind.
#
# $1 folder of the server's programs   $2 folder that holds data/ and the log   $3 folder of the socket
# $4 folder to delete at the end, or ''   then initdb's extra options, --, the server's options
# Standard input: one line, the owner's password, then nothing until the end of the pipe.
programs=$1 home=$2 socket=$3 throwaway=$4
shift 4
umask 077
cd "$home" || exit 1
if [ -f postgres.log ] && [ "$(wc -c <postgres.log)" -gt 1048576 ]; then mv postgres.log postgres.log.1; fi
exec 3<&0 </dev/null >>postgres.log 2>&1
echo $$ >watchdog.pid

# Ctrl+C and a closed terminal reach the whole group: the program ends first, with its database still there.
trap '' HUP INT
IFS= read -r password <&3 || exit 1

initdb_options=
while [ "$1" != -- ]; do initdb_options="$initdb_options $1"; shift; done
shift
if [ ! -e data ]; then
    rm -rf data.new password.new
    printf '%s\n' "$password" >password.new
    # Created beside and moved in whole: a half-made cluster is never taken for a database. (Options hold no spaces.)
    "$programs/initdb" -D data.new --pwfile=password.new $initdb_options || { rm -rf data.new password.new; exit 1; }
    rm -f password.new
    mv data.new data || exit 1
fi
password=

# A process group of its own, for the same reason as the trap: PostgreSQL would take Ctrl+C as "stop now".
set -- "$programs/postgres" -D "$home/data" "$@"
if command -v setsid >/dev/null; then set -- setsid "$@"; else set -m; fi
"$@" 3<&- &
postgres=$!
trap '' TERM

(
    read -r _ <&3
    trap '' USR1
    # TERM first: it is the one signal that also ends a postgres which has not yet installed its handlers.
    kill -TERM "$postgres"
    if [ -n "$throwaway" ]; then kill -QUIT "$postgres"; else kill -INT "$postgres"; fi
) 2>/dev/null &
watcher=$!

wait "$postgres"
status=$?
kill -USR1 "$watcher" 2>/dev/null
if wait "$watcher"; then
    # The pipe has ended: the program is done with this server. Otherwise it may start it again on the same folders.
    cd /
    [ "$socket" = "$home" ] || rm -rf "$socket"
    [ -z "$throwaway" ] || rm -rf "$throwaway"
fi
exit "$status"
