# The benchmarks: a build of their own, and the peers to compare with as far as they can be had. Sourced by `dev`.
# shellcheck shell=bash disable=SC2154 # `dev` shares its variables with this file

sqlalchemy_folder=$root/build/tools/sqlalchemy
sqlalchemy_pins=$root/tests/bench/orm_sqlalchemy.txt

run_bench_command() {
    case ${1:-} in
        orm) bench_orm "${@:2}" ;;
        "") fail "bench takes a name: ./dev bench orm" ;;
        *) fail "there is no benchmark '$1': ./dev bench orm" ;;
    esac
}

# Options are the benchmark's own; it lists them when it does not know one.
bench_orm() {
    local options=("$@") status=0
    needs_to_build
    install_missing
    if [[ " $* " != *" --quick "* ]]; then
        get_peers
        if sqlalchemy_is_here; then options+=(--python "$sqlalchemy_folder/bin/python"); fi
    fi
    configure_bench
    build bench
    (cd "$root/build/bench" && exec tests/bench/tandem_orm_bench "${options[@]}") || status=$?
    case $status in
        0) say "All gates are met" ;;
        1) fail "a gate was missed: the rows marked OVER (tests/bench/README.md says how to find out why)" ;;
        *) fail "the benchmark could not be run to its end" ;;
    esac
}

configure_bench() {
    local soci=OFF
    if has_soci; then soci=ON; fi
    configure bench -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE="-O2 -DNDEBUG" -DTANDEM_BUILD_TESTS=OFF \
        -DTANDEM_BUILD_FRAMEWORK=OFF -DTANDEM_BUILD_APPS=OFF -DTANDEM_BUILD_BENCH=ON -DTANDEM_BENCH_SOCI=$soci
}

# A peer that cannot be had ends nothing: its column says "not available".
get_peers() {
    (
        needs libsoci-dev has_soci
        needs python3-venv has_venv
        install_missing
    ) || say "Going on without the peers that are missing"
    sqlalchemy_is_here || get_sqlalchemy || say "Going on without SQLAlchemy"
}

has_soci() { has_header soci/sqlite3/soci-sqlite3.h; }
has_venv() { python3 -c 'import ensurepip, venv'; }
sqlalchemy_is_here() { cmp -s "$sqlalchemy_pins" "$sqlalchemy_folder/installed.txt"; }

# At the versions and with the hashes of the pins, beside the system's Python packages and not among them.
get_sqlalchemy() {
    local log=$root/build/log/sqlalchemy.log
    say "Fetching SQLAlchemy to compare with"
    rm -rf "$sqlalchemy_folder"
    mkdir -p "${log%/*}"
    : >"$log"
    logged "$log" python3 -m venv "$sqlalchemy_folder" &&
        logged "$log" "$sqlalchemy_folder/bin/python" -m pip --disable-pip-version-check --retries 1 install \
            --require-hashes --only-binary :all: -r "$sqlalchemy_pins" &&
        cp "$sqlalchemy_pins" "$sqlalchemy_folder/installed.txt" && return 0
    say "SQLAlchemy could not be fetched (pip's words: $log)"
    return 1
}
