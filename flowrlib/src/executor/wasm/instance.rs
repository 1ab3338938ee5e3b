//! A running module: its memory, and one job at a time.

use super::super::orders;
use super::clock::{self, Running};
use super::compiled::Compiled;
use super::convention::{ALLOC, Convention, DEALLOC, FLOW_PANIC, FLOW_RUN, MEMORY, RUN_WASM};
use super::limits::{LARGEST_TABLE, ModuleLimits};
use flowcore::encoding::call::{put_call, read_answer, unpack};
use flowcore::encoding::json;
use flowcore::notice::Notice;
use flowcore::{Outcome, Value};
use std::cell::RefCell;
use std::io::Write;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use wasmtime::{AsContextMut, Memory, ResourceLimiter, Store, Trap, TypedFunc, UpdateDeadline};

/// How much room for a result the JSON convention promises, in bytes.
pub(super) const JSON_ROOM: usize = 256 << 10;

/// The smallest block that calls are put into.
const SMALLEST_BLOCK: u32 = 4 << 10;

/// How much room for calls a thread keeps.
const KEPT_ROOM: usize = 1 << 20;

/// The longest message of a panic that is told, in bytes.
const LONGEST_MESSAGE: usize = 4 << 10;

/// How long a module may take to say why it panicked.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// How many instances there are.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// How many instances there are in this process.
pub(super) fn count() -> usize {
    COUNT.load(Ordering::Relaxed)
}

/// What came of a job.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) outcome: Outcome,
    pub(super) notices: Vec<Notice>,
}

/// Why there is no answer. The instance is of no further use.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("took longer than {0:?}")]
    Slow(Duration),
    #[error("needs more than the {0} bytes of memory that it may have")]
    Memory(u64),
    #[error("panicked: {0}")]
    Panicked(String),
    #[error("its module {0}")]
    Trapped(String),
    #[error("its result has {bytes} bytes, more than the {allowed} that it may have")]
    Large { bytes: u64, allowed: u64 },
    #[error("its result needs {needed} bytes, more than there was room for")]
    Cramped { needed: usize },
    #[error("{0}")]
    Other(String),
}

/// What the engine asks us about an instance.
pub(super) struct Host {
    memory_limit: u64,
    /// For how many more ticks of the clock the job may run.
    ticks: u64,
    /// Whether it was refused memory.
    was_refused: bool,
}

impl ResourceLimiter for Host {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let is_allowed = desired as u64 <= self.memory_limit;
        self.was_refused |= !is_allowed;
        Ok(is_allowed)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= LARGEST_TABLE)
    }

    /// Beside its memory, which has a limit of its own, an instance has no more than this.
    fn tables(&self) -> usize {
        1
    }

    fn memories(&self) -> usize {
        1
    }
}

/// A part of an instance's memory that it gave us.
#[derive(Clone, Copy)]
struct Block {
    offset: u32,
    size: u32,
}

/// How a job is begun.
enum Entry {
    Values(TypedFunc<(u32, u32), i64>),
    Json(TypedFunc<(u32, u32), u32>),
}

impl Entry {
    /// Runs the call that stands in a part of the memory, and says where the answer is: in the JSON convention in the
    /// same place.
    fn call(&self, store: &mut Store<Host>, (offset, length): (u32, u32)) -> wasmtime::Result<(u32, u32)> {
        match self {
            Entry::Values(entry) => entry.call(store, (offset, length)).map(unpack),
            Entry::Json(entry) => entry.call(store, (offset, length)).map(|length| (offset, length)),
        }
    }
}

/// A module that is ready to run jobs, one at a time.
///
/// Functions are called where they are: to copy one is to count it where all threads do, and these would wait for each
/// other.
pub(super) struct Instance {
    store: Store<Host>,
    memory: Memory,
    alloc: TypedFunc<u32, u32>,
    dealloc: Option<TypedFunc<(u32, u32), ()>>,
    panic: Option<TypedFunc<(), i64>>,
    entry: Entry,
    /// Where calls of the value convention are put.
    block: Option<Block>,
    _counted: Counted,
}

/// Counts an instance for as long as it exists.
struct Counted(());

impl Counted {
    fn new() -> Counted {
        COUNT.fetch_add(1, Ordering::Relaxed);
        Counted(())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        COUNT.fetch_sub(1, Ordering::Relaxed);
    }
}

