//! Chains of connections one by one, for people who want to see them: forward from where values come from, and backward
//! from where they arrive. Compiling needs none of this; it is worked out when somebody asks.

use crate::chain::Boundary;
use crate::connect::{Connection, End, Start, Wirings};
use crate::diagnostics::Placed;
use crate::hierarchy::{FlowId, FunctionId, Hierarchy, Process};
use flowcore::Initializer;
use flowcore::definition::IoDefinition;
use flowcore::route::Route;

/// One connection in one use of its flow.
#[derive(Clone, Copy, Debug)]
pub struct Hop<'run> {
    /// The flow.
    pub flow: FlowId,
    /// The connection in it.
    pub connection: &'run Connection,
}

/// What a walk along connections has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// A function. Forward, the input that the values arrive at; backward, the function that sends them.
    Function(FunctionId),
    /// An input or output of a flow.
    Boundary {
        /// Which one.
        boundary: Boundary,
        /// Whether connections lead on from there.
        goes_on: bool,
    },
    /// An input or output of a flow that the walk has passed before.
    Circle(Boundary),
}

/// Connections that follow one another, in the direction of the values.
#[derive(Clone, Debug)]
pub struct Chain<'run> {
    /// The connections.
    pub hops: Vec<Hop<'run>>,
    /// What is at the far end: forward the last, backward the first.
    pub reached: Reached,
}

/// Where the connections of a program lead.
#[derive(Clone, Copy, Debug)]
pub struct Tracer<'run> {
    /// The tree.
    pub hierarchy: &'run Hierarchy,
    /// The connections of each flow in it.
    pub wirings: &'run Wirings,
}

/// The direction of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Forward,
    Backward,
}

impl<'run> Tracer<'run> {
    /// The connections of a flow.
    pub fn hops(&self, flow: FlowId) -> impl Iterator<Item = Hop<'run>> + use<'run> {
        let wiring = self.wirings.get(self.hierarchy.flow(flow).definition);
        wiring.connections.iter().map(move |connection| Hop { flow, connection })
    }

