//! What the exports of a module do: the methods of its one guest, on offsets of 32 bits.
//!
//! Everything here is called by the exports that [`export_module!`](crate::export_module) makes.

use super::{Guest, panics};
use crate::Implementation;
use crate::encoding::call::pack;
use std::sync::Mutex;

/// The guest of this module. It stays locked where a call has ended in a trap, and no later call is answered then.
static GUEST: Mutex<Guest> = Mutex::new(Guest::new());

/// See the export of that name.
pub fn alloc(size: u32) -> u32 {
    // Every host calls this before the first call, and seldom again.
    panics::keep();
    let Ok(mut guest) = GUEST.try_lock() else { return 0 };
    guest.allocate(size as usize).map_or(0, |address| address as u32)
}

/// See the export of that name.
pub fn dealloc(offset: u32) {
    if let Ok(mut guest) = GUEST.try_lock() {
        guest.free(offset as usize);
    }
}

/// See the export of that name.
pub fn flow_run(function: &dyn Implementation, offset: u32, length: u32) -> i64 {
    let Ok(mut guest) = GUEST.try_lock() else { return pack(0, 0) };
    let answer = guest.run(function, offset as usize, length as usize);
    pack(answer.as_ptr().expose_provenance() as u32, answer.len() as u32)
}

/// See the export of that name.
pub fn flow_panic() -> i64 {
    let (offset, length) = panics::last();
    pack(offset as u32, length as u32)
}

/// See the export of that name.
pub fn run_wasm(function: &dyn Implementation, offset: u32, length: u32) -> u32 {
    let Ok(mut guest) = GUEST.try_lock() else { return 0 };
    guest.run_text(function, offset as usize, length as usize) as u32
}
