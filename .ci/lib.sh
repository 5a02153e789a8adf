# Functions of .ci/run and .ci/full. Source it in the folder of the clone, in bash with -euo pipefail.

# With this variable, an interop test whose peer is missing fails; without it, the test counts as ignored.
export CAIRN_REQUIRE_PEERS=1
export CARGO_INCREMENTAL=0 CARGO_NET_RETRY=5

times=()

# step <headline> <command line>
step() {
    local begun=$SECONDS
    printf '\n==> %s\n    %s\n' "$1" "$2"
    if ! bash -euo pipefail -c "$2"; then
        printf '\n==> FAILED: %s, after %d s\n' "$1" $((SECONDS - begun)) >&2
        exit 1
    fi
    times+=("$(printf '%5d s  %s' $((SECONDS - begun)) "$1")")
}

# Tries a command that needs the network up to three times.
retry() {
    local try
    for try in 1 2 3; do
        if "$@"; then return 0; fi
        printf 'try %d of 3 failed: %s\n' "$try" "$*" >&2
        if ((try < 3)); then sleep $((try * 10)); fi
    done
    return 1
}

as_root() {
    if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# install_packages <Debian package>...
install_packages() {
    local package missing=()
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        echo "no apt-get here: these packages must be installed: $*"
        return 0
    fi
    for package in "$@"; do
        if [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
            missing+=("$package")
        fi
    done
    if ((${#missing[@]} == 0)); then
        echo "nothing to install"
        return 0
    fi
    echo "to install: ${missing[*]}"
    retry update_and_install "${missing[@]}"
}

# Retried together: `apt-get update` succeeds even if some lists fail, and only the installation shows that.
update_and_install() {
    as_root apt-get -q update &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends "$@"
}

find_rust() {
    local folder
    for folder in "${CARGO_HOME:-$HOME/.cargo}/bin" /usr/local/cargo/bin; do
        if ! command -v cargo >/dev/null && [[ -x $folder/cargo ]]; then PATH=$folder:$PATH; fi
    done
    if ! { rustc --version && cargo --version && cargo fmt --version && cargo clippy --version; }; then
        echo 'needed: Rust (stable) with rustfmt and clippy' >&2
        return 1
    fi
}

fetch_crates() {
    retry cargo fetch --locked --target "$(rustc -vV | sed -n 's/^host: //p')"
}

# documented <file> <command line>: checks that the file contains the command on its own line (a comment may follow) or in
# backticks.
documented() {
    if ! grep -Fxq -- "$2" <(sed -E 's/^[[:space:]]*(\$ )?//; s/[[:space:]]+#.*$//; s/[[:space:]]+$//' "$1") &&
        ! grep -Fq -- "\`$2\`" "$1"; then
        printf '%s does not contain `%s`, which %s runs: add it, or change the script\n' "$1" "$2" "$0" >&2
        return 1
    fi
}

finish() {
    printf '\n==> All passed\n'
    printf '%s\n' "${times[@]}" "$(printf '%5d s  in all' "$SECONDS")"
}
