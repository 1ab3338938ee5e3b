//! How far down everything is: edges as straight as the order in the columns allows.

use super::dense::Dense;
use super::network::{Network, Piece};

/// How often all columns are gone through, looking at one side; and then looking at both.
const ONE_SIDED: usize = 10;
const TWO_SIDED: usize = 12;
/// The same for a network of more items than this.
const LARGE: usize = 5000;
const ROUGH: usize = 4;

/// A line, seen from one of its ends: who is at the other, how far below its upper edge this end should be, how much that
/// matters.
#[derive(Clone, Copy)]
struct Pull {
    other: usize,
    shift: f64,
    weight: f64,
    side: Side,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    Behind,
    Beside,
}

/// Gives every item its place in its column.
pub(super) fn position(network: &mut Network) {
    stack(network);
    let pulls = pulls(network);
    let count = network.columns.len();
    let is_large = network.items.len() > LARGE;
    let (one_sided, two_sided) = if is_large { (ROUGH, ROUGH) } else { (ONE_SIDED, TWO_SIDED) };
    for round in 0..one_sided + two_sided {
        for step in 0..count {
            let column = if round % 2 == 0 { step } else { count - 1 - step };
            let side = match round {
                _ if round >= one_sided => None,
                _ if round % 2 == 0 => Some(Side::Before),
                _ => Some(Side::Behind),
            };
            place(network, column, &pulls, side);
        }
    }
    tighten(network);
    straighten(network);
    let top = network.items.iter().map(|item| item.top).fold(f64::INFINITY, f64::min);
    network.items.iter_mut().for_each(|item| item.top -= top);
}

/// Moves every edge that runs back as near to its boxes as there is room. Its pieces hold each other where they are, so
/// they have to move together.
fn tighten(network: &mut Network) {
    let place = places(network);
    let lanes: Vec<usize> = (0..network.chains.len()).filter(|edge| network.chains[*edge].is_back).collect();
    // Who moves makes room for the next one.
    for edge in (0..3).flat_map(|_| lanes.iter().copied()) {
        let pieces = network.chains[edge].pieces.clone();
        let links = network.links(edge);
        let (Some(first), Some(last)) = (links.first(), links.last()) else { continue };
        let wish = network.height(first.left) + network.height(last.right)
            - network.height(first.right)
            - network.height(last.left);
        let room = pieces
            .iter()
            .map(|piece| room(network, &place, *piece, wish > 0.0))
            .fold(f64::INFINITY, f64::min);
        let step = if wish > 0.0 { room } else { -room };
        if room.is_finite() && room > 0.0 {
            pieces.into_iter().for_each(|piece| network.items[piece].top += step);
        }
    }
}

/// Differences in height that look like mistakes.
const ODD: f64 = 9.0;

/// Makes edges level that nearly are, where there is room.
fn straighten(network: &mut Network) {
    let place = places(network);
    for edge in 0..network.chains.len() {
        for link in network.links(edge) {
            let (left, right) = (link.left.0, link.right.0);
            if network.items[left].column == network.items[right].column {
                continue;
            }
            let step = network.height(link.left) - network.height(link.right);
            let is_odd = step != 0.0 && step.abs() < ODD;
            let is_passing = |item: usize| network.items[item].piece != Piece::Node;
            if is_odd && is_passing(right) && room(network, &place, right, step > 0.0) >= step.abs() {
                network.items[right].top += step;
            } else if is_odd && is_passing(left) && room(network, &place, left, step < 0.0) >= step.abs() {
                network.items[left].top -= step;
            }
        }
    }
}

/// Where in its column each item is.
pub(super) fn places(network: &Network) -> Dense<usize> {
    let mut places = Dense::of(0, network.items.len());
    for column in network.columns.iter() {
        for (position, item) in column.iter().enumerate() {
            places[*item] = position;
        }
    }
    places
}

/// How far an item can be moved.
fn room(network: &Network, place: &Dense<usize>, item: usize, is_down: bool) -> f64 {
    let column = &network.columns[network.items[item].column];
    let next = if is_down { place[item].checked_add(1) } else { place[item].checked_sub(1) };
    let Some(next) = next.and_then(|next| column.get(next)).copied() else { return f64::INFINITY };
    let (upper, lower) = if is_down { (item, next) } else { (next, item) };
    let bottom = network.items[upper].top + network.items[upper].height;
    network.items[lower].top - bottom - network.gap(upper, lower)
}

/// All columns packed, their middles at the same height.
fn stack(network: &mut Network) {
    for column in 0..network.columns.len() {
        let items = network.columns[column].clone();
        let starts = starts(network, &items);
        let total = items.last().map_or(0.0, |last| network.items[*last].height)
            + starts.last().copied().unwrap_or(0.0);
        for (item, start) in items.into_iter().zip(starts) {
            network.items[item].top = start - total / 2.0;
        }
    }
}

