# System packages: which are missing, and how Debian 12 installs them. Sourced by `dev`.
#
# What is there is found by looking for the thing itself (a command, a header, a pkg-config module), not for a package,
# so that a hand-made install counts and a second run costs some milliseconds. Nothing is ever removed.
# shellcheck shell=bash disable=SC2154 # `dev` shares its variables with this file

missing_packages=()

# needs PACKAGE PROBE...: PACKAGE is missing when the probe fails. Names are Debian's.
needs() {
    local package=$1
    shift
    [[ " ${missing_packages[*]} " == *" $package "* ]] || "$@" >/dev/null 2>&1 || missing_packages+=("$package")
}

has_command() { type -P "$1"; }
has_library() { pkg-config --exists "$1"; }
has_header() {
    local folder
    for folder in /usr/include /usr/local/include ${CPLUS_INCLUDE_PATH:+${CPLUS_INCLUDE_PATH//:/ }}; do
        [[ -e $folder/$1 ]] && return 0
    done
    return 1
}
has_compiler() {
    local compiler version
    read -ra compiler <<<"${CXX:-c++}"
    version=$("${compiler[@]}" -dumpversion) && ((${version%%.*} >= 12))
}
has_certificates() { [[ -e /etc/ssl/certs/ca-certificates.crt || -e /etc/pki/tls/certs/ca-bundle.crt ]]; }

# The program of a Debian LLVM 16 package, under its own or its plain name.
llvm_16() {
    if has_command "$1-16" >/dev/null; then
        printf '%s' "$1-16"
    elif "$1" --version 2>/dev/null | grep 'version 16\.' >/dev/null; then
        printf '%s' "$1"
    else
        return 1
    fi
}

find_chromium() {
    local name
    for name in "${CHROMIUM:-chromium}" chromium-browser google-chrome; do
        has_command "$name" && return 0
    done
    return 1
}

needs_to_build() {
    needs g++ has_compiler
    needs cmake has_command cmake
    needs ninja-build has_command ninja
    needs pkg-config has_command pkg-config
    needs git has_command git
    # Boost 1.74 and 1.81 exclude each other as packages: whichever is there stays.
    needs libboost-dev has_header boost/beast.hpp
    needs libsqlite3-dev has_library 'sqlite3 >= 3.37'
    needs nlohmann-json3-dev has_library nlohmann_json
    needs libre2-dev has_library re2
    needs libsimdjson-dev has_library simdjson
    needs libcli11-dev has_library CLI11
}
needs_to_fetch_node() {
    if ! node_found; then
        needs ca-certificates has_certificates
        needs npm has_command npm # Debian's, to fetch the pinned ones with
    fi
}
needs_to_test() { needs catch2 has_library 'catch2-with-main >= 3'; }
needs_to_compile_fail() { needs clang-16 llvm_16 clang++; }
# One package has clang's sanitizers and its fuzzer.
needs_to_sanitize() {
    needs clang-16 llvm_16 clang++
    needs libclang-rt-16-dev has_sanitizers
}
has_sanitizers() {
    local runtime
    runtime=$("$(llvm_16 clang++)" --print-file-name=libclang_rt.asan-x86_64.a) && [[ -e $runtime ]]
}
needs_to_format() { needs clang-format-16 llvm_16 clang-format; }
needs_to_tidy() { needs clang-tidy-16 llvm_16 clang-tidy; }
needs_to_browse() { needs chromium find_chromium; }

# install_missing: installs what the needs_to_... calls before it found missing, or says in one line how to.
install_missing() {
    ((${#missing_packages[@]})) || return 0
    local packages="${missing_packages[*]}"
    if ! is_debian_12; then
        fail "./dev installs packages on Debian 12 only; this is $(system_name). Install by hand, then run it again (Debian's names): $packages$(version_notes)"
    fi
    gain_root || fail "packages are missing ($packages) and installing them takes root. Run this, then go on: su -c '$root/dev packages $packages'"
    say "Installing packages: $packages"
    apt_log=$(mktemp "${TMPDIR:-/tmp}/tandem-apt.XXXXXX")
    apt_update
    case " $packages " in *" catch2 "*) choose_catch2 ;; esac
    apt_install
    rm -f "$apt_log"
    missing_packages=()
}

is_debian_12() { [[ $(. /etc/os-release && echo "$ID $VERSION_ID") == "debian 12" ]] 2>/dev/null; }
system_name() { (. /etc/os-release && echo "$PRETTY_NAME") 2>/dev/null || uname -s; }
version_notes() {
    case " ${missing_packages[*]} " in *" catch2 "*) printf '; catch2 has to be version 3' ;; esac
    case " ${missing_packages[*]} " in *" g++ "*) printf '; g++ has to be 12 or newer' ;; esac
}

# Afterwards `as_root` works. A password is asked for only where there is somebody to type it.
gain_root() {
    if ((EUID == 0)); then
        as_root() { "$@"; }
    elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [[ -t 0 && -t 1 ]] && sudo -v; }; }; then
        as_root() { sudo "$@"; }
    else
        return 1
    fi
}

