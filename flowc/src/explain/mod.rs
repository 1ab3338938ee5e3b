//! Tells people how values get to a place in a flow, and from it: every edge there with each of its connections.
//!
//! It needs no graph, so it also explains flows in which the graph is what is wrong.

mod find;
mod picture;

use crate::chain::Boundary;
use crate::connect::Wirings;
use crate::diagnostics::{Diagnostic, Placed, Sources};
use crate::hierarchy::Hierarchy;
use crate::initialize::types;
use crate::positions::Positions;
use crate::trace::{Chain, Hop, Place, Reached, Tracer};
use find::{Target, find, places_of, route_of};
use flowcore::Initializer;
use flowcore::value::Pointer;
use picture::Picture;
use std::fmt::Write;

/// As many edges as are shown at one place.
const MOST_SHOWN: usize = 100;

/// The longest text of a value that is shown whole.
const LONGEST_VALUE: usize = 60;

/// Explains the process, input or output that a route names.
///
/// # Errors
///
/// Fails if there is none; the diagnostic says what is near.
pub fn explain(
    route: &str,
    hierarchy: &Hierarchy,
    wirings: &Wirings,
    sources: &Sources,
) -> Result<String, Box<Diagnostic>> {
    let targets = find(hierarchy, route)?;
    let tracer = Tracer { hierarchy, wirings };
    let mut explainer = Explainer { tracer, positions: Positions::new(sources), text: String::new() };
    for target in targets {
        explainer.target(target);
    }
    Ok(explainer.text)
}

struct Explainer<'run> {
    tracer: Tracer<'run>,
    positions: Positions<'run>,
    text: String,
}

/// Where on a path the place is that is explained.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Start,
    Middle,
    End,
}

/// Connections that follow one another, from where values come into being or are missed to where they are used or lost.
struct Path<'run> {
    hops: Vec<Hop<'run>>,
    from: Place,
    to: Place,
    circle: bool,
}

impl<'run> Explainer<'run> {
    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn target(&mut self, target: Target) {
        if !self.text.is_empty() {
            self.line("");
        }
        let hierarchy = self.tracer.hierarchy;
        let title = match target {
            Target::Place(place) => return self.place(place),
            Target::Flow(flow) => {
                let loaded = hierarchy.flow_definition(flow);
                let name = &loaded.definition.name().value;
                format!("flow '{name}', {}", self.positions.file(loaded.source))
            }
            Target::Function(id) => {
                let function = hierarchy.function(id);
                let (loaded, _) = hierarchy.function_definition(function);
                let child = hierarchy.child(function.flow, function.child);
                let reference = child.and_then(|child| child.reference.as_ref()).map(ToString::to_string);
                let whence = reference.unwrap_or_else(|| self.positions.file(loaded.source).to_string());
                format!("function '{}', {whence}", loaded.definition.name().value)
            }
        };
        self.line(&format!("{}: {title}", route_of(hierarchy, target)));
        for (place, _) in places_of(hierarchy, target) {
            self.line("");
            self.place(place);
        }
    }

    fn place(&mut self, place: Place) {
        let io = self.tracer.io(place);
        let what = match place {
            Place::Input(..) => "input of a function",
            Place::Output(..) => "output of a function",
            Place::Boundary(Boundary::Input(..)) => "input of a flow",
            Place::Boundary(Boundary::Output(..)) => "output of a flow",
        };
        let types = io.map(types).unwrap_or_default();
        let unnamed = if io.is_some_and(|io| io.name.value.is_empty()) { "unnamed " } else { "" };
        self.line(&format!("{}: {unnamed}{what}, {types}", self.tracer.route(place)));
        self.values(place);
        match place {
            Place::Input(id, input) => {
                let arriving = self.arriving(&self.tracer.before_input(id, input), place);
                self.paths(arriving, Side::End, "no connection ends here");
                // A loop back to the same input has been shown.
                let copies = self.leaving(place).into_iter().filter(|path| path.to != place);
                let copies: Vec<Path<'_>> = copies.collect();
                if !copies.is_empty() {
                    self.paths(copies, Side::Start, "");
                }
            }
            Place::Output(..) => {
                let leaving = self.leaving(place);
                self.paths(leaving, Side::Start, "no connection starts here: nobody uses these values");
            }
            Place::Boundary(boundary) => {
                let passing = self.passing(boundary);
                self.paths(passing, Side::Middle, "no connection ends or starts here");
            }
        }
    }

