# The style checks: formatting, house rules, clang-tidy. Sourced by `dev`.
# shellcheck shell=bash disable=SC2154 # `dev` shares its variables with this file

# Git refuses a clone that another user owns (a mounted folder in a container); reading it is harmless.
git_here() { git -c safe.directory='*' -C "$root" "$@"; }

# Files of the work tree, new ones too, that match the patterns given; none that are ignored or deleted.
files() {
    local file
    git_here ls-files --cached --others --exclude-standard -- "$@" | sort -u | while IFS= read -r file; do
        if [[ -f $root/$file ]]; then printf '%s\n' "$file"; fi
    done
}

cpp_files() { files '*.cpp' '*.hpp'; }

format_files() { (cd "$root" && cpp_files | xargs -r -d '\n' "$(llvm_16 clang-format)" -i); }

check_style() {
    local bad=0
    check_format || bad=1
    check_public_headers || bad=1
    check_driver_border || bad=1
    check_hosts_and_paths || bad=1
    if ((bad)); then return 1; fi
    say "$(cpp_files | wc -l) C++ files are in style"
}

check_format() {
    (cd "$root" && cpp_files | xargs -r -d '\n' -n 1 "$(llvm_16 clang-format)" --dry-run -Werror --ferror-limit=1) ||
        complain "the files above are not formatted: ./dev format"
}

complain() {
    printf '%s\n' "$*"
    return 1
}

# Public headers explain themselves, and pull nobody else's headers into a user's program: the standard library and
# Tandem only. <tandem/json.hpp> is where a program asks for all of nlohmann's.
check_public_headers() {
    local complaints
    # shellcheck disable=SC2016 # awk's fields, not the shell's
    complaints=$(
        cd "$root" || exit
        files '*/include/tandem/*.hpp' | xargs -r -d '\n' awk '
        function complain(what) { print FILENAME ":" FNR ": " what }
        function exists(path) { return (getline line < path) >= 0 }
        FNR == 1 { folder = FILENAME; sub(/[^\/]*$/, "", folder); pragma = opened = 0 }
        /^#pragma once$/ { pragma = 1; next }
        /^[ \t]*$/ { next }
        !opened { opened = 1; if (!/^\/[\/*]/) complain("a public header opens with a comment that says what it is for") }
        /^[ \t]*#[ \t]*include[ \t]*[<"]/ {
            if (!pragma) { complain("#pragma once stands before the first #include of a public header"); pragma = 1 }
            name = $0; sub(/^[^<"]*[<"]/, "", name); sub(/[>"].*/, "", name)
            if (name ~ /^[a-z0-9_]+$/ || name ~ /^tandem\// || name == "nlohmann/json_fwd.hpp") next
            if (name == "nlohmann/json.hpp" && FILENAME ~ /include\/tandem\/json\.hpp$/) next
            if (/include[ \t]*"/ && exists(folder name)) next
            complain("a public header does not include " name ": forward-declare, or move it into the .cpp file")
        }'
        files '*/include/tandem/*.hpp' | xargs -r -d '\n' grep -LxF '#pragma once' |
            sed 's/$/:1: a public header has #pragma once/'
    )
    [[ -z $complaints ]] || complain "$complaints"
}

# Only the SQLite driver knows SQLite's library: the rest of the ORM speaks to driver.hpp.
check_driver_border() {
    local found
    found=$(git_here grep --untracked -nE 'sqlite3_[a-z]|sqlite3\.h|SQLITE_[A-Z]' -- orm framework ':!orm/driver/sqlite*' \
        ':!*.md' ':!*CMakeLists.txt' | cut -c 1-200 || true)
    [[ -z $found ]] || complain "$found
the lines above use SQLite outside of orm/driver/sqlite*: ask for what they need through orm/driver/driver.hpp"
}

# Where packages come from, and where somebody's checkout lies, is the machine's business.
check_hosts_and_paths() {
    local found
    found=$(git_here grep --untracked -nIE \
        -e 'https?://[^/ ]*(npm|pypi|pythonhosted|debian|crates|maven)[^/ ]*\.(org|com|net|io)' \
        -e '(deb|security|snapshot|archive)\.debian\.[a-z]' \
        -e '"resolved": *"http' \
        -e '(^|[[:space:]"'\''=:(])/(root|home|work)/[A-Za-z0-9._-]' -- . | cut -c 1-200 || true)
    [[ -z $found ]] || complain "$found
the lines above name a package registry or a folder of one machine"
}

# clang-tidy is slow on templates, so it looks at what changed since the branch left main, or in the last commit;
# --full looks at everything. What is built is what is looked at.
check_tidy() {
    local sources
    [[ -s $root/build/dev/compile_commands.json ]] || complain "build/dev has no compile_commands.json for clang-tidy" || return 1
    sources=$(comm -12 <(built_sources) <(if ((full)); then cpp_files; else changed_sources; fi | sort -u))
    if [[ -z $sources ]]; then
        say "clang-tidy: no C++ source changed"
        return 0
    fi
    say "clang-tidy: $(wc -l <<<"$sources") files"
    without_precompiled_headers
    (cd "$root" && xargs -d '\n' -n 1 -P "$(nproc)" "$(llvm_16 clang-tidy)" -p build/dev/tidy --quiet \
        --extra-arg=-Wno-unknown-warning-option <<<"$sources") 2> >(grep -vE '^[0-9]+ warnings? (generated|treated)' >&2)
}

# The compilers do not read each other's precompiled headers, and a source that lives on them alone is to be noticed.
without_precompiled_headers() {
    mkdir -p "$root/build/dev/tidy"
    sed -E 's/ (-Winvalid-pch|-include [^ ]*cmake_pch\.hxx)//g' "$root/build/dev/compile_commands.json" \
        >"$root/build/dev/tidy/compile_commands.json"
}

built_sources() {
    local file
    sed -n 's|^ *"file": "\(.*\)",\{0,1\}$|\1|p' "$root/build/dev/compile_commands.json" | while IFS= read -r file; do
        if [[ $file == "$root"/* ]]; then printf '%s\n' "${file#"$root"/}"; fi
    done | sort -u
}

# A header stands for the sources of its name: x.hpp for x.cpp and x_test.cpp.
changed_sources() {
    local base changed stem
    base=$(tidy_base) || {
        cpp_files
        return
    }
    changed=$(git_here diff --name-only --diff-filter=d "$base" -- '*.cpp' '*.hpp'
        git_here ls-files --others --exclude-standard -- '*.cpp' '*.hpp')
    printf '%s\n' "$changed"
    sed -n 's|^.*/\([^/]*\)\.hpp$|\1|p' <<<"$changed" | sort -u | while IFS= read -r stem; do
        files "*/$stem.cpp" "*/${stem}_test.cpp"
    done
}

# The commit to compare with; none in a history of one commit.
tidy_base() {
    local main base head
    head=$(git_here rev-parse --verify --quiet HEAD) || return 1
    for main in origin/main main; do
        base=$(git_here merge-base HEAD "$main" 2>/dev/null) || continue
        if [[ $base != "$head" ]]; then
            printf '%s' "$base"
            return 0
        fi
    done
    git_here rev-parse --verify --quiet HEAD~1
}