apt_get() {
    logged "$apt_log" as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -y \
        -o DPkg::Lock::Timeout=120 -o Acquire::Retries=2 "$@"
}

# A mirror that does not answer is no reason to stop: what is needed may be known already, or come from another one.
apt_update() { apt_get update "$@" || true; }

apt_install() {
    apt_get install --no-remove --no-install-recommends "${missing_packages[@]}" && return 0
    local reason
    reason=$(grep '^E: ' "$apt_log" | tail -n 1)
    case $reason in *"Unable to "* | *"Failed to fetch"* | *"no installation candidate"* | *"was not found"*) fail_without_mirror ;; esac
    fail "apt could not install ${missing_packages[*]}: ${reason:-it gave no reason}. Mend that, then run the same command again (apt's words: $apt_log)"
}

# Says so when the network is the reason; else returns.
fail_without_mirror() {
    if speaks_of_network "$apt_log"; then
        fail "no network: apt cannot reach this machine's package mirror. Connect, then run the same command again (apt's words: $apt_log)"
    fi
}

# Debian 12's own Catch2 is version 2. Backports are taken for this package alone: apt gives them a priority that never
# upgrades anything else, and the release is named for this one package.
choose_catch2() {
    local release="$release_name-backports"
    [[ $(apt_targets) == *"|$release|"* ]] || add_backports "$release"
    missing_packages=("${missing_packages[@]/%catch2/catch2/$release}")
}

release_name=bookworm

# What apt has configured, whichever format it was written in: URI|origin|code name|component
# shellcheck disable=SC2016 # the names in $(...) are apt's
apt_targets() {
    apt-get indextargets --format '$(REPO_URI)|$(ORIGIN)|$(CODENAME)|$(COMPONENT)' 'Created-By: Packages'
}

# The new entry is the machine's own entry for Debian (mirror, key and options as they are) with another suite.
add_backports() {
    local release=$1 folder=/etc/apt/sources.list.d mirror entry file
    mirror=$(apt_targets | awk -F'|' -v release="$release_name" \
        '$2 == "Debian" && $3 == release && $4 == "main" {print $1}' | tail -n 1)
    file=$folder/tandem-backports.list
    entry=$(backports_line "$mirror" "$release")
    if [[ -z $entry ]]; then
        file=$folder/tandem-backports.sources
        entry=$(backports_stanza "$mirror" "$release")
    fi
    if [[ -z $mirror || -z $entry ]]; then
        fail_without_mirror
        fail "catch2 version 3 comes from $release, and apt has no entry for Debian to take its mirror from. Add $release to apt's sources, then run the same command again"
    fi
    say "Adding $release for catch2: $file"
    printf '%s\n' "$entry" | as_root tee "$file" >/dev/null
    apt_update -o Dir::Etc::sourcelist="$file" -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0
}

# One-line format: deb [options] URI suite components
backports_line() {
    { cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true; } |
        awk -v mirror="$1" -v release="$2" '
            function plain(uri) { sub(/\/+$/, "", uri); return uri }
            $1 == "deb" {
                at = 2
                if ($2 ~ /^\[/) while (at <= NF && $(at++) !~ /\]$/);
                if (done || plain($at) != plain(mirror)) next
                head = $1
                for (i = 2; i <= at; i++) head = head " " $i
                print head, release, "main"
                done = 1
            }'
}

# deb822 format: stanzas of fields, continued on indented lines. All but what is asked for anew is kept.
backports_stanza() {
    { awk 'FNR == 1 {print ""} 1' /etc/apt/sources.list.d/*.sources 2>/dev/null || true; } |
        awk -v mirror="$1" -v release="$2" '
            function plain(uri) { sub(/\/+$/, "", uri); return uri }
            function finish() {
                if (ours && !off && !done) {
                    printf "%sTypes: deb\nSuites: %s\nComponents: main\n", kept, release
                    done = 1
                }
                kept = ""; ours = off = 0
            }
            /^[ \t]*$/ { finish(); next }
            /^#/ { next }
            /^[^ \t]/ { field = tolower($1); sub(/:.*/, "", field) }
            field == "uris" { for (i = 1; i <= NF; i++) if (plain($i) == plain(mirror)) ours = 1 }
            field == "enabled" && tolower($2) ~ /^(no|false|0|off|without|disable)$/ { off = 1 }
            field !~ /^(types|suites|components|enabled)$/ { kept = kept $0 "\n" }
            END { finish() }'
}
