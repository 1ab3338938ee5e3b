//! What the exports of a module do: the methods of its one guest, on offsets of 32 bits.
//!
//! Everything here is called by the exports that [`export_module!`](crate::export_module) makes.

use super::{Guest, panics, run};
use crate::Implementation;
use crate::encoding::call::pack;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The guest of this module. It is never locked while the function runs: not all hosts throw a module away after a trap,
/// and what is locked then would be so for ever.
static GUEST: Mutex<Guest> = Mutex::new(Guest::new());

fn guest() -> MutexGuard<'static, Guest> {
    GUEST.lock().unwrap_or_else(PoisonError::into_inner)
}

/// See the export of that name.
pub fn alloc(size: u32) -> u32 {
    // Every host calls this before the first call, and seldom again.
    panics::keep();
    guest().allocate(size as usize) as u32
}

/// See the export of that name.
pub fn dealloc(offset: u32) {
    guest().free(offset as usize);
}

/// See the export of that name.
pub fn flow_run(function: &dyn Implementation, offset: u32, length: u32) -> i64 {
    let inputs = guest().read(offset as usize, length as usize);
    let (outcome, inputs) = run(function, inputs);
    let mut guest = guest();
    let answer = guest.answer(inputs, &outcome);
    pack(answer.as_ptr().expose_provenance() as u32, answer.len() as u32)
}

/// See the export of that name.
pub fn flow_panic() -> i64 {
    let (offset, length) = panics::last();
    pack(offset as u32, length as u32)
}

/// See the export of that name.
pub fn run_wasm(function: &dyn Implementation, offset: u32, length: u32) -> u32 {
    let inputs = guest().read_text(offset as usize, length as usize);
    let (outcome, _) = run(function, inputs);
    guest().answer_text(offset as usize, &outcome) as u32
}