    /// What leads to a place by connections that end there.
    fn arriving(&self, last: &[Hop<'run>], to: Place) -> Vec<Path<'run>> {
        let chains = last.iter().flat_map(|hop| self.tracer.backward(*hop)).filter(is_whole);
        chains
            .take(MOST_SHOWN + 1)
            .filter_map(|chain| self.path(chain.hops, chain.reached, None, Some(to)))
            .collect()
    }

    /// What leads away from an output of a function, or from a copy of an input.
    fn leaving(&self, from: Place) -> Vec<Path<'run>> {
        let (Place::Input(id, _) | Place::Output(id, _)) = from else { return Vec::new() };
        let first = self.tracer.after_function(id).into_iter();
        let first = first.filter(|hop| self.tracer.start(*hop) == Some(from));
        let chains = first.flat_map(|hop| self.tracer.onward(hop)).filter(is_whole);
        chains
            .take(MOST_SHOWN + 1)
            .filter_map(|chain| self.path(chain.hops, chain.reached, Some(from), None))
            .collect()
    }

    /// What leads through an input or output of a flow: everything before it with everything behind it.
    fn passing(&self, boundary: Boundary) -> Vec<Path<'run>> {
        let here = Place::Boundary(boundary);
        let (before, after) = (self.tracer.before(boundary), self.tracer.after(boundary));
        let arriving = self.arriving(&before, here);
        let chains = after.iter().flat_map(|hop| self.tracer.onward(*hop)).filter(is_whole);
        let leaving = chains.take(MOST_SHOWN + 1);
        let leaving: Vec<_> =
            leaving.filter_map(|chain| self.path(chain.hops, chain.reached, Some(here), None)).collect();
        if arriving.is_empty() || leaving.is_empty() {
            return arriving.into_iter().chain(leaving).collect();
        }
        let pairs = arriving.iter().flat_map(|one| leaving.iter().map(move |other| (one, other)));
        let join = |(one, other): (&Path<'run>, &Path<'run>)| Path {
            hops: [one.hops.as_slice(), other.hops.as_slice()].concat(),
            from: one.from,
            to: other.to,
            circle: one.circle || other.circle,
        };
        pairs.take(MOST_SHOWN + 1).map(join).collect()
    }

