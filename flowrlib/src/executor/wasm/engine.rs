//! The engine that all modules of this process share.

use super::error::ModuleError;
use super::limits::LARGEST_TABLE;
use std::sync::OnceLock;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, WasmFeatures,
};

/// How many instances there can be at a time, those that are kept for the next job among them.
pub(super) const SLOTS: u32 = 4096;

/// How much of its memory a slot keeps for the next instance: giving pages back and getting them again costs more than
/// clearing so few.
const KEPT_BYTES: usize = 256 << 10;

/// How many slots that nobody uses keep that memory.
const KEPT_SLOTS: u32 = 16;

/// How deep calls may go in a module, in bytes of stack. Executor threads have several times as much.
const STACK: usize = 2 << 20;

static ENGINE: OnceLock<Result<Engine, ModuleError>> = OnceLock::new();

/// The engine, made when the first module needs it: a flow without modules does not pay for it.
pub(super) fn engine() -> Result<&'static Engine, ModuleError> {
    ENGINE.get_or_init(make).as_ref().map_err(Clone::clone)
}

fn make() -> Result<Engine, ModuleError> {
    // Places for instances are set aside once. Where the system does not give us that much of its address space,
    // each instance has to ask for its own, which takes longer.
    let pooled = Engine::new(config().allocation_strategy(InstanceAllocationStrategy::Pooling(pool())));
    pooled.or_else(|_| Engine::new(&config())).map_err(|error| ModuleError::Engine(format!("{error:#}")))
}

fn config() -> Config {
    let mut config = Config::new();
    config
        .cranelift_opt_level(OptLevel::Speed)
        .epoch_interruption(true)
        .max_wasm_stack(STACK)
        // Traps are told in words, without a list of calls.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        // The same result on every machine.
        .relaxed_simd_deterministic(true)
        .wasm_features(WasmFeatures::MEMORY64 | WasmFeatures::MULTI_MEMORY, false);
    config
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(SLOTS)
        .total_memories(SLOTS)
        .total_tables(SLOTS)
        .table_elements(LARGEST_TABLE)
        .linear_memory_keep_resident(KEPT_BYTES)
        .max_unused_warm_slots(KEPT_SLOTS)
        // Lets the kernel say which pages were written to, where it can.
        .pagemap_scan(Enabled::Auto);
    pool
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_space_is_enough_for_the_pool() {
        Engine::new(config().allocation_strategy(InstanceAllocationStrategy::Pooling(pool()))).unwrap();
    }
}
