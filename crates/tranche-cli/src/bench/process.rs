//! What processes use, as Linux tells it under `/proc`; nothing, where there is no such folder.

use std::fs;

/// What a process has used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// Processor time, of all its threads, in microseconds.
    pub(super) cpu_micros: u64,
    /// The most memory that it ever held, in bytes, if that is told.
    pub(super) memory_peak_bytes: Option<u64>,
    /// What it caused to be written to disks, in bytes, if that is told.
    pub(super) written_bytes: Option<u64>,
}

/// The fields of `/proc/PID/stat` that count, in clock ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    own_ticks: u64,
    /// Of children that have ended.
    children_ticks: u64,
}

/// What a process has used.
pub(super) fn usage(id: u32) -> Option<Usage> {
    let stat = stat(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)?;
    Some(Usage {
        cpu_micros: micros(stat.own_ticks),
        memory_peak_bytes: field(&format!("/proc/{id}/status"), "VmHWM:").map(|kib| kib * 1024),
        written_bytes: field(&format!("/proc/{id}/io"), "write_bytes:"),
    })
}

/// What this very process has used.
pub(super) fn usage_own() -> Option<Usage> {
    usage(std::process::id())
}

/// What a process and its children have used, those included that have ended; of memory, the process's own.
pub(super) fn usage_with_children(id: u32) -> Option<Usage> {
    let own = usage(id)?;
    let ended = stat(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)?.children_ticks;
    let processes =
        fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let of_children = processes.filter_map(|child: u32| {
        let stat = stat(&fs::read_to_string(format!("/proc/{child}/stat")).ok()?)?;
        (stat.parent == id).then_some(stat.own_ticks)
    });
    Some(Usage { cpu_micros: own.cpu_micros + micros(ended + of_children.sum::<u64>()), ..own })
}

/// The name of a process may hold anything, so that the fields are counted from its end.
fn stat(text: &str) -> Option<Stat> {
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        own_ticks: ticks(11)? + ticks(12)?,
        children_ticks: ticks(13)? + ticks(14)?,
    })
}

fn micros(ticks: u64) -> u64 {
    ticks * 1_000_000 / rustix::param::clock_ticks_per_second().max(1)
}

/// The number behind a name, in a file with one name on each line.
fn field(path: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let text = "42 (a) b (c) S 7 42 42 0 -1 4194304 1 0 0 0 11 5 3 2 20 0 8 0";
        assert_eq!(stat(text), Some(Stat { parent: 7, own_ticks: 16, children_ticks: 5 }));
        assert_eq!(stat("42 (cut off) S 7"), None);
    }
}