    fn path(
        &self,
        hops: Vec<Hop<'run>>,
        reached: Reached,
        from: Option<Place>,
        to: Option<Place>,
    ) -> Option<Path<'run>> {
        let from = from.or_else(|| self.tracer.start(*hops.first()?))?;
        let to = to.or_else(|| self.tracer.end(*hops.last()?))?;
        Some(Path { hops, from, to, circle: matches!(reached, Reached::Circle(_)) })
    }

    fn paths(&mut self, paths: Vec<Path<'run>>, side: Side, otherwise: &str) {
        if paths.is_empty() {
            return self.line(&format!("  {otherwise}"));
        }
        for path in paths.iter().take(MOST_SHOWN) {
            self.line("");
            let summary = self.summary(path, side);
            self.line(&format!("  {summary}"));
            self.picture(&path.hops, path.from);
        }
        if paths.len() > MOST_SHOWN {
            self.line(&format!("\n  and more: only the first {MOST_SHOWN} are shown"));
        }
    }

    /// One line about a path.
    fn summary(&mut self, path: &Path<'_>, side: Side) -> String {
        let route = |place| self.tracer.route(place);
        if path.circle {
            return format!("leads in a circle through {} without any function", route(path.to));
        }
        let root = self.tracer.hierarchy.root();
        match (path.from, path.to) {
            (from, Place::Boundary(Boundary::Output(flow, _))) if flow == root => {
                format!("leaves the root flow: from {}", route(from))
            }
            (from, Place::Boundary(to)) => {
                let whose = match to {
                    Boundary::Input(..) => "nothing inside that flow uses its input",
                    Boundary::Output(..) => "nothing around that flow uses its output",
                };
                format!("leads nowhere: from {} to {}, and {whose}", route(from), route(path.to))
            }
            (Place::Boundary(from), to) => {
                if let Some(value) = self.tracer.initializer(from) {
                    let narrowed = shown(&narrowed(&value, &path.hops));
                    let at = self.positions.of(value.source, value.span);
                    return format!("initial value of a flow: {narrowed}, {at}");
                }
                let whose = match from {
                    Boundary::Input(flow, _) if flow == root => {
                        return format!("comes from outside the root flow: to {}", route(to));
                    }
                    Boundary::Input(..) => "nothing around that flow is connected to its input",
                    Boundary::Output(..) => "nothing inside that flow is connected to its output",
                };
                format!("brings no values: from {} to {}, and {whose}", route(path.from), route(to))
            }
            (Place::Input(from, _) | Place::Output(from, _), to) => {
                let hierarchy = self.tracer.hierarchy;
                let from = hierarchy.function_route(hierarchy.function(from));
                let ends = match side {
                    Side::Start => format!("to {}", route(to)),
                    Side::Middle => format!("from {from} to {}", route(to)),
                    Side::End => format!("from {from}"),
                };
                let part = match path.from {
                    Place::Input(..) => "a copy of what it took, ".to_owned(),
                    _ => selected(&path.hops).map(|part| format!("part {part}, ")).unwrap_or_default(),
                };
                let way = match path.hops.len().saturating_sub(1) {
                    0 => "one connection (internal)".to_owned(),
                    1 => "through 1 boundary (external)".to_owned(),
                    crossed => format!("through {crossed} boundaries (external)"),
                };
                format!("edge {ends}: {part}{way}")
            }
        }
    }

    /// The initial values at a place: its own, and those that connections bring.
    fn values(&mut self, place: Place) {
        let hierarchy = self.tracer.hierarchy;
        let (own, before) = match place {
            Place::Output(..) => return,
            Place::Input(id, input) => {
                let function = hierarchy.function(id);
                let child = hierarchy.child(function.flow, function.child);
                let own = child.and_then(|child| child.initializers.get(input)?.clone());
                (own, self.tracer.before_input(id, input))
            }
            Place::Boundary(boundary) => (self.tracer.initializer(boundary), self.tracer.before(boundary)),
        };
        // A value that nothing but connections away from here are concerned with shows with these.
        let is_shown_below = match place {
            Place::Boundary(boundary) => before.is_empty() && !self.tracer.after(boundary).is_empty(),
            Place::Input(..) | Place::Output(..) => false,
        };
        if let Some(own) = own.filter(|_| !is_shown_below) {
            let at = self.positions.of(own.source, own.span);
            self.line(&format!("  starts with {}, {at}", shown(&own.value)));
        }
        let chains: Vec<Chain<'_>> =
            before.into_iter().flat_map(|hop| self.tracer.backward(hop)).take(MOST_SHOWN).collect();
        for chain in chains {
            // Where nothing leads on, the value is all that the chain brings, and it shows as that.
            let Reached::Boundary { boundary, goes_on: true } = chain.reached else { continue };
            let Some(brought) = self.tracer.initializer(boundary) else { continue };
            let at = self.positions.of(brought.source, brought.span);
            let value = shown(&narrowed(&brought, &chain.hops));
            self.line("");
            self.line(&format!("  initial value of a flow: {value}, {at}"));
            self.picture(&chain.hops, Place::Boundary(boundary));
        }
    }

    /// Every place that values pass with its types and what was selected so far, and between them the connections.
    fn picture(&mut self, hops: &[Hop<'run>], from: Place) {
        let mut picture = Picture::default();
        let mut pointer = String::new();
        let types_of = |place| self.tracer.io(place).map(types).unwrap_or_default();
        picture.place(self.tracer.route(from).as_str(), &types_of(from), "");
        for hop in hops {
            let loaded = self.tracer.hierarchy.flow_definition(hop.flow);
            let written = loaded.as_flow().and_then(|flow| flow.connections.get(hop.connection.definition));
            let to =
                written.and_then(|written| written.to.iter().find(|to| to.span == hop.connection.to_span));
            if let (Some(written), Some(to)) = (written, to) {
                let mut at = self.positions.of(loaded.source, to.span).to_string();
                if !written.name.value.is_empty() {
                    // Writing to a text cannot fail.
                    write!(at, " '{}'", written.name.value).ok();
                }
                picture.connection(&written.from.value, &to.value, &at);
            }
            pointer.push_str(&hop.connection.selector.pointer);
            if let Some(place) = self.tracer.end(*hop) {
                picture.place(self.tracer.route(place).as_str(), &types_of(place), &pointer);
            }
        }
        self.text.push_str(&picture.finish());
    }
}

/// Whether a chain goes as far as there are connections.
fn is_whole(chain: &Chain<'_>) -> bool {
    !matches!(chain.reached, Reached::Boundary { goes_on: true, .. })
}

/// All that is selected along connections.
fn selected(hops: &[Hop<'_>]) -> Option<String> {
    let pointer: String = hops.iter().map(|hop| hop.connection.selector.pointer.as_str()).collect();
    Some(pointer).filter(|pointer| !pointer.is_empty())
}

/// What is left of a value after the selections on its way; where there is no such part, it stays as it is.
fn narrowed(initializer: &Placed<Initializer>, hops: &[Hop<'_>]) -> Initializer {
    let mut narrowed = initializer.value.clone();
    for hop in hops {
        if let Some(part) = Pointer::parse(&hop.connection.selector.pointer).select(narrowed.value()).cloned()
        {
            narrowed = narrowed.with_value(part);
        }
    }
    narrowed
}

/// An initializer as it is written in definitions, shortened if it is long.
fn shown(initializer: &Initializer) -> String {
    let kind = match initializer {
        Initializer::Once(_) => "once",
        Initializer::Always(_) => "always",
    };
    let text = initializer.value().to_string();
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{kind} {}...", text.get(..end).unwrap_or_default()),
        None => format!("{kind} {text}"),
    }
}
