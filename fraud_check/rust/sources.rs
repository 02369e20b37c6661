// A checksum over the sources that an extension is built from, for the build scripts of the crates that Python loads.
//
// `fraud_check/extension.py` computes the same at start and refuses an extension that is older or newer than the code
// beside it. A guard against mistakes, not against intruders: CRC-32, since it needs no dependency here.

use std::fs;
use std::path::{Path, PathBuf};

fn crc32(mut crc: u32, bytes: &[u8]) -> u32 {
    crc = !crc;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// Tell the compiler the checksum over `crates` as the environment variable `SOURCES`.
fn tell_sources(crates: &[&str]) {
    let root = Path::new("..");
    let mut files = vec![root.join("Cargo.lock")];
    for name in crates {
        files.push(root.join(name).join("Cargo.toml"));
        println!("cargo::rerun-if-changed=../{name}/src");
        rust_files(&root.join(name).join("src"), &mut files);
    }
    let mut named: Vec<(String, PathBuf)> = files
        .into_iter()
        .map(|path| {
            let parts = path.iter().skip(1).map(|part| part.to_string_lossy());
            (parts.collect::<Vec<_>>().join("/"), path)
        })
        .collect();
    named.sort();
    let mut crc = 0;
    for (name, path) in named {
        println!("cargo::rerun-if-changed={}", path.display());
        crc = crc32(crc, name.as_bytes());
        crc = crc32(crc, b"\0");
        crc = crc32(crc, &fs::read(&path).unwrap_or_default());
        crc = crc32(crc, b"\0");
    }
    println!("cargo::rustc-env=SOURCES={crc:08x}");
}
