# shellcheck shell=bash
# Programs that Debian has in sid only: their packages and the libraries they
# need are unpacked in the cache and run with their own dynamic linker.

# The mirror that this system uses, so that no host is named here.
debian_mirror() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' 'Origin: Debian' |
        awk -v release="$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" '$2 == release { print $1; exit }'
}

# install_from_sid NAME WHAT FUNCTION: fills $CACHE/NAME by the function.
install_from_sid() {
    local name=$1 what=$2 unpack=$3
    [[ ! -e $CACHE/$name/version ]] || return 0
    on_debian || {
        leave_out "$what" "it comes from Debian's packages"
        return 0
    }
    if [[ -z $(debian_mirror) ]] && is_root; then apt-get -qq update >&2 || true; fi
    note "downloading $what"
    fill_cache "$name" "$unpack" || leave_out "$what" "its packages could not be had from Debian sid"
}

# unpack_sid FOLDER PACKAGE…: the packages with all that they depend on.
unpack_sid() {
    local root=$1 apt=$1/apt mirror options names deb
    shift
    mirror=$(debian_mirror)
    [[ -n $mirror ]]
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    : >"$apt/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$apt/sources"
    # An apt of its own: sid must not touch the system's lists and packages.
    options=(
        -qq -o "Dir::State=$apt" -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt/cache"
        -o "Dir::Etc::sourcelist=$apt/sources" -o Dir::Etc::sourceparts=/dev/null
        -o Dir::Etc::preferencesparts=/dev/null
        -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
    )
    if is_root; then options+=(-o "APT::Sandbox::User=root"); fi
    apt-get "${options[@]}" update </dev/null >&2
    # Perl is for scripts that nothing here runs.
    names=$(apt-get "${options[@]}" --simulate --no-install-recommends install "$@" |
        awk '/^Inst/ && $2 !~ /^(perl|libperl)/ { print $2 }')
    [[ -n $names ]]
    (
        cd "$apt" || return
        # shellcheck disable=SC2086
        apt-get "${options[@]}" download $names </dev/null >&2
    )
    for deb in "$apt"/*.deb; do dpkg -x "$deb" "$root"; done
    rm -rf "$apt" "$root"/usr/share/{doc,man,bash-completion,lintian,locale,systemd,perl}
    rm -rf "$root"/usr/lib/*/{gconv,perl-base}
}

# sid_wrappers FOLDER PROGRAM…: commands in FOLDER/bin that start the unpacked
# programs with their libraries.
sid_wrappers() {
    local root=$1 linker libraries program
    shift
    linker=$(cd "$root" && find . -name 'ld-linux*.so.*' -print -quit)
    libraries=$(cd "$root" && find . -name 'libc.so.6' -printf '%h' -quit)
    [[ -n $linker && -n $libraries ]]
    mkdir "$root/bin"
    for program in "$@"; do
        [[ $(head -c 4 "$program") == $'\x7fELF' ]] || continue
        cat >"$root/bin/${program##*/}" <<SH
#!/bin/sh
root=\$(dirname "\$(dirname "\$(readlink -f "\$0")")")
exec "\$root/$linker" --library-path "\$root/$libraries" "\$root/${program#"$root"/}" "\$@"
SH
        chmod 755 "$root/bin/${program##*/}"
    done
}
