//! How the binary is linked on Linux.

use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let set = |name: &str| std::env::var(name).unwrap_or_default();
    let is_static = set("CARGO_CFG_TARGET_FEATURE").split(',').any(|feature| feature == "crt-static");
    // A static binary has the unwinder in it anyway; docs/building.md gives its relocation model.
    if set("CARGO_CFG_TARGET_OS") == "linux" && !is_static {
        link_without_relocations();
        link_unwinder_statically();
    }
}

/// At a fixed address there is nothing to relocate: some 20,000 addresses less to write at every
/// start, a quarter of the time of `dbwright --version`.
fn link_without_relocations() {
    println!("cargo::rustc-link-arg-bins=-no-pie");
}

/// The standard library asks for libgcc_s.so; a linker script of that name gives it the static
/// unwinder, so that the binary needs nothing but the C library.
fn link_unwinder_statically() {
    let Some(folder) = std::env::var_os("OUT_DIR").map(PathBuf::from) else { return };
    let script = folder.join("libgcc_s.so");
    match std::fs::write(&script, "INPUT(-lgcc_eh)\n") {
        Ok(()) => println!("cargo::rustc-link-search=native={}", folder.display()),
        Err(error) => println!("cargo::warning=cannot write {}: {error}", script.display()),
    }
}
