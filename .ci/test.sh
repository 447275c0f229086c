# The test runs: one function per part, and what is said at the end. Sourced by `dev`.
# shellcheck shell=bash disable=SC2154,SC2034 # `dev` shares its variables with this file

cpp_parts=(orm framework compile-fail)
all_parts=(style "${cpp_parts[@]}" fuzz web e2e tidy)
full_parts=(thread) # run when named, and with --full
# compile-fail cases are the compiler's own work, and pages are driven from outside: sanitizers add nothing to either.
not_sanitized='^(e2e|compile-fail)$'

results=()
failed=0

# part NAME COMMAND...: runs one part to its end whatever came of the others, keeps its words and notes its result.
# Its steps are chained by &&: within a condition `set -e` does not hold.
part() {
    local name=$1 log=$root/build/log/test-$1.log started=$SECONDS result=passed
    shift
    say "Testing: $name"
    "$@" </dev/null 2>&1 | tee "$log" || result=FAILED
    results+=("$(printf '%-8s %-6s %5d s' "$name" "$result" $((SECONDS - started)))")
    if [[ $result == FAILED ]]; then failed=1; fi
    [[ $result == passed ]]
}

# test_cpp FOLDER CTEST_FILTER...
test_cpp() {
    ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1} UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1} \
        TSAN_OPTIONS=${TSAN_OPTIONS:-second_deadlock_stack=1:history_size=4} \
        "${launcher[@]}" ctest --test-dir "$root/build/$1" --parallel "$(nproc)" --output-on-failure --no-tests=error "${@:2}"
}

# The C++ tests under ThreadSanitizer, in a build of their own: test_thread CTEST_FILTER...
test_thread() {
    launch_with_plain_addresses && configure_thread && build thread &&
        test_cpp thread --label-exclude "$not_sanitized" "$@"
}

# Each target starts from its seeds and from what earlier runs found; 5 s, with --full a minute.
test_fuzz() {
    local seconds=5 target corpus log=$root/build/log/fuzz.log
    if ((full)); then seconds=60; fi
    configure_fuzz && build fuzz &&
        "$root/build/fuzz/tests/fuzz/tandem_fuzz_seeds" "$root/build/fuzz/seeds" || return 1
    for target in row sql; do
        corpus=$root/build/fuzz/corpus/$target
        mkdir -p "$corpus"
        "$root/build/fuzz/tests/fuzz/tandem_fuzz_$target" -max_total_time=$seconds -print_final_stats=1 \
            -artifact_prefix="$root/build/fuzz/$target-" "$corpus" "$root/build/fuzz/seeds/$target" >"$log" 2>&1 || {
            tail -n 40 "$log"
            return 1
        }
        say "fuzz $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds s, nothing found"
    done
}

test_web() {
    cd "$root/web" && npm run --silent typecheck && npm test --silent
}

test_e2e() {
    cd "$root/web" &&
        TANDEM_MODERATION=$root/build/dev/apps/moderation/moderation CHROMIUM=$(find_chromium) \
            npm run --silent test:e2e
}

# ctest's label filter for the C++ parts among those asked for; none when all of them are.
label_filter() {
    local labels
    labels=$(printf '%s\n' "$@" | grep -xF "$(printf '%s\n' "${cpp_parts[@]}")" | sort -u | paste -sd '|')
    if [[ $labels != "$(printf '%s\n' "${cpp_parts[@]}" | sort | paste -sd '|')" ]]; then
        printf -- '--label-regex\n^(%s)$\n' "$labels"
    fi
}

asked() {
    local part
    for part in "${asked_parts[@]}"; do
        [[ " $* " == *" $part "* ]] && return 0
    done
    return 1
}

# What needs the network comes before the first test, so that its absence is one line and not a failed part.
run_tests() {
    start_logs
    if asked "${cpp_parts[@]}" e2e tidy; then configure_dev; fi
    if asked thread; then configure_thread; fi
    if asked web e2e; then install_node_modules; fi
    if asked style; then part style check_style || true; fi
    if asked web; then part web test_web || true; fi
    if asked fuzz; then part fuzz test_fuzz || true; fi
    if asked "${cpp_parts[@]}" e2e tidy; then run_built_tests; fi
    if asked thread; then part thread test_thread || true; fi
}

run_built_tests() {
    local filter
    part build build dev || return 0
    mapfile -t filter < <(label_filter "${asked_parts[@]}")
    if asked "${cpp_parts[@]}"; then part C++ test_cpp dev "${filter[@]}" || true; fi
    if asked e2e; then part e2e test_e2e || true; fi
    if asked tidy; then part tidy check_tidy || true; fi
}

# Each sanitizer has a build of its own; they cannot share one.
run_sanitized_tests() {
    local filter
    start_logs
    configure_sanitize
    if ((full)); then configure_thread; fi
    mapfile -t filter < <(label_filter "${asked_parts[@]}")
    if part build build sanitize; then
        part C++ test_cpp sanitize --label-exclude "$not_sanitized" "${filter[@]}" || true
    fi
    if ((full)); then part thread test_thread "${filter[@]}" || true; fi
}

start_logs() {
    mkdir -p "$root/build/log"
    rm -f "$root"/build/log/test-*.log
}

# Last of all come the test runners' own closing lines; .ci/run repeats them from the file.
close_tests() {
    {
        printf '%s\n' "${results[@]}"
        cat "$root"/build/log/test-{web,C++,e2e,thread}.log 2>/dev/null | runner_summaries || true
    } >"$root/build/log/closing"
    printf '\n'
    cat "$root/build/log/closing"
    ((failed == 0)) || fail "a part failed; the words of each are in $root/build/log/test-*.log"
}

runner_summaries() {
    sed 's/\x1b\[[0-9;]*m//g' | grep -E '^ *(Test Files|Tests) +|^[0-9]+% tests passed|^No tests were found'
}
