//! What the less obvious signs mean, of those that occur.

use super::super::layout::shape::{SMALL, value_width};
use super::super::scene::{Drawing, Occasion};
use super::super::text;
use super::markup::{Length, Markup};
use super::node::field;

/// The height of the line.
pub(super) const HEIGHT: f64 = 18.0;

/// A sign and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Once,
    Always,
    Copy,
}

impl Entry {
    fn words(self) -> &'static str {
        match self {
            Entry::Once => "given once, at the start",
            Entry::Always => "given for every job",
            Entry::Copy => "a copy of what came in",
        }
    }

    fn sign_width(self) -> f64 {
        match self {
            Entry::Once | Entry::Always => value_width(VALUE),
            Entry::Copy => 30.0,
        }
    }

    fn width(self) -> f64 {
        self.sign_width() + 7.0 + text::width(self.words(), SMALL) + 22.0
    }
}

const VALUE: &str = "value";

/// The entries for a drawing.
pub(super) fn entries(drawing: &Drawing) -> Vec<Entry> {
    let nodes = || drawing.scenes.iter().flat_map(|scene| &scene.nodes);
    let gives = |occasion: Occasion| {
        let mut ports = nodes().flat_map(|node| node.inputs.iter().chain(&node.outputs));
        ports.any(|port| port.initializer.as_ref().is_some_and(|value| value.occasion == occasion))
    };
    let is_copied = || drawing.scenes.iter().flat_map(|scene| &scene.edges).any(|edge| edge.is_copy);
    let mut entries = Vec::new();
    entries.extend(gives(Occasion::Once).then_some(Entry::Once));
    entries.extend(gives(Occasion::Always).then_some(Entry::Always));
    entries.extend(is_copied().then_some(Entry::Copy));
    entries
}

/// The width of the line.
pub(super) fn width(entries: &[Entry]) -> f64 {
    entries.iter().map(|entry| entry.width()).sum()
}

/// Draws the line.
pub(super) fn draw(markup: &mut Markup, entries: &[Entry], left: f64, top: f64) {
    let (mut x, y) = (left, top + HEIGHT / 2.0);
    for entry in entries {
        match entry {
            Entry::Once | Entry::Always => {
                let class = if *entry == Entry::Once { "once" } else { "always" };
                markup.line(format_args!(r#"<g class="{class}">"#));
                field(markup, x, y, VALUE);
            }
            Entry::Copy => {
                let (from, to, y) = (Length(x), Length(x + 30.0), Length(y));
                markup.line(format_args!(r#"<g class="edge copy"><path d="M{from} {y} H{to}"/>"#));
            }
        }
        markup.line(format_args!("</g>"));
        markup.text("small", x + entry.sign_width() + 7.0, y + 4.0, entry.words());
        x += entry.width();
    }
}
