//! A loaded manifest as dense tables: all that a run looks up and never changes.
//!
//! Loading settles once what the run would otherwise decide for every job: ids become places in vectors, pointers are
//! taken apart, inputs are classified ([`Feed`]), connections learn where in a queue their values go ([`Position`]),
//! and functions learn in which [`Lane`] their results are released, now and later ([`lanes`]), and which of their inputs
//! get the same value again and again ([`invariants`]).

mod invariants;
mod lanes;
mod load;
mod order;
mod shape;

use crate::context::Stream;
use crate::table::{Table, ids};
use flowcore::value::Pointer;
use flowcore::{Initializer, Value};

pub use load::LoadError;
pub use order::Order;
pub use shape::Shape;
pub(crate) use shape::{Delivery, convert, has_lost_values, is_gradual, is_kept};

ids! {
    /// A function of a [`Program`].
    FunctionId;
    /// A flow of a [`Program`].
    FlowId;
    /// An implementation that functions of a [`Program`] share.
    ImplementationId;
    /// A lane of a [`Program`], in which results are released in the order of their jobs' creation.
    LaneId;
    /// A separation of a [`Program`], with which an order group comes apart.
    SeparationId;
}

/// A flow that is ready to run.
#[derive(Debug)]
pub struct Program {
    /// All functions, in ascending order of their ids in the manifest.
    pub functions: Table<FunctionId, Function>,
    /// All flows; a flow that only `parent_id`s mention is among them.
    pub flows: Table<FlowId, Flow>,
    /// What the functions run, each once.
    pub implementations: Table<ImplementationId, ImplementationRef>,
    /// Where results are released.
    pub lanes: Table<LaneId, Lane>,
    /// The order groups that do not last.
    pub separations: Table<SeparationId, Separation>,
}

/// One function.
#[derive(Debug)]
pub struct Function {
    /// The id it has in the manifest.
    pub manifest_id: u64,
    /// The name it has in its flow; empty unless the manifest has debug symbols.
    pub name: String,
    /// Its route; empty unless the manifest has debug symbols.
    pub route: String,
    /// The flow that contains it.
    pub flow: FlowId,
    /// What it runs.
    pub implementation: ImplementationId,
    /// Its inputs, in the order in which the implementation takes their values.
    pub inputs: Vec<Input>,
    /// Where its results go, in send order.
    pub connections: Vec<Connection>,
    /// Whether one of them starts at its output `error`: then the reasons for which its jobs fail go there, and a job that
    /// fails so is no failure of the flow.
    pub tells_errors: bool,
    /// Where its results are released, and what follows from that, until its order group comes apart.
    pub placement: Placement,
    /// Whether nothing but its own jobs ever limits it: it has no inputs, or all of them have an `always`
    /// initializer. It gets one job at a time.
    pub always_ready: bool,
}

impl Function {
    /// How messages name the function: by its route, or where the manifest does not tell it, by its id and code.
    pub fn display_name(&self, program: &Program) -> String {
        if self.route.is_empty() {
            let url = program.implementations.find(self.implementation).map_or("", |found| &found.url);
            format!("function {} ({url})", self.manifest_id)
        } else {
            self.route.clone()
        }
    }
}

/// Where the results of a function are released, and what follows from that.
#[derive(Debug)]
pub struct Placement {
    /// Where they are released.
    pub lane: LaneId,
    /// The inputs it feeds whose values could pile up: those of functions in other lanes. Within an order group a
    /// function is never ahead of those it feeds.
    pub throttled_by: Vec<(FunctionId, usize)>,
    /// Whether it is among those of any function.
    pub throttles: bool,
    /// The inputs whose value goes round unchanged, if jobs can be created without waiting for it to come back.
    pub invariants: Vec<Invariant>,
}

/// An input to which nothing comes but copies of what the function's own jobs have taken from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invariant {
    /// The input.
    pub input: usize,
    /// Which of the function's connections brings the value back.
    pub connection: usize,
    /// Whether others of them pass it on, so that it is needed after the job.
    pub passed_on: bool,
}

/// One flow.
#[derive(Debug)]
pub struct Flow {
    /// The flow that contains it; none for the root.
    pub parent: Option<FlowId>,
    /// The functions directly in it, ascending.
    pub functions: Vec<FunctionId>,
}

/// Code that functions refer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImplementationRef {
    /// Its absolute URL.
    pub url: String,
    /// What the URL's scheme says about it.
    pub kind: ImplementationKind,
}

/// Where an implementation comes from, and so where it may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImplementationKind {
    /// `lib://`: a function of a library. Pure, runs anywhere.
    Library,
    /// Supplied with the flow as a module. Pure, runs anywhere.
    Provided,
    /// `context://`: supplied by the runner and run only there.
    Context {
        /// The stream on which its effects must keep their order, if it has effects.
        stream: Option<Stream>,
        /// Whether its jobs wait for outside input (a line, a key) and so come after all other jobs.
        waits_for_input: bool,
        /// Whether its first job completes it where all its inputs are constants.
        once_on_constants: bool,
        /// Whether no job of it waits for anything.
        in_memory: bool,
    },
}

