//! What a program runs on, as far as others may want to know.

/// What a worker runs on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// Such as `x86_64`.
    pub architecture: String,
    /// Such as `linux`.
    pub system: String,
    /// How many processors it may use.
    pub cores: usize,
    /// How much memory there is, in bytes; 0 if that is not known.
    pub memory: u64,
}

impl Machine {
    /// What this program runs on.
    pub fn here() -> Machine {
        // Such as `MemTotal:       16384256 kB`; other systems than Linux have no such file.
        let memory = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
            let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
            total.trim().strip_suffix(" kB")?.parse::<u64>().ok()
        });
        Machine {
            architecture: std::env::consts::ARCH.to_owned(),
            system: std::env::consts::OS.to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory: memory.unwrap_or(0).saturating_mul(1024),
        }
    }
}