thread_local! {
    /// Where calls are encoded.
    static CALL: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Instance {
    /// Starts a module.
    pub(super) fn start(module: &Compiled, limits: &ModuleLimits) -> Result<Instance, Failure> {
        let host = Host { memory_limit: limits.memory, ticks: clock::ticks(limits.time), was_refused: false };
        let mut store = Store::new(module.instances.module().engine(), host);
        store.limiter(|host| host);
        // A module may have code that runs when it starts.
        let running = Running::begin();
        store.epoch_deadline_callback(|mut store| {
            let host = store.data_mut();
            host.ticks = host.ticks.saturating_sub(1);
            let is_over = host.ticks == 0 || orders::is_called_off();
            Ok(if is_over { UpdateDeadline::Interrupt } else { UpdateDeadline::Continue(1) })
        });
        store.set_epoch_deadline(1);
        let instance = module
            .instances
            .instantiate(&mut store)
            .map_err(|error| explain(&error, &mut store, None, limits))?;
        drop(running);
        let odd = |what: &str| Failure::Trapped(format!("has no {what} any more"));
        let memory = instance.get_memory(&mut store, MEMORY).ok_or_else(|| odd(MEMORY))?;
        let alloc = instance.get_typed_func(&mut store, ALLOC).map_err(|_| odd(ALLOC))?;
        let entry = match module.convention {
            Convention::Values => {
                Entry::Values(instance.get_typed_func(&mut store, FLOW_RUN).map_err(|_| odd(FLOW_RUN))?)
            }
            Convention::Json => {
                Entry::Json(instance.get_typed_func(&mut store, RUN_WASM).map_err(|_| odd(RUN_WASM))?)
            }
        };
        // Both may be missing, and are then done without.
        let dealloc = instance.get_typed_func(&mut store, DEALLOC).ok();
        let panic = instance.get_typed_func(&mut store, FLOW_PANIC).ok();
        Ok(Instance { store, memory, alloc, dealloc, panic, entry, block: None, _counted: Counted::new() })
    }

    /// How much memory it has, in bytes.
    pub(super) fn memory_size(&self) -> usize {
        self.memory.data_size(&self.store)
    }

    /// For how many more ticks of the clock the last job might have run.
    pub(super) fn ticks_left(&self) -> u64 {
        self.store.data().ticks
    }

    /// Runs a job, for so many ticks of the clock at most. After a failure the instance must not be used any more.
    ///
    /// A module of the JSON convention gets at least so much `room` for its result.
    pub(super) fn run(
        &mut self,
        inputs: &[Value],
        limits: &ModuleLimits,
        ticks: u64,
        room: usize,
    ) -> Result<Answer, Failure> {
        let _running = Running::begin();
        self.store.data_mut().ticks = ticks;
        self.store.set_epoch_deadline(1);
        CALL.with_borrow_mut(|call| {
            call.clear();
            let answer = self.run_encoded(inputs, call, limits, room);
            call.shrink_to(KEPT_ROOM);
            answer
        })
    }

    fn run_encoded(
        &mut self,
        inputs: &[Value],
        call: &mut Vec<u8>,
        limits: &ModuleLimits,
        room: usize,
    ) -> Result<Answer, Failure> {
        match self.entry {
            Entry::Values(_) => self.run_values(inputs, call, limits),
            Entry::Json(_) => self.run_json(inputs, call, limits, room),
        }
    }

    fn run_values(
        &mut self,
        inputs: &[Value],
        call: &mut Vec<u8>,
        limits: &ModuleLimits,
    ) -> Result<Answer, Failure> {
        put_call(call, inputs);
        let place = self.put_into_block(call, limits)?;
        let (offset, length) = self.enter(place, limits)?;
        let answer = self.result(offset, length, limits)?;
        let (outcome, notices) = read_answer(answer, room_for_values(limits))
            .map_err(|error| Failure::Trapped(format!("gave no answer: {error}")))?;
        Ok(Answer { outcome, notices })
    }

    fn run_json(
        &mut self,
        inputs: &[Value],
        call: &mut Vec<u8>,
        limits: &ModuleLimits,
        room: usize,
    ) -> Result<Answer, Failure> {
        put_json(call, inputs)?;
        let size = u32::try_from(call.len().max(room)).map_err(|_| too_large(call.len()))?;
        let block = self.allocate(size, limits)?;
        let length = self.write(block, call)?;
        let (offset, length) = self.enter((block.offset, length), limits)?;
        // The module wrote beyond its block before we could know, so only a new instance can be trusted.
        if length > size && u64::from(length) <= limits.result {
            return Err(Failure::Cramped { needed: length as usize });
        }
        let answer = self.result(offset, length, limits)?;
        let outcome = json::read_answer(answer, room_for_values(limits)).map_err(Failure::Other)?;
        self.free(block, limits)?;
        Ok(Answer { outcome, notices: Vec::new() })
    }

    /// Runs the call that stands there; says where the answer is.
    fn enter(&mut self, place: (u32, u32), limits: &ModuleLimits) -> Result<(u32, u32), Failure> {
        self.entry.call(&mut self.store, place).map_err(|error| self.explain(&error, limits))
    }

    /// Puts a call where the module can read it, in the block that is kept for that.
    fn put_into_block(&mut self, call: &[u8], limits: &ModuleLimits) -> Result<(u32, u32), Failure> {
        let needed = u32::try_from(call.len()).map_err(|_| too_large(call.len()))?;
        let block = match self.block {
            Some(block) if block.size >= needed => block,
            smaller => {
                if let Some(block) = smaller {
                    self.free(block, limits)?;
                }
                let size = needed.checked_next_power_of_two().unwrap_or(needed).max(SMALLEST_BLOCK);
                let block = self.allocate(size, limits)?;
                self.block = Some(block);
                block
            }
        };
        let length = self.write(block, call)?;
        Ok((block.offset, length))
    }

    /// Asks the module for a part of its memory.
    fn allocate(&mut self, size: u32, limits: &ModuleLimits) -> Result<Block, Failure> {
        let offset = self.alloc.call(&mut self.store, size).map_err(|error| self.explain(&error, limits))?;
        Ok(Block { offset, size })
    }

    /// Gives a part of its memory back to the module, if it wants to know.
    fn free(&mut self, Block { offset, size }: Block, limits: &ModuleLimits) -> Result<(), Failure> {
        let Some(dealloc) = &self.dealloc else { return Ok(()) };
        dealloc.call(&mut self.store, (offset, size)).map_err(|error| self.explain(&error, limits))
    }

    /// Writes a call into a block; gives its length.
    fn write(&mut self, block: Block, call: &[u8]) -> Result<u32, Failure> {
        let outside = || Failure::Trapped("gave a block that is not inside its memory".to_owned());
        let place = range(block.offset, block.size);
        let block = self.memory.data_mut(&mut self.store).get_mut(place).ok_or_else(outside)?;
        block.get_mut(..call.len()).ok_or_else(outside)?.copy_from_slice(call);
        u32::try_from(call.len()).map_err(|_| too_large(call.len()))
    }

    /// Where the module says that its answer is.
    fn result(&self, offset: u32, length: u32, limits: &ModuleLimits) -> Result<&[u8], Failure> {
        if u64::from(length) > limits.result {
            return Err(Failure::Large { bytes: length.into(), allowed: limits.result });
        }
        let answer = self.memory.data(&self.store).get(range(offset, length));
        answer.ok_or_else(|| Failure::Trapped("says that its answer is outside its memory".to_owned()))
    }

    fn explain(&mut self, error: &wasmtime::Error, limits: &ModuleLimits) -> Failure {
        let panic = self.panic.clone().map(|panic| (panic, self.memory));
        explain(error, &mut self.store, panic, limits)
    }
}

/// The error for inputs that no memory of a module could hold.
fn too_large(bytes: usize) -> Failure {
    Failure::Other(format!("its inputs have {bytes} bytes, more than a module can be given"))
}

fn range(offset: u32, length: u32) -> Range<usize> {
    // Neither sum nor numbers exceed what a usize holds: machines of 32 bits have no 4 GiB of memory to give.
    offset as usize..(offset as usize).saturating_add(length as usize)
}

/// How much memory of ours the values of an answer may take: no more than the module may have.
fn room_for_values(limits: &ModuleLimits) -> usize {
    usize::try_from(limits.memory).unwrap_or(usize::MAX)
}

fn put_json(call: &mut Vec<u8>, inputs: &[Value]) -> Result<(), Failure> {
    write!(call, "{}", Value::from(inputs.to_vec())).map_err(|error| Failure::Other(error.to_string()))
}

/// Says why a call came to no end.
fn explain(
    error: &wasmtime::Error,
    store: &mut Store<Host>,
    panic: Option<(TypedFunc<(), i64>, Memory)>,
    limits: &ModuleLimits,
) -> Failure {
    let Some(trap) = error.downcast_ref::<Trap>() else {
        return Failure::Trapped(format!("cannot be run: {error:#}"));
    };
    match trap {
        Trap::Interrupt => Failure::Slow(limits.time.unwrap_or_default()),
        Trap::StackOverflow => Failure::Trapped("calls itself too deeply, and the stack is full".to_owned()),
        Trap::UnreachableCodeReached => {
            let message = panic.and_then(|(panic, memory)| last_words(store, &panic, memory));
            match message {
                // A module that gets no memory gives up, mostly without a word.
                _ if store.data().was_refused => Failure::Memory(limits.memory),
                Some(message) => Failure::Panicked(message),
                None => Failure::Trapped("gave up".to_owned()),
            }
        }
        _ if store.data().was_refused => Failure::Memory(limits.memory),
        trap => Failure::Trapped(format!("failed: {trap}")),
    }
}

/// The message of a panic, if the module has kept one.
fn last_words(store: &mut Store<Host>, panic: &TypedFunc<(), i64>, memory: Memory) -> Option<String> {
    store.data_mut().ticks = clock::ticks(Some(LAST_WORDS));
    store.set_epoch_deadline(1);
    let (offset, length) = unpack(panic.call(store.as_context_mut(), ()).ok()?);
    let words = memory.data(&store).get(range(offset, length)).filter(|words| !words.is_empty())?;
    Some(String::from_utf8_lossy(words.get(..LONGEST_MESSAGE).unwrap_or(words)).into_owned())
}