impl ImplementationKind {
    /// Whether its jobs wait for outside input.
    pub fn waits_for_input(self) -> bool {
        matches!(self, ImplementationKind::Context { waits_for_input: true, .. })
    }
}

/// One input of a function.
#[derive(Debug)]
pub struct Input {
    /// Its name; empty for a default input.
    pub name: String,
    /// How its values come.
    pub feed: Feed,
    /// The shape its values are brought into.
    pub shape: Shape,
    /// Set on this input itself.
    pub initializer: Option<Initializer>,
    /// Pushed here from an input or output of a flow.
    pub flow_initializer: Option<Initializer>,
    /// The functions that send to it, ascending.
    pub senders: Vec<FunctionId>,
    /// Those of them whose connections enter this input's flow from outside of it.
    pub entering: Vec<FunctionId>,
    /// The separation that waits for it to get nothing more from outside of its flow.
    pub separation: Option<SeparationId>,
    /// Whether a connection passes on the values that jobs took from this input, so that they are needed after the job.
    pub passed_on: bool,
}

impl Input {
    /// Whether an initializer of either kind fills it again and again.
    pub fn is_always(&self) -> bool {
        let initializers = [&self.initializer, &self.flow_initializer];
        initializers.into_iter().any(|one| matches!(one, Some(Initializer::Always(_))))
    }
}

/// How an input gets its values.
#[derive(Debug, PartialEq)]
pub enum Feed {
    /// By connections and initializers, through a queue.
    Queue,
    /// Through a queue, by an internal connection and also from outside its flow (an entering connection or a
    /// flow-level initializer). Each invocation of the flow takes one value from outside.
    Mixed,
    /// By a function-level `always` initializer alone: these values in turn, without end. One value is the usual case;
    /// several come from an array that delivery takes apart; none means that the input is never filled.
    Constant(Vec<Value>),
}

/// One edge of the graph.
#[derive(Debug)]
pub struct Connection {
    /// What is sent.
    pub source: Source,
    /// Whether no later connection of the function sends any of that, so that it need not be kept for one.
    pub is_last_use: bool,
    /// Who gets it.
    pub destination: FunctionId,
    /// On which of its inputs.
    pub input: usize,
    /// Where in that input's queue.
    pub position: Position,
}

/// The output at which a function gives the reason why a job has failed.
const ERROR: &str = "error";

impl Connection {
    /// Whether this starts at the output `error`.
    pub fn tells_errors(&self) -> bool {
        matches!(&self.source, Source::Output(pointer) if pointer.is_member(ERROR))
    }
}

/// What a connection sends.
#[derive(Debug)]
pub enum Source {
    /// A part of the result.
    Output(Pointer),
    /// A copy of the value the job took from its input of this number.
    Input(usize),
}

impl Source {
    /// Whether something is part of both.
    fn overlaps(&self, other: &Source) -> bool {
        match (self, other) {
            (Source::Output(own), Source::Output(other)) => own.overlaps(other),
            (Source::Input(own), Source::Input(other)) => own == other,
            (Source::Output(_), Source::Input(_)) | (Source::Input(_), Source::Output(_)) => false,
        }
    }
}

/// Where the values of a connection go in the destination's queue. Internal values come first, whenever they arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// The connection stands within one flow and passes no boundary.
    Internal,
    /// It comes back from a sub-flow, or from the same flow by way of its parent.
    Returning,
    /// It enters the destination's flow from outside.
    Entering,
}

/// A place where results are released strictly in the order in which their jobs were created.
///
/// An order group has one lane for all of its functions, and a second one for those that wait for outside input, which
/// is only looked at while the first is empty. A function in no group has a lane to itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lane {
    /// The lane that must be empty before this one releases anything.
    pub behind: Option<LaneId>,
    /// The lane that waits for this one to be empty.
    pub before: Option<LaneId>,
    /// For the lane of an order group that comes apart, how it does.
    pub separation: Option<SeparationId>,
    /// For a lane of what it comes apart into, the lane of the group: what is still in there is released first.
    pub after: Option<LaneId>,
}

/// How an order group comes apart, once nothing more enters the flows in which idleness matters: from then on it does
/// not matter any more, and what is left to bind them binds fewer functions.
#[derive(Debug)]
pub struct Separation {
    /// The functions of the group, with what is true of them from then on.
    pub placements: Vec<(FunctionId, Placement)>,
}

impl Program {
    /// The flow and all flows around it, innermost first.
    pub fn enclosing_flows(&self, flow: FlowId) -> impl Iterator<Item = FlowId> + '_ {
        std::iter::successors(Some(flow), |&inner| self.flows[inner].parent)
    }

    /// Where in the queue of an input the connections put their values, leaving aside those that bring what comes from
    /// outside to a loop.
    pub fn position_of_arrivals(&self, function: FunctionId, input: usize) -> Position {
        let senders = self.functions[function].inputs.get(input).map(|input| &input.senders);
        let connections =
            senders.into_iter().flatten().flat_map(|&sender| &self.functions[sender].connections);
        let mut positions = connections
            .filter(|one| one.destination == function && one.input == input)
            .map(|connection| connection.position);
        positions.find(|&position| position != Position::Entering).unwrap_or(Position::Entering)
    }
}
