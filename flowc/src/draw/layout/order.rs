//! Who stands above whom: in columns, and at the edges of boxes.

use super::dense::Dense;
use super::network::{Anchor, Network};
use super::position::places;

/// As many lines as are tried in all orders of neighbours.
const MOST_LINES: usize = 3000;
/// As many pairs of lines as are compared for one pair of neighbours.
const MOST_PAIRS: usize = 400;

/// For each item its lines to the column before and to the one behind.
struct Neighbours {
    before: Dense<Vec<Line>>,
    behind: Dense<Vec<Line>>,
    /// Boxes and lanes of the same column that are joined by a turn, and whether at the right.
    beside: Dense<Vec<(usize, bool)>>,
}

/// A line by its other end.
#[derive(Clone, Copy)]
struct Line {
    there: (usize, Anchor),
}

fn neighbours(network: &Network) -> Neighbours {
    let count = network.items.len();
    let (mut before, mut behind) = (Dense::of(Vec::new(), count), Dense::of(Vec::new(), count));
    let mut beside = Dense::of(Vec::new(), count);
    for edge in 0..network.chains.len() {
        for link in network.links(edge) {
            let (left, right) = (link.left.0, link.right.0);
            if network.items[left].column < network.items[right].column {
                behind[left].push(Line { there: link.right });
                before[right].push(Line { there: link.left });
            } else if network.items[left].column == network.items[right].column {
                let is_right = matches!(link.right.1, Anchor::Output(_));
                beside[left].push((right, is_right));
                beside[right].push((left, is_right));
            }
        }
    }
    Neighbours { before, behind, beside }
}

/// Puts every item near the middle of those it is joined with, column by column, there and back.
pub(super) fn settle(network: &mut Network) {
    let neighbours = neighbours(network);
    let mut positions = places(network);
    let count = network.columns.len();
    for sweep in 0..6 {
        for step in 0..count {
            let is_forth = sweep % 2 == 0;
            let column = if is_forth { step } else { count - 1 - step };
            let lines = if is_forth { &neighbours.before } else { &neighbours.behind };
            let key = |item: usize| {
                let lines = &lines[item];
                if lines.is_empty() {
                    return positions[item] as f64;
                }
                lines.iter().map(|line| positions[line.there.0] as f64).sum::<f64>() / lines.len() as f64
            };
            let mut keyed: Vec<(f64, usize)> =
                network.columns[column].iter().map(|item| (key(*item), *item)).collect();
            keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
            network.columns[column] = keyed.into_iter().map(|(_, item)| item).collect();
            for (position, item) in network.columns[column].iter().enumerate() {
                positions[*item] = position;
            }
        }
    }
}

/// Turns the whole upside down; no line crosses another more often.
pub(super) fn turn_over(network: &mut Network) {
    network.columns.iter_mut().for_each(|column| column.reverse());
}

/// How often lines cross, and how many nodes stand above one that is defined before them: people look for the first
/// process at the top.
pub(super) fn cost(network: &Network) -> (usize, usize) {
    let nodes = network.shapes.len();
    let neighbours = neighbours(network);
    let positions = places(network);
    let (mut crossed, mut falling) = (0, 0);
    for column in network.columns.iter() {
        let defined: Vec<usize> = column.iter().copied().filter(|item| *item < nodes).collect();
        falling += defined.iter().zip(defined.iter().skip(1)).filter(|(one, other)| one > other).count();
        // All pairs of a large column are too many to look at.
        for (position, first) in column.iter().enumerate().take(MOST_PAIRS) {
            for second in column.iter().take(MOST_PAIRS).skip(position + 1) {
                crossed += crossings(network, &positions, &neighbours.behind, *first, *second);
            }
        }
        for (first, second) in column.iter().zip(column.iter().skip(1)) {
            crossed += turned_across(&positions, &neighbours, *first, *second);
        }
    }
    (crossed, falling)
}

