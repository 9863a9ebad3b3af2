#!/usr/bin/env bash
# Ends all that a run started and removes its folder, once the run ends
# (normally or by SIGKILL: setpriv then sends this the TERM signal).
#
#   watchdog.sh RUN-FOLDER PID-OF-THE-RUN
run=$1
parent=$2

# Whether any of the processes still runs: a dead one may wait long for its
# new parent to take notice.
any_runs() {
    local pid
    for pid in "$@"; do
        if [[ -e /proc/$pid/status ]] && ! grep -q '^State:.Z' "/proc/$pid/status"; then return 0; fi
    done
    return 1
}

clean_up() {
    trap '' TERM
    [[ -z $sleeper ]] || kill "$sleeper"
    local file pid pids=() left
    for file in "$run"/pids/*; do
        [[ -e $file ]] || continue
        read -r pid <"$file"
        case $file in
        *.group) kill -KILL -- "-$pid" ;;
        *.pg)
            # A postmaster that is killed outright leaves shared memory behind.
            kill -QUIT "$pid"
            pids+=("$pid")
            ;;
        *)
            kill -KILL "$pid"
            pids+=("$pid")
            ;;
        esac
    done
    for ((left = 100; left > 0; left--)); do
        any_runs "${pids[@]}" || break
        sleep 0.05
    done
    [[ ${#pids[@]} == 0 ]] || kill -KILL "${pids[@]}"
    # A child of what was killed may still be at work in the folder.
    for ((left = 20; left > 0; left--)); do
        rm -rf "$run" && sleep 0.02
        [[ -e $run ]] || break
        sleep 0.1
    done
    exit 0
}

sleeper=
trap clean_up TERM
: >"$run/watched"
# The run may have died before setpriv could ask for the signal.
[[ $PPID == "$parent" ]] || clean_up
sleep infinity &
sleeper=$!
wait "$sleeper"
clean_up
