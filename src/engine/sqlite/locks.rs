//! Who holds the lock of a SQLite file: read from the kernel's table of locks.

use std::os::unix::fs::MetadataExt;

/// The processes that hold a lock on the database, such as `process 4711 (python3)`. Empty where
/// the kernel does not tell (no Linux, another machine, only our own locks).
pub fn holders(path: &str) -> Vec<String> {
    let Ok(table) = std::fs::read_to_string("/proc/locks") else { return Vec::new() };
    // In WAL mode the locks are on the -shm file.
    let inodes: Vec<u64> = [path.to_owned(), format!("{path}-shm"), format!("{path}-journal")]
        .iter()
        .filter_map(|file| std::fs::metadata(file).ok())
        .map(|metadata| metadata.ino())
        .collect();
    let pids = |lines: &mut dyn Iterator<Item = &str>| {
        let mut pids: Vec<u32> = lines.filter_map(|line| holder(line, &inodes)).collect();
        pids.sort_unstable();
        pids.dedup();
        pids.retain(|pid| *pid != std::process::id());
        pids
    };
    // Whoever only reads has a lock, too, which is in the way when nobody writes.
    let writers = pids(&mut table.lines().filter(|line| line.contains(" WRITE ")));
    let pids = if writers.is_empty() { pids(&mut table.lines()) } else { writers };
    pids.into_iter().map(describe).collect()
}

/// A line of proc(5)'s `/proc/locks`: `1: POSIX ADVISORY WRITE 4711 fe:00:131 0 EOF`.
fn holder(line: &str, inodes: &[u64]) -> Option<u32> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    // A waiter has an extra `->` as its second field and holds nothing yet.
    if fields.get(1) == Some(&"->") {
        return None;
    }
    let pid = fields.get(4)?.parse().ok()?;
    let inode = fields.get(5)?.rsplit(':').next()?.parse().ok()?;
    inodes.contains(&inode).then_some(pid)
}

fn describe(pid: u32) -> String {
    match std::fs::read_to_string(format!("/proc/{pid}/comm")) {
        Ok(name) => format!("process {pid} ({})", name.trim_end()),
        Err(_) => format!("process {pid}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_table_are_read() {
        let line = "7: POSIX  ADVISORY  WRITE 4711 fe:00:131 1073741824 1073742335";
        assert_eq!(holder(line, &[131]), Some(4711));
        assert_eq!(holder(line, &[13]), None);
        assert_eq!(holder("7: -> POSIX  ADVISORY  WRITE 4711 fe:00:131 0 EOF", &[131]), None);
        assert_eq!(holder("", &[131]), None);
    }
}
