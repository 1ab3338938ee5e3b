//! The engines that the modules of this process share: one for instances that are kept for the next job, and one for
//! those that are made for each job.

use super::error::ModuleError;
use super::limits::LARGEST_TABLE;
use std::sync::OnceLock;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, WasmFeatures,
};

/// How many instances there can be at a time that are made for each job.
const SLOTS: u32 = 4096;

/// How much of its memory a slot keeps for the next instance: giving pages back and getting them again costs more than
/// clearing so few.
const KEPT_BYTES: usize = 256 << 10;

/// How many slots that nobody uses keep that memory.
const KEPT_SLOTS: u32 = 16;

/// How deep calls may go in a module, in bytes of stack. Executor threads have several times as much.
const STACK: usize = 2 << 20;

type Made = OnceLock<Result<Engine, ModuleError>>;

/// Each instance asks the system for its place. Few are made, and a program that ends soon has not set aside thousands.
static FOR_KEPT: Made = OnceLock::new();

/// Places for instances are set aside once.
static FOR_FRESH: Made = OnceLock::new();

/// The engine for instances that are made for each job, or for those that are kept; made when the first module needs it:
/// a flow without modules does not pay for it.
pub(super) fn engine(are_fresh: bool) -> Result<&'static Engine, ModuleError> {
    let made =
        if are_fresh { FOR_FRESH.get_or_init(make_pooled) } else { FOR_KEPT.get_or_init(|| make(&config())) };
    made.as_ref().map_err(Clone::clone)
}

/// Moves the clock of all modules on.
pub(super) fn increment_epochs() {
    let made = [&FOR_KEPT, &FOR_FRESH].into_iter().filter_map(|engine| engine.get()?.as_ref().ok());
    made.for_each(Engine::increment_epoch);
}

fn make(config: &Config) -> Result<Engine, ModuleError> {
    Engine::new(config).map_err(|error| ModuleError::Engine(format!("{error:#}")))
}

fn make_pooled() -> Result<Engine, ModuleError> {
    let pooled = make(config().allocation_strategy(InstanceAllocationStrategy::Pooling(pool())));
    // The system may not give us that much of its address space.
    pooled.or_else(|_| make(&config()))
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
        .native_unwind_info(false)
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
        make(config().allocation_strategy(InstanceAllocationStrategy::Pooling(pool()))).unwrap();
    }
}
