# What `dev` says to the person in front of it. Sourced by `dev`.
# shellcheck shell=bash

# The last line of a run that cannot go on: what is wrong and what to do, in one line.
fail() {
    printf 'dev: %s\n' "$*" >&2
    exit 1
}

say() { printf -- '-- %s\n' "$*"; }

# Standard input becomes a sign of life: on a terminal the latest line, repainted; in a log one line every few seconds.
progress() {
    local line shown=-100
    while IFS= read -r line || [[ -n $line ]]; do
        if [[ -t 1 ]]; then
            printf '\r\033[K   %.*s' $((${COLUMNS:-80} - 4)) "$line"
        elif ((SECONDS - shown >= 5)); then
            printf '   %.150s\n' "$line"
            shown=$SECONDS
        fi
    done
    if [[ -t 1 ]]; then printf '\r\033[K'; fi
}

# Runs a command whose output is of interest only when it fails; all of it goes to the log file named first.
logged() {
    local log=$1
    shift
    "$@" </dev/null 2>&1 | tee -a "$log" | progress
}

# A log that speaks of an unreachable network, whichever program wrote it (apt, pip, npm).
speaks_of_network() {
    grep -qiE 'temporary failure (in name resolution|resolving)|could not (resolve|connect)|unable to connect|connection (failed|refused|timed out|reset)|network is unreachable|name or service not known|NewConnectionError|ReadTimeoutError|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH' "$1"
}
