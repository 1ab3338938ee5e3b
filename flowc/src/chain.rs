//! Chains of connections: what lies behind the boundary that a connection ends at.

use crate::connect::{Connection, End, Start, Wirings};
use crate::diagnostics::{Code, Diagnostic, Failed, Mistake, Placed, Report, way};
use crate::hierarchy::{FlowId, FunctionId, Hierarchy, Process};
use flowcore::Initializer;
use std::collections::HashMap;

/// A boundary that a chain passes: an input or output of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Boundary {
    /// An input, by position; a chain goes on inside the flow.
    Input(FlowId, usize),
    /// An output, by position; a chain goes on around the flow.
    Output(FlowId, usize),
}

/// The connections of the whole tree.
#[derive(Clone, Copy, Debug)]
pub struct Chains<'run> {
    /// The tree.
    pub hierarchy: &'run Hierarchy,
    /// The connections of each flow in it.
    pub wirings: &'run Wirings,
}

/// Whether a boundary was met by the search for circles.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    OnPath,
    Done,
}

impl<'run> Chains<'run> {
    /// The function input that a connection in a flow ends at, if it ends at one.
    pub fn function_at(&self, flow: FlowId, end: End) -> Option<(FunctionId, usize)> {
        let End::FunctionInput { child, input } = end else { return None };
        match self.hierarchy.flow(flow).children.get(child)? {
            Process::Function(function) => Some((*function, input)),
            Process::Flow(_) | Process::Replaced => None,
        }
    }

    /// The boundary that a connection in a flow ends at, if it ends at one.
    pub fn boundary(&self, flow: FlowId, end: End) -> Option<Boundary> {
        match end {
            End::Output(output) => Some(Boundary::Output(flow, output)),
            End::FlowInput { child, input } => Some(Boundary::Input(self.sub_flow(flow, child)?, input)),
            End::FunctionInput { .. } => None,
        }
    }

    /// The boundary that a connection in a flow starts at, if it starts at one.
    pub fn start(&self, flow: FlowId, start: &Start) -> Option<Boundary> {
        match start {
            Start::Input(input) => Some(Boundary::Input(flow, *input)),
            Start::FlowOutput { child, output } => {
                Some(Boundary::Output(self.sub_flow(flow, *child)?, *output))
            }
            Start::FunctionOutput { .. } | Start::FunctionInput { .. } => None,
        }
    }

    fn sub_flow(&self, flow: FlowId, child: usize) -> Option<FlowId> {
        match self.hierarchy.flow(flow).children.get(child)? {
            Process::Flow(sub) => Some(*sub),
            Process::Function(_) | Process::Replaced => None,
        }
    }

    /// The connections behind a boundary, in their order, and the flow they are in.
    pub fn behind(&self, boundary: Boundary) -> (FlowId, std::vec::IntoIter<&'run Connection>) {
        let (flow, connections): (FlowId, Vec<&'run Connection>) = match boundary {
            Boundary::Input(flow, input) => {
                let wiring = self.wirings.get(self.hierarchy.flow(flow).definition);
                (flow, wiring.from_input(input).collect())
            }
            Boundary::Output(flow, output) => match self.hierarchy.flow(flow).parent {
                Some((parent, child)) => {
                    let wiring = self.wirings.get(self.hierarchy.flow(parent).definition);
                    (parent, wiring.from_child(child, output).collect())
                }
                None => (flow, Vec::new()),
            },
        };
        (flow, connections.into_iter())
    }

    /// Checks that no chain leads back to where it has been: values in it would never arrive, and following it would
    /// never end. A circle that nothing enters is only a warning: nothing is ever followed into it. Every connection
    /// between boundaries is looked at once.
    ///
    /// # Errors
    ///
    /// Fails if there are such circles; each is reported with the boundaries it passes.
    pub fn check_circles(&self, report: &mut Report) -> Result<(), Failed> {
        let mut marks = HashMap::new();
        let mut unentered = Vec::new();
        for flow in &self.hierarchy.order {
            for connection in &self.wirings.get(self.hierarchy.flow(*flow).definition).connections {
                let start = self.start(*flow, &connection.from);
                if self.brings_values(*flow, connection) {
                    let entered = start.or_else(|| self.boundary(*flow, connection.to));
                    self.search(entered, Code::E027, &mut marks, report);
                } else {
                    unentered.extend(start);
                }
            }
        }
        for start in unentered {
            self.search(Some(start), Code::W033, &mut marks, report);
        }
        report.end_stage(())
    }

    /// Whether values start on their way at this connection: from a function, or from an initializer. Others only pass on
    /// what comes to them.
    pub fn brings_values(&self, flow: FlowId, connection: &Connection) -> bool {
        self.start(flow, &connection.from).is_none_or(|start| self.initializer_at(start).is_some())
    }

    /// The initializer of an input or output of a flow.
    pub fn initializer_at(&self, boundary: Boundary) -> Option<Placed<Initializer>> {
        match boundary {
            Boundary::Input(flow, input) => self.hierarchy.flow_input_initializer(flow, input),
            Boundary::Output(flow, output) => {
                let loaded = self.hierarchy.flow_definition(flow);
                let fixed = loaded.definition.outputs().get(output)?.initializer.clone()?;
                Some(Placed::new(fixed, loaded.source))
            }
        }
    }

    /// Reports the circles that are reached from a boundary and were not met before.
    fn search(
        &self,
        start: Option<Boundary>,
        code: Code,
        marks: &mut HashMap<Boundary, Mark>,
        report: &mut Report,
    ) {
        let Some(start) = start.filter(|start| !marks.contains_key(start)) else { return };
        let mut path = vec![(start, self.behind(start))];
        marks.insert(start, Mark::OnPath);
        while let Some((boundary, (flow, connections))) = path.last_mut() {
            let Some(connection) = connections.next() else {
                marks.insert(*boundary, Mark::Done);
                path.pop();
                continue;
            };
            let (flow, definition) = (*flow, connection.to_span);
            let Some(next) = self.boundary(flow, connection.to) else { continue };
            match marks.get(&next) {
                None => {
                    marks.insert(next, Mark::OnPath);
                    path.push((next, self.behind(next)));
                }
                Some(Mark::Done) => {}
                Some(Mark::OnPath) => {
                    let passed =
                        path.iter().map(|(boundary, _)| *boundary).skip_while(|boundary| *boundary != next);
                    let at = (self.hierarchy.flow_definition(flow).source, definition);
                    let mistake = Mistake { code, at, with: at };
                    report.add_use(
                        mistake,
                        || self.route(next),
                        || {
                            let passed: Vec<Boundary> = passed.chain([next]).collect();
                            let routes = way(&passed, |boundary| self.route(*boundary));
                            let message =
                                format!("connections lead in a circle without any function: {routes}");
                            Diagnostic::new(code, message).at(at.0, at.1, "here the circle closes").help(
                                "values only come from functions: let one take part, or open the circle"
                                    .to_owned(),
                            )
                        },
                    );
                }
            }
        }
    }

    fn route(&self, boundary: Boundary) -> String {
        let (Boundary::Input(flow, number) | Boundary::Output(flow, number)) = boundary;
        let definition = &self.hierarchy.flow_definition(flow).definition;
        let (direction, ios) = match boundary {
            Boundary::Input(..) => ("input", definition.inputs()),
            Boundary::Output(..) => ("output", definition.outputs()),
        };
        let name = ios.get(number).map_or("", |io| &io.name.value);
        format!("{direction} {}", self.hierarchy.flow_route(flow).join(name))
    }
}
