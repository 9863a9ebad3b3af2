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
    // The development build unwinds, so that one test that fails does not end all. Elsewhere than on
    // this target Rust's own linker is not the usual one.
    let is_usual = set("CARGO_CFG_TARGET_ARCH") == "x86_64" && set("CARGO_CFG_TARGET_ENV") == "gnu";
    if set("CARGO_CFG_TARGET_OS") == "linux" && is_usual && set("PROFILE") == "release" {
        link_small();
    }
}

/// What is the same in two crates is there once; and where a panic ends the process nobody reads how
/// to unwind: together an eighth of the file. Whoever made a backtrace would end the process, so no
/// library may: anyhow is without `std` for that (tests/it/layering.rs looks).
fn link_small() {
    let Some(folder) = std::env::var_os("OUT_DIR").map(PathBuf::from) else { return };
    let script = folder.join("small.ld");
    let sections = "SECTIONS { /DISCARD/ : { *(.eh_frame) *(.eh_frame_hdr) *(.gcc_except_table*) } } INSERT AFTER .text;\n";
    match std::fs::write(&script, sections) {
        Ok(()) => {
            println!("cargo::rustc-link-arg-bins=-Wl,--icf=all,--no-eh-frame-hdr");
            println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", script.display());
        }
        Err(error) => println!("cargo::warning=cannot write {}: {error}", script.display()),
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
