//! Machines with networks between them, made of the namespaces of the kernel: what happens there happens to nobody else.
//!
//! A runner's machine stands in the middle; each of the other machines has a line of its own to it, which can be cut,
//! lose packets, and be mended.

use crate::LINE_LIMIT;
use crate::call::Call;
use crate::running::Running;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

/// Machines in a star. Gone when it is dropped, after everything that runs there.
pub struct Network {
    /// The name of the middle; those of the others begin with it.
    name: String,
    lines: usize,
}

impl Network {
    /// A machine in the middle and so many around it; none where namespaces cannot be made, which it says.
    pub fn star(lines: usize) -> Option<Network> {
        static COUNT: AtomicU32 = AtomicU32::new(0);

        if !can_make_namespaces() {
            assert!(
                std::env::var_os("FLOW_TESTS_NEED_NAMESPACES").is_none(),
                "networks between machines need root, and the programs ip and nft"
            );
            writeln!(std::io::stderr(), "left out: networks between machines, for lack of root, ip or nft")
                .ok();
            return None;
        }
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let network = Network { name: format!("flow-{}-{number}", std::process::id()), lines };
        network.make();
        Some(network)
    }

    fn make(&self) {
        let middle = self.middle();
        ip(&["netns", "add", middle]);
        ip(&["-n", middle, "link", "set", "lo", "up"]);
        within(middle, "nft", &["add", "table", "inet", "faults"]);
        for (chain, hook) in [("in", "input"), ("out", "output")] {
            let chain = format!("add chain inet faults {chain} {{ type filter hook {hook} priority 0; }}");
            within(middle, "nft", &[&chain]);
        }
        for line in 0..self.lines {
            let (other, here) = (self.other(line), line_name(line));
            ip(&["netns", "add", &other]);
            ip(&["-n", &other, "link", "set", "lo", "up"]);
            ip(&[
                "-n", middle, "link", "add", &here, "type", "veth", "peer", "name", "home", "netns", &other,
            ]);
            for (machine, device, end) in [(middle, here.as_str(), 1), (&other, "home", 2)] {
                ip(&["-n", machine, "addr", "add", &format!("10.77.{line}.{end}/24"), "dev", device]);
                let address = format!("fd77:{line}::{end}/64");
                ip(&["-n", machine, "addr", "add", &address, "dev", device, "nodad"]);
                ip(&["-n", machine, "link", "set", device, "up"]);
            }
            wait_until_up(middle, &here);
            wait_until_up(&other, "home");
        }
    }

    fn middle(&self) -> &str {
        &self.name
    }

    fn other(&self, line: usize) -> String {
        format!("{}-{line}", self.name)
    }

    /// Where the machine in the middle is for the one at the end of a line.
    pub fn address(&self, line: usize) -> String {
        format!("10.77.{line}.1")
    }

    /// The same with the sixth version of the protocol.
    pub fn address_v6(&self, line: usize) -> String {
        format!("fd77:{line}::1")
    }

    /// Has a program run on the machine in the middle.
    pub fn in_the_middle(&self, call: Call) -> Call {
        call.through("ip", &["netns", "exec", self.middle()])
    }

    /// Has a program run on the machine at the end of a line.
    pub fn at_the_end_of(&self, line: usize, call: Call) -> Call {
        call.through("ip", &["netns", "exec", &self.other(line)])
    }

    /// Has all packets of a line vanish, in both directions.
    pub fn cut(&self, line: usize) {
        self.filter(line, "drop");
    }

    /// Has one in five packets of a line vanish, in both directions.
    pub fn lose_one_in_five(&self, line: usize) {
        self.filter(line, "numgen random mod 5 == 0 drop");
    }

    /// Has multicast of a line vanish: whoever is at its end finds nobody.
    pub fn keep_multicast_from(&self, line: usize) {
        self.filter(line, "meta pkttype multicast drop");
    }

    /// Makes a line that is as slow as the relay; gives where it begins on the machine in the middle, for what is at
    /// this port of that machine.
    pub fn slow_line(&self, relay: Call, line: usize, port: &str) -> (Running, String) {
        let relay = self.in_the_middle(relay);
        slow_line(relay, &format!("{}:0", self.address(line)), &format!("127.0.0.1:{port}"))
    }

    /// Makes all lines as good as new.
    pub fn mend(&self) {
        for chain in ["in", "out"] {
            within(self.middle(), "nft", &["flush", "chain", "inet", "faults", chain]);
        }
    }

    fn filter(&self, line: usize, what: &str) {
        let device = line_name(line);
        for (chain, direction) in [("in", "iifname"), ("out", "oifname")] {
            within(
                self.middle(),
                "nft",
                &[&format!("add rule inet faults {chain} {direction} {device} {what}")],
            );
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for line in 0..self.lines {
            run(Command::new("ip").args(["netns", "delete", &self.other(line)])).ok();
        }
        run(Command::new("ip").args(["netns", "delete", self.middle()])).ok();
    }
}

/// Has a relay pass on what comes at one address to another; gives where it begins.
pub fn slow_line(relay: Call, listen: &str, to: &str) -> (Running, String) {
    let relay = relay.args([listen, to]).start();
    let address = relay.stdout().wait_for(LINE_LIMIT, |lines| lines.first().map(|&line| line.to_owned()));
    match address {
        Some(address) => (relay, address),
        None => relay.fail("did not say where it listens"),
    }
}

/// Waits until the kernel says that a line works, which takes it up to a second: who looks at the interfaces before does
/// not see it.
fn wait_until_up(machine: &str, device: &str) {
    let begun = Instant::now();
    while begun.elapsed() < LINE_LIMIT {
        let output = Command::new("ip").args(["-n", machine, "-brief", "link", "show", device]).output();
        let shown = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let is_up = |line: &str| line.starts_with(device) && line.split_whitespace().nth(1) == Some("UP");
        if shown.is_ok_and(|shown| shown.lines().any(is_up)) {
            return;
        }
        std::thread::yield_now();
    }
    panic!("{device} of {machine} does not work");
}

fn line_name(line: usize) -> String {
    format!("line{line}")
}

fn can_make_namespaces() -> bool {
    static CAN: LazyLock<bool> = LazyLock::new(|| {
        let probe = format!("flow-probe-{}", std::process::id());
        let is_made = rustix::process::geteuid().is_root()
            && run(Command::new("nft").arg("--version")).is_ok()
            && run(Command::new("ip").args(["netns", "add", &probe])).is_ok();
        if is_made {
            ip(&["netns", "delete", &probe]);
        }
        is_made
    });
    *CAN
}

fn ip(arguments: &[&str]) {
    run(Command::new("ip").args(arguments))
        .unwrap_or_else(|error| panic!("ip {}: {error}", arguments.join(" ")));
}

fn within(namespace: &str, program: &str, arguments: &[&str]) {
    let line = [&["netns", "exec", namespace, program], arguments].concat();
    ip(&line);
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
