//! What is reached through each boundary: the functions at the ends of all chains behind it.
//!
//! Paths may part and meet again at every boundary, so there can be vastly more paths than connections. Boundaries are
//! worked out once, from the last to the first. What leads nowhere is left out, and where there is no choice the way is
//! shortened to the next place that has one; so following a boundary costs no more than what is found.

use crate::chain::{Boundary, Chains};
use crate::connect::{Connection, Selector};
use crate::hierarchy::{FlowId, FunctionId};
use std::collections::HashMap;

/// The ways behind all boundaries that something leads through.
#[derive(Debug)]
pub struct Reach<'run> {
    ways: HashMap<Boundary, Way>,
    hops: Vec<Hop<'run>>,
}

/// What lies behind one boundary.
#[derive(Debug, Default)]
struct Way {
    /// How many paths there are to functions.
    ends: u64,
    /// In the order of the connections.
    branches: Vec<Branch>,
}

#[derive(Clone, Copy, Debug)]
struct Branch {
    /// What is selected on the way there: a position in the list of hops.
    hops: Option<usize>,
    to: Target,
}

#[derive(Clone, Copy, Debug)]
enum Target {
    Function(FunctionId, usize),
    /// A boundary with more than one branch.
    Boundary(Boundary),
}

/// A selector and those behind it. Ways that share their end share the list.
#[derive(Debug)]
struct Hop<'run> {
    selector: &'run Selector,
    next: Option<usize>,
}

/// A function input at the end of a chain.
#[derive(Debug)]
pub struct Reached<'run> {
    /// The function.
    pub function: FunctionId,
    /// Which of its inputs.
    pub input: usize,
    /// What the connections behind the boundary select; those that select nothing are left out.
    pub trail: Vec<&'run Selector>,
}

/// A boundary that is being worked out.
struct Open<'run> {
    boundary: Boundary,
    flow: FlowId,
    connections: std::vec::IntoIter<&'run Connection>,
    way: Way,
}

impl<'run> Open<'run> {
    fn new(chains: Chains<'run>, boundary: Boundary) -> Open<'run> {
        let (flow, connections) = chains.behind(boundary);
        Open { boundary, flow, connections, way: Way::default() }
    }
}

impl<'run> Reach<'run> {
    /// Works out what values reach; the chains that they take must not lead in circles.
    pub fn new(chains: Chains<'run>) -> Reach<'run> {
        let mut reach = Reach { ways: HashMap::new(), hops: Vec::new() };
        for flow in &chains.hierarchy.order {
            for connection in &chains.wirings.get(chains.hierarchy.flow(*flow).definition).connections {
                if let Some(boundary) = chains.boundary(*flow, connection.to)
                    && chains.brings_values(*flow, connection)
                {
                    reach.work_out(chains, boundary);
                }
            }
        }
        reach
    }

    /// A list of what is open stands for the recursion, so that deep trees do not need a deep stack.
    fn work_out(&mut self, chains: Chains<'run>, boundary: Boundary) {
        if self.ways.contains_key(&boundary) {
            return;
        }
        let mut open = vec![Open::new(chains, boundary)];
        while let Some(top) = open.last_mut() {
            let Some(connection) = top.connections.as_slice().first() else {
                self.ways.extend(open.pop().map(|done| (done.boundary, done.way)));
                continue;
            };
            let next = chains.boundary(top.flow, connection.to);
            let found = match (chains.function_at(top.flow, connection.to), next) {
                (Some((function, input)), _) => {
                    Some((1, Branch { hops: None, to: Target::Function(function, input) }))
                }
                (None, Some(next)) => match self.ways.get(&next) {
                    Some(Way { branches, .. }) if branches.is_empty() => None,
                    Some(Way { branches, .. }) if let [only] = branches.as_slice() => {
                        Some((self.ends(next), *only))
                    }
                    Some(_) => Some((self.ends(next), Branch { hops: None, to: Target::Boundary(next) })),
                    None => {
                        // The connection is looked at again when this one is known.
                        open.push(Open::new(chains, next));
                        continue;
                    }
                },
                (None, None) => None,
            };
            if let Some((ends, mut branch)) = found {
                if !connection.selector.pointer.is_empty() {
                    self.hops.push(Hop { selector: &connection.selector, next: branch.hops });
                    branch.hops = Some(self.hops.len() - 1);
                }
                top.way.ends = top.way.ends.saturating_add(ends);
                top.way.branches.push(branch);
            }
            top.connections.next();
        }
    }

    /// How many paths lead from a boundary to functions.
    pub fn ends(&self, boundary: Boundary) -> u64 {
        self.ways.get(&boundary).map_or(0, |way| way.ends)
    }

    /// All function inputs behind a boundary, depth first in the order of the connections; one that is reached on
    /// several paths comes as often.
    pub fn follow(&self, boundary: Boundary) -> Follow<'_, 'run> {
        let mut follow = Follow { reach: self, levels: Vec::new(), trail: Vec::new() };
        follow.enter(boundary);
        follow
    }
}

/// The function inputs behind a boundary.
pub struct Follow<'reach, 'run> {
    reach: &'reach Reach<'run>,
    /// The branches that are still to be taken, and how long the trail is before them.
    levels: Vec<(std::slice::Iter<'reach, Branch>, usize)>,
    trail: Vec<&'run Selector>,
}

impl Follow<'_, '_> {
    fn enter(&mut self, boundary: Boundary) {
        let branches = self.reach.ways.get(&boundary).map_or(&[][..], |way| way.branches.as_slice());
        self.levels.push((branches.iter(), self.trail.len()));
    }
}

impl<'run> Iterator for Follow<'_, 'run> {
    type Item = Reached<'run>;

    fn next(&mut self) -> Option<Reached<'run>> {
        loop {
            let (branches, length) = self.levels.last_mut()?;
            self.trail.truncate(*length);
            let Some(branch) = branches.next() else {
                self.levels.pop();
                continue;
            };
            let mut next = branch.hops;
            while let Some(hop) = next.and_then(|hop| self.reach.hops.get(hop)) {
                self.trail.push(hop.selector);
                next = hop.next;
            }
            match branch.to {
                Target::Function(function, input) => {
                    return Some(Reached { function, input, trail: self.trail.clone() });
                }
                Target::Boundary(boundary) => self.enter(boundary),
            }
        }
    }
}