/// Exchanges neighbours as long as that makes lines cross less often.
pub(super) fn exchange(network: &mut Network) {
    let lines: usize = network.chains.iter().map(|chain| chain.pieces.len() + 1).sum();
    if lines > MOST_LINES {
        return;
    }
    let neighbours = neighbours(network);
    let mut positions = places(network);
    for _ in 0..8 {
        let mut is_better = false;
        for column in 0..network.columns.len() {
            for upper in 1..network.columns[column].len() {
                let (Some(one), Some(other)) = (
                    network.columns[column].get(upper - 1).copied(),
                    network.columns[column].get(upper).copied(),
                ) else {
                    continue;
                };
                let cost = |first: usize, second: usize| {
                    crossings(network, &positions, &neighbours.before, first, second)
                        + crossings(network, &positions, &neighbours.behind, first, second)
                        + turned_across(&positions, &neighbours, first, second)
                };
                if cost(other, one) < cost(one, other) {
                    network.columns[column].swap(upper - 1, upper);
                    positions[one] = upper;
                    positions[other] = upper - 1;
                    is_better = true;
                }
            }
        }
        if !is_better {
            break;
        }
    }
}

/// How many lines of two items cross on one side, if the first stands above the second.
fn crossings(
    network: &Network,
    positions: &Dense<usize>,
    lines: &Dense<Vec<Line>>,
    first: usize,
    second: usize,
) -> usize {
    let (first, second) = (&lines[first], &lines[second]);
    if first.len() * second.len() > MOST_PAIRS {
        return 0;
    }
    let place = |line: &Line| (positions[line.there.0], network.offset(line.there.0, line.there.1));
    let crosses =
        |one: &Line, other: &Line| place(one).partial_cmp(&place(other)) == Some(std::cmp::Ordering::Greater);
    first.iter().map(|one| second.iter().filter(|other| crosses(one, other)).count()).sum()
}

/// How many lines of two items are crossed by a turn of the other, if the first stands above the second.
fn turned_across(positions: &Dense<usize>, neighbours: &Neighbours, first: usize, second: usize) -> usize {
    let lines = |item: usize, is_right: bool| {
        if is_right { neighbours.behind[item].len() } else { neighbours.before[item].len() }
    };
    let (above, below) = (positions[first].min(positions[second]), positions[first].max(positions[second]));
    let is_above = |(other, _): &&(usize, bool)| positions[*other] < above;
    let is_below = |(other, _): &&(usize, bool)| positions[*other] > below;
    let up = neighbours.beside[second].iter().filter(is_above).map(|(_, is_right)| lines(first, *is_right));
    let down = neighbours.beside[first].iter().filter(is_below).map(|(_, is_right)| lines(second, *is_right));
    up.chain(down).sum()
}

/// Puts the ports of every box into the order of what they are joined with.
pub(super) fn order_ports(network: &mut Network) {
    let positions = places(network);
    let nodes = network.shapes.len();
    let (mut inputs, mut outputs) = (Dense::of(Vec::new(), nodes), Dense::of(Vec::new(), nodes));
    for edge in 0..network.chains.len() {
        for link in network.links(edge) {
            for (here, there) in [(link.left, link.right), (link.right, link.left)] {
                let is_beside = network.items[here.0].column == network.items[there.0].column;
                let place = if is_beside {
                    // A lane in the same column: ports near it, those farthest from it first.
                    let distance = positions[there.0] as f64 - positions[here.0] as f64;
                    distance.signum() * (1e9 - distance.abs())
                } else {
                    network.height(there)
                };
                match here.1 {
                    Anchor::Input(port) => inputs[here.0].push((port, place)),
                    Anchor::Output(port) => outputs[here.0].push((port, place)),
                    Anchor::Line => {}
                }
            }
        }
    }
    for node in 0..nodes {
        let shape = &mut network.shapes[node];
        if !shape.is_fixed {
            arrange(&mut shape.inputs, &inputs[node]);
            arrange(&mut shape.outputs, &outputs[node]);
        }
    }
}

/// Gives the places of ports to the ports in the order of the means of what they are joined with. One that is joined
/// with nothing stays behind the one it is defined behind.
fn arrange(ports: &mut Dense<f64>, joined: &[(usize, f64)]) {
    let mut slots: Vec<f64> = ports.0.clone();
    slots.sort_by(f64::total_cmp);
    let (mut sums, mut counts) = (Dense::of(0.0, ports.len()), Dense::of(0.0, ports.len()));
    for (port, place) in joined {
        sums[*port] += place;
        counts[*port] += 1.0;
    }
    let mut last = f64::NEG_INFINITY;
    let mut keyed = Vec::with_capacity(ports.len());
    for port in 0..ports.len() {
        if counts[port] > 0.0 {
            last = sums[port] / counts[port];
        }
        keyed.push((last, port));
    }
    keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
    for ((_, port), slot) in keyed.into_iter().zip(slots) {
        ports[port] = slot;
    }
}
