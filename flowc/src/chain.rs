//! Chains of connections: what lies behind the boundary that a connection ends at.

use crate::connect::{Connection, End, Start, Wirings};
use crate::diagnostics::{Code, Diagnostic, Failed, Report, way};
use crate::hierarchy::{FlowId, FunctionId, Hierarchy, Process};
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
    fn start(&self, flow: FlowId, start: &Start) -> Option<Boundary> {
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
    /// never end. Every connection between boundaries is looked at once.
    ///
    /// # Errors
    ///
    /// Fails if there are such circles; each is reported with the boundaries it passes.
    pub fn check_circles(&self, report: &mut Report) -> Result<(), Failed> {
        let mut marks = HashMap::new();
        for flow in &self.hierarchy.order {
            for connection in &self.wirings.get(self.hierarchy.flow(*flow).definition).connections {
                let start = self.start(*flow, &connection.from).filter(|start| !marks.contains_key(start));
                if let Some(start) = start {
                    self.search(start, &mut marks, report);
                }
            }
        }
        report.end_stage(())
    }

    fn search(&self, start: Boundary, marks: &mut HashMap<Boundary, Mark>, report: &mut Report) {
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
                    let passed: Vec<Boundary> = passed.chain([next]).collect();
                    let routes = way(&passed, |boundary| self.route(*boundary));
                    let message = format!("connections lead in a circle without any function: {routes}");
                    let source = self.hierarchy.flow_definition(flow).source;
                    let diagnostic = Diagnostic::new(Code::E027, message);
                    report.add(diagnostic.at(source, definition, "here the circle closes"));
                }
            }
        }
    }

    fn route(&self, boundary: Boundary) -> String {
        let (Boundary::Input(flow, number) | Boundary::Output(flow, number)) = boundary;
        let definition = &self.hierarchy.flow_definition(flow).definition;
        let ios = match boundary {
            Boundary::Input(..) => definition.inputs(),
            Boundary::Output(..) => definition.outputs(),
        };
        let name = ios.get(number).map_or("", |io| &io.name.value);
        self.hierarchy.flow_route(flow).join(name).into()
    }
}
