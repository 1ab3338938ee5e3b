//! What Linux tells about a running program.

use crate::LINE_LIMIT;
use crate::running::Running;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

impl Running {
    fn told(&self, file: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{file}", self.id()))
    }

    /// The processor time that all of its threads have taken so far.
    pub fn processor_time(&self) -> Duration {
        let stat = fs::read_to_string(self.told("stat")).expect("a running program can be looked at");
        // The name of the program stands in parentheses and may hold anything.
        let (_, fields) = stat.rsplit_once(')').expect("the form of this file is fixed");
        let times = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = times.map(|ticks| ticks.parse::<u64>().expect("times are numbers")).sum();
        Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second())
    }

    /// Waits until it takes nearly no processor time any more, which one that spins never does.
    pub fn comes_to_rest(&mut self) {
        self.comes_to_rest_within(LINE_LIMIT);
    }

    /// The same with a limit of one's own.
    pub fn comes_to_rest_within(&mut self, limit: Duration) {
        let deadline = Instant::now() + limit;
        loop {
            let (begun, before) = (Instant::now(), self.processor_time());
            if !self.goes_on() {
                self.fail("has ended, and should rest");
            }
            if (self.processor_time() - before) * 20 < begun.elapsed() {
                return;
            }
            if Instant::now() > deadline {
                self.fail("does not come to rest");
            }
        }
    }

    /// The most memory that it has had at any time, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(self.told("status")).expect("a running program can be looked at");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        kilobytes.expect("the form of this file is fixed") * 1024
    }

    /// How many ways to the network it has open.
    pub fn network_sockets(&self) -> usize {
        let open = fs::read_dir(self.told("fd")).expect("a running program can be looked at");
        // What is closed while we look leads nowhere.
        let targets = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        let sockets: Vec<String> = targets
            .filter_map(|target| {
                Some(target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
            })
            .collect();
        let tables = ["tcp", "tcp6", "udp", "udp6"];
        let known =
            tables.map(|table| fs::read_to_string(self.told(&format!("net/{table}"))).unwrap_or_default());
        // The number by which a socket is known is the tenth word of its line.
        let numbers =
            known.iter().flat_map(|table| table.lines()).filter_map(|line| line.split_whitespace().nth(9));
        numbers.filter(|number| sockets.iter().any(|socket| socket == number)).count()
    }
}