/// How far below the first each item of a column is at least.
fn starts(network: &Network, items: &[usize]) -> Vec<f64> {
    let mut starts = Vec::with_capacity(items.len());
    let mut next = 0.0;
    let mut above: Option<usize> = None;
    for item in items {
        if let Some(above) = above {
            next += network.items[above].height + network.gap(above, *item);
        }
        starts.push(next);
        above = Some(*item);
    }
    starts
}

fn pulls(network: &Network) -> Dense<Vec<Pull>> {
    let mut pulls: Dense<Vec<Pull>> = Dense::of(Vec::new(), network.items.len());
    for edge in 0..network.chains.len() {
        for link in network.links(edge) {
            let (left, right) = (link.left.0, link.right.0);
            let shift = network.offset(left, link.left.1) - network.offset(right, link.right.1);
            let boxes =
                [left, right].into_iter().filter(|item| network.items[*item].piece == Piece::Node).count();
            let weight = match boxes {
                0 => 8.0,
                1 => 2.0,
                _ => 1.0,
            };
            let (before, behind, weight) = if network.items[left].column == network.items[right].column {
                (Side::Beside, Side::Beside, 0.3)
            } else {
                (Side::Before, Side::Behind, weight)
            };
            pulls[right].push(Pull { other: left, shift, weight, side: before });
            pulls[left].push(Pull { other: right, shift: -shift, weight, side: behind });
        }
    }
    pulls
}

/// Items that touch each other, and where each of them would like the first to be.
struct Block {
    wishes: Vec<(f64, f64)>,
    place: f64,
    count: usize,
}

impl Block {
    fn new(wishes: Vec<(f64, f64)>, count: usize) -> Block {
        let place = median(&wishes);
        Block { wishes, place, count }
    }
}

/// Places the items of a column where their lines want them; items that would overlap are moved together, to where most
/// of their lines want them.
fn place(network: &mut Network, column: usize, pulls: &Dense<Vec<Pull>>, side: Option<Side>) {
    let items = network.columns[column].clone();
    let starts = starts(network, &items);
    let mut blocks: Vec<Block> = Vec::new();
    for (item, start) in items.iter().zip(&starts) {
        let counts = |pull: &&Pull| side.is_none_or(|side| pull.side == side || pull.side == Side::Beside);
        let wish = |pull: &Pull| (network.items[pull.other].top + pull.shift, pull.weight);
        let wishes: Vec<(f64, f64)> = pulls[*item].iter().filter(counts).map(wish).collect();
        let is_free = wishes.is_empty();
        let wished = if is_free { network.items[*item].top } else { median(&wishes) };
        let weight = if is_free { 0.05 } else { wishes.iter().map(|wish| wish.1).sum() };
        let mut block = Block::new(vec![(wished - start, weight)], 1);
        while let Some(above) = blocks.pop() {
            if above.place <= block.place {
                blocks.push(above);
                break;
            }
            let count = above.count + block.count;
            block = Block::new([above.wishes, block.wishes].concat(), count);
        }
        blocks.push(block);
    }
    let places = blocks.iter().flat_map(|block| std::iter::repeat_n(block.place, block.count));
    for ((item, start), place) in items.iter().zip(&starts).zip(places) {
        network.items[*item].top = place + start;
    }
}

/// As many wishes as are sorted; of more the mean does.
const MOST_WISHES: usize = 300;

/// The weighted median: most of those that ask are satisfied entirely. Between two equal halves, the middle.
fn median(wishes: &[(f64, f64)]) -> f64 {
    let total: f64 = wishes.iter().map(|wish| wish.1).sum();
    if wishes.len() > MOST_WISHES {
        return wishes.iter().map(|wish| wish.0 * wish.1).sum::<f64>() / total;
    }
    let mut sorted = wishes.to_vec();
    sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut below = 0.0;
    let mut sorted = sorted.into_iter().peekable();
    while let Some((place, weight)) = sorted.next() {
        below += weight;
        if below > total / 2.0 + 1e-9 {
            return place;
        }
        if below > total / 2.0 - 1e-9 {
            return sorted.peek().map_or(place, |next| f64::midpoint(place, next.0));
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_of_those_that_ask_are_satisfied() {
        assert_eq!(median(&[(5.0, 1.0)]), 5.0);
        assert_eq!(median(&[(9.0, 1.0), (1.0, 1.0), (5.0, 1.0)]), 5.0);
        assert_eq!(median(&[(1.0, 1.0), (5.0, 3.0)]), 5.0);
        assert_eq!(median(&[(1.0, 1.0), (5.0, 1.0)]), 3.0);
    }
}