    /// The connections that start at a boundary.
    pub fn after(&self, boundary: Boundary) -> Vec<Hop<'run>> {
        match boundary {
            Boundary::Input(flow, input) => {
                let wiring = self.wirings.get(self.hierarchy.flow(flow).definition);
                wiring.from_input(input).map(|connection| Hop { flow, connection }).collect()
            }
            Boundary::Output(flow, output) => match self.hierarchy.flow(flow).parent {
                Some((flow, child)) => {
                    let wiring = self.wirings.get(self.hierarchy.flow(flow).definition);
                    wiring.from_child(child, output).map(|connection| Hop { flow, connection }).collect()
                }
                None => Vec::new(),
            },
        }
    }

    /// The connections that end at a boundary.
    pub fn before(&self, boundary: Boundary) -> Vec<Hop<'run>> {
        let (flow, end) = match boundary {
            Boundary::Input(flow, input) => match self.hierarchy.flow(flow).parent {
                Some((parent, child)) => (parent, End::FlowInput { child, input }),
                None => return Vec::new(),
            },
            Boundary::Output(flow, output) => (flow, End::Output(output)),
        };
        self.hops(flow).filter(|hop| hop.connection.to == end).collect()
    }

    /// The connections that end at an input of a function.
    pub fn before_input(&self, function: FunctionId, input: usize) -> Vec<Hop<'run>> {
        let place = self.hierarchy.function(function);
        let end = End::FunctionInput { child: place.child, input };
        self.hops(place.flow).filter(|hop| hop.connection.to == end).collect()
    }

    /// The connections that start at a function, at its outputs or at copies of its inputs.
    pub fn after_function(&self, function: FunctionId) -> Vec<Hop<'run>> {
        let place = self.hierarchy.function(function);
        let is_start = |hop: &Hop<'_>| match hop.connection.from {
            Start::FunctionOutput { child } | Start::FunctionInput { child, .. } => child == place.child,
            Start::Input(_) | Start::FlowOutput { .. } => false,
        };
        self.hops(place.flow).filter(is_start).collect()
    }

    /// The chains that begin with a connection, in the order in which values are sent, with those that pass each
    /// boundary on the way.
    pub fn onward(&self, first: Hop<'run>) -> Walk<'run> {
        self.walk(vec![first], Direction::Forward)
    }

    /// The chains that end with a connection, with those that begin at each boundary on the way.
    pub fn backward(&self, last: Hop<'run>) -> Walk<'run> {
        self.walk(vec![last], Direction::Backward)
    }

    fn walk(&self, first: Vec<Hop<'run>>, direction: Direction) -> Walk<'run> {
        Walk {
            tracer: *self,
            direction,
            levels: vec![first.into_iter()],
            trail: Vec::new(),
            passed: Vec::new(),
        }
    }

    /// What a connection leads to.
    pub fn end(&self, hop: Hop<'run>) -> Option<Place> {
        match hop.connection.to {
            End::Output(output) => Some(Place::Boundary(Boundary::Output(hop.flow, output))),
            End::FlowInput { child, input } => match self.child(hop.flow, child)? {
                Process::Flow(sub) => Some(Place::Boundary(Boundary::Input(sub, input))),
                Process::Function(_) | Process::Replaced => None,
            },
            End::FunctionInput { child, input } => {
                self.function(hop.flow, child).map(|id| Place::Input(id, input))
            }
        }
    }

    /// What a connection comes from.
    pub fn start(&self, hop: Hop<'run>) -> Option<Place> {
        match hop.connection.from {
            Start::Input(input) => Some(Place::Boundary(Boundary::Input(hop.flow, input))),
            Start::FlowOutput { child, output } => match self.child(hop.flow, child)? {
                Process::Flow(sub) => Some(Place::Boundary(Boundary::Output(sub, output))),
                Process::Function(_) | Process::Replaced => None,
            },
            Start::FunctionOutput { child } => {
                let id = self.function(hop.flow, child)?;
                Some(Place::Output(id, self.output_of(id, hop.connection)?))
            }
            Start::FunctionInput { child, input } => {
                self.function(hop.flow, child).map(|id| Place::Input(id, input))
            }
        }
    }

    /// Which output a connection reads. Its pointer holds the output's name and then the steps into the value.
    fn output_of(&self, function: FunctionId, connection: &Connection) -> Option<usize> {
        let mut name = connection.selector.pointer.as_str();
        for _ in 0..connection.selector.steps {
            name = name.rsplit_once('/').map_or("", |(before, _)| before);
        }
        let name = name.strip_prefix('/').unwrap_or(name);
        let definition =
            &self.hierarchy.definitions.get(self.hierarchy.function(function).definition).definition;
        definition.outputs().iter().position(|output| output.name.value == name)
    }

    fn child(&self, flow: FlowId, child: usize) -> Option<Process> {
        self.hierarchy.flow(flow).children.get(child).copied()
    }

    fn function(&self, flow: FlowId, child: usize) -> Option<FunctionId> {
        match self.child(flow, child)? {
            Process::Function(function) => Some(function),
            Process::Flow(_) | Process::Replaced => None,
        }
    }

    /// The input or output at a place.
    pub fn io(&self, place: Place) -> Option<&'run IoDefinition> {
        let hierarchy = self.hierarchy;
        let of_function = |id| &hierarchy.definitions.get(hierarchy.function(id).definition).definition;
        match place {
            Place::Boundary(Boundary::Input(flow, number)) => {
                hierarchy.flow_definition(flow).definition.inputs().get(number)
            }
            Place::Boundary(Boundary::Output(flow, number)) => {
                hierarchy.flow_definition(flow).definition.outputs().get(number)
            }
            Place::Input(id, number) => of_function(id).inputs().get(number),
            Place::Output(id, number) => of_function(id).outputs().get(number),
        }
    }

    /// The route of a place.
    pub fn route(&self, place: Place) -> Route {
        let process = match place {
            Place::Boundary(Boundary::Input(flow, _) | Boundary::Output(flow, _)) => {
                self.hierarchy.flow_route(flow)
            }
            Place::Input(id, _) | Place::Output(id, _) => {
                self.hierarchy.function_route(self.hierarchy.function(id))
            }
        };
        process.join(self.io(place).map_or("", |io| &io.name.value))
    }

    /// The initializer that an input or output of a flow has in this use.
    pub fn initializer(&self, boundary: Boundary) -> Option<Placed<Initializer>> {
        match boundary {
            Boundary::Input(flow, input) => self.hierarchy.flow_input_initializer(flow, input),
            Boundary::Output(flow, output) => {
                let loaded = self.hierarchy.flow_definition(flow);
                let fixed = loaded.definition.outputs().get(output)?.initializer.clone()?;
                Some(Placed::new(fixed, loaded.source))
            }
        }
    }
}

/// An input or output in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Of a flow.
    Boundary(Boundary),
    /// An input of a function, by position.
    Input(FunctionId, usize),
    /// An output of a function, by position.
    Output(FunctionId, usize),
}

/// A walk along connections, depth first. Lists stand for the recursion.
#[derive(Debug)]
pub struct Walk<'run> {
    tracer: Tracer<'run>,
    direction: Direction,
    levels: Vec<std::vec::IntoIter<Hop<'run>>>,
    /// The connections that led to the levels above the first.
    trail: Vec<Hop<'run>>,
    /// The boundaries that they ended at.
    passed: Vec<Boundary>,
}

impl<'run> Iterator for Walk<'run> {
    type Item = Chain<'run>;

    fn next(&mut self) -> Option<Chain<'run>> {
        loop {
            let Some(hop) = self.levels.last_mut()?.next() else {
                self.levels.pop();
                self.trail.pop();
                self.passed.pop();
                continue;
            };
            let place = match self.direction {
                Direction::Forward => self.tracer.end(hop),
                Direction::Backward => self.tracer.start(hop),
            };
            let mut hops = self.trail.clone();
            hops.push(hop);
            let reached = match place {
                None => continue,
                Some(Place::Input(id, _) | Place::Output(id, _)) => Reached::Function(id),
                Some(Place::Boundary(boundary)) if self.passed.contains(&boundary) => {
                    Reached::Circle(boundary)
                }
                Some(Place::Boundary(boundary)) => {
                    let next = match self.direction {
                        Direction::Forward => self.tracer.after(boundary),
                        Direction::Backward => self.tracer.before(boundary),
                    };
                    let goes_on = !next.is_empty();
                    self.levels.push(next.into_iter());
                    self.trail.push(hop);
                    self.passed.push(boundary);
                    Reached::Boundary { boundary, goes_on }
                }
            };
            if self.direction == Direction::Backward {
                hops.reverse();
            }
            return Some(Chain { hops, reached });
        }
    }
}
