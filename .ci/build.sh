# Build folders: configured once per set of options, then Ninja's business. Sourced by `dev`.
# shellcheck shell=bash disable=SC2154 # `dev` shares its variables with this file

# configure FOLDER OPTION...: runs CMake only when the folder is new or the options changed; Ninja itself notices
# changed CMake files.
configure() {
    local folder=$root/build/$1 log=$root/build/log/configure-$1.log
    local options=(-G Ninja -DTANDEM_NPM="$(type -P npm)" "${@:2}")
    if [[ -e $folder/build.ninja && $(cat "$folder/dev-options" 2>/dev/null) == "${CXX:-} ${options[*]}" ]]; then return 0; fi
    say "Configuring build/$1"
    mkdir -p "$folder" "${log%/*}"
    : >"$log"
    if ! logged "$log" cmake -S "$root" -B "$folder" "${options[@]}"; then
        rm -f "$folder/build.ninja"
        if speaks_of_network "$log"; then
            fail "no network: npm cannot reach its registry. Connect, then run the same command again (the words of CMake and npm: $log)"
        fi
        sed 's/^/   /' "$log" | tail -n 25 >&2
        fail "CMake could not configure build/$1: mend what stands above, then run the same command again (all of it: $log)"
    fi
    printf '%s' "${CXX:-} ${options[*]}" >"$folder/dev-options"
}

# The demo needs no test tools, so it has a folder of its own.
configure_demo() { configure demo -DCMAKE_BUILD_TYPE=RelWithDebInfo -DTANDEM_BUILD_TESTS=OFF; }
configure_dev() { configure dev -DCMAKE_BUILD_TYPE=RelWithDebInfo -DTANDEM_WERROR=ON -DTANDEM_BUILD_TESTS=ON; }
# Apps are driven by page tests, which sanitizers are not part of. By clang, which runs every C++ test that way: it
# compiles differently from g++, and this in two thirds of the time.
configure_sanitize() {
    CXX=$(llvm_16 clang++) configure sanitize -DCMAKE_BUILD_TYPE=Debug -DTANDEM_WERROR=ON -DTANDEM_BUILD_TESTS=ON \
        -DTANDEM_BUILD_APPS=OFF -DTANDEM_SANITIZE=address,undefined
}
# ThreadSanitizer slows down what it watches: -O1 makes up for some of that and keeps the stacks readable.
configure_thread() {
    configure thread -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g" -DTANDEM_WERROR=ON \
        -DTANDEM_BUILD_TESTS=ON -DTANDEM_SANITIZE=thread
}
configure_fuzz() {
    CXX=$(llvm_16 clang++) configure fuzz -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g" \
        -DTANDEM_BUILD_FUZZERS=ON -DTANDEM_BUILD_FRAMEWORK=OFF -DTANDEM_BUILD_TESTS=ON -DTANDEM_SANITIZE=address,undefined
}

# What the programs of a build are started with: its tests, and the build itself, which asks them for their list of tests.
launcher=()

# ThreadSanitizer of GCC 12 finds no room for its books where a kernel scatters addresses over more than 28 bits.
launch_with_plain_addresses() {
    local bits
    bits=$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null) || return 0
    ((bits > 28)) || return 0
    setarch --addr-no-randomize true 2>/dev/null ||
        fail "this kernel scatters addresses over $bits bits, too many for ThreadSanitizer, and setarch may not change that here: run sysctl vm.mmap_rnd_bits=28 as root, then the same command again"
    launcher=(setarch --addr-no-randomize)
}

# build FOLDER: says nothing when there is nothing to do.
build() {
    local folder=$root/build/$1
    if ninja -C "$folder" -n 2>/dev/null | grep 'no work to do' >/dev/null; then return 0; fi
    say "Building build/$1"
    NINJA_STATUS='[%f/%t %es] ' "${launcher[@]}" ninja -C "$folder" ||
        fail "the build in build/$1 failed: mend what stands above, then run the same command again"
}
