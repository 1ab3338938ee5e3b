//! Other clocks.

use crate::call::Call;
use std::io::Write;
use std::process::Command;

/// Has a program run as if its machine had been up for some days longer; none where that cannot be done, which it says.
pub fn up_for_longer(call: Call) -> Option<Call> {
    const LONGER: [&str; 6] = ["--time", "--monotonic", "1000000", "--boottime", "1000000", "--fork"];

    let is_possible = Command::new("unshare").args(LONGER).arg("true").output();
    if is_possible.is_ok_and(|output| output.status.success()) {
        return Some(call.through("unshare", &LONGER));
    }
    assert!(
        std::env::var_os("FLOW_TESTS_NEED_NAMESPACES").is_none(),
        "other clocks need root, the program unshare, and namespaces of time"
    );
    writeln!(std::io::stderr(), "left out: other clocks, for lack of root or unshare").ok();
    None
}
