//! The blocks of a module's memory that its host writes calls into.

use std::mem;

/// No block is smaller, so that there is room for the reason why a result is too large for its block.
const SMALLEST: usize = 1024;

/// Blocks that were allocated and not yet freed.
///
/// Hosts that allocate a block for every call and never free one (the JSON convention has no way to) would use up the
/// memory. But such a host has no more use for a block once it makes a call in another one, so two blocks are enough:
/// that one is kept as the next to give out.
#[derive(Default)]
pub(super) struct Blocks {
    /// Those of the host. One or two; a host that frees what it allocates may have more.
    live: Vec<Vec<u8>>,
    /// The address of the block of the last call in JSON text; 0 before the first.
    last: usize,
    /// A block that the host has no more use for, to be given out again.
    spare: Vec<u8>,
}

impl Blocks {
    pub(super) const fn new() -> Blocks {
        Blocks { live: Vec::new(), last: 0, spare: Vec::new() }
    }

    /// The address of a fresh block of at least that size. Where there is no room for it, this ends as every allocation
    /// does: in a trap.
    pub(super) fn allocate(&mut self, size: usize) -> usize {
        let size = size.max(SMALLEST);
        let mut block = mem::take(&mut self.spare);
        if block.len() < size {
            // What is too small now would be so the next time: calls are mostly of one size.
            block = vec![0; size];
        }
        let address = address(&block);
        self.live.push(block);
        address
    }

    /// Frees the block at this address, if there is one.
    pub(super) fn free(&mut self, address: usize) {
        self.take(address);
    }

    /// The rest of a block from this address on, which is inside of it.
    pub(super) fn rest(&mut self, place: usize) -> Option<&mut [u8]> {
        let block = self.around(place)?;
        let offset = place - address(block);
        block.get_mut(offset..)
    }

    /// Notes that the host makes a call in the block around this address, and so has no more use for the one before it.
    pub(super) fn in_use(&mut self, place: usize) {
        let Some(block) = self.around(place) else { return };
        let current = address(block);
        let last = mem::replace(&mut self.last, current);
        if last != current
            && let Some(block) = self.take(last)
        {
            self.spare = block;
        }
    }

    fn around(&mut self, place: usize) -> Option<&mut Vec<u8>> {
        // The newest ones are in use, however many there are.
        self.live.iter_mut().rev().find(|block| {
            let start = address(block);
            (start..start + block.len()).contains(&place)
        })
    }

    fn take(&mut self, place: usize) -> Option<Vec<u8>> {
        let index = self.live.iter().rposition(|block| address(block) == place)?;
        Some(self.live.swap_remove(index))
    }
}

/// Where a block begins. The host writes there, so the address leaves what the compiler can follow.
fn address(block: &[u8]) -> usize {
    block.as_ptr().expose_provenance()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_the_size_that_was_asked_for_at_least() {
        let mut blocks = Blocks::new();
        for size in [0, 1, SMALLEST, 5000] {
            let block = blocks.allocate(size);
            assert!(blocks.rest(block).unwrap().len() >= size.max(SMALLEST));
            assert_eq!(blocks.rest(block + 24).unwrap().len(), size.max(SMALLEST) - 24);
        }
    }

    #[test]
    fn a_block_is_there_until_it_is_freed() {
        let mut blocks = Blocks::new();
        let (one, other) = (blocks.allocate(2000), blocks.allocate(2000));
        assert_ne!(one, other);
        blocks.free(one);
        assert!(blocks.rest(one).is_none());
        assert!(blocks.rest(other).is_some());
        blocks.free(one);
        blocks.free(0);
        assert_eq!(blocks.live.len(), 1);
    }

    #[test]
    fn a_block_may_be_used_again_and_again() {
        let mut blocks = Blocks::new();
        let block = blocks.allocate(2000);
        // Also from within, and whatever else the host may call it with.
        for place in [block, block + 8, 8, block] {
            blocks.in_use(place);
            assert!(blocks.rest(block).is_some());
        }
        blocks.free(block);
        assert!(blocks.live.is_empty());
    }

    #[test]
    fn a_host_may_free_its_block_once_it_has_a_larger_one() {
        let mut blocks = Blocks::new();
        let small = blocks.allocate(2000);
        blocks.in_use(small);
        // Were the block taken from the host here, it would free what is another one's by then.
        let large = blocks.allocate(9000);
        assert_ne!(small, large);
        blocks.free(small);
        blocks.in_use(large);
        assert_eq!(blocks.rest(large).unwrap().len(), 9000);
        assert_eq!(blocks.live.len(), 1);
        assert!(blocks.spare.is_empty());
    }

    #[test]
    fn a_block_that_was_left_for_another_is_given_out_again_if_it_is_large_enough() {
        let mut blocks = Blocks::new();
        let (one, other) = (blocks.allocate(3000), blocks.allocate(3000));
        blocks.in_use(one);
        blocks.in_use(other);
        assert_eq!(blocks.allocate(2000), one);
        blocks.in_use(one);
        let large = blocks.allocate(3001);
        assert_eq!(blocks.rest(large).unwrap().len(), 3001);
        assert!(blocks.spare.is_empty(), "the smaller one is freed");
    }
}
